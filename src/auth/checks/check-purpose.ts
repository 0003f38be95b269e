import { peekJwt } from '../../base/jwt.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { refuse } from '../refusal.ts';
import { type Check, settled } from './exchange.ts';

/** v3-PurposeOfUse, as a URI and as the OID that UDAP writes. */
const systems: readonly string[] = [
  'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  'urn:oid:2.16.840.1.113883.5.8',
];
const most = 10;

/**
 * PP-54: a request may say for what the token is, within what the client is registered for: `purpose_of_use` in the form (codes, by spaces), or,
 * of a client that signs, `extensions.hl7-b2b.purpose_of_use` of its assertion (UDAP Security 1.0, B2B authorization extension: `system#code`).
 * Both must say the same. An app of a person, and a machine, say nothing more by leaving it out: the token is then for all that is registered.
 */
export const checkPurpose: Check = (exchange) => {
  const { parameters } = exchange;
  const client = settled(exchange.client, 'client');
  const inForm = parameters.one('purpose_of_use')?.split(' ');
  // Whose signature was checked: the client that signed it is the one that asks.
  const signed = client.type === 'asymmetric' ? inAssertion(parameters.one('client_assertion')) : undefined;
  if (inForm === undefined && signed === undefined) return undefined;
  const wanted = [...new Set(inForm ?? signed)].map((text) => codeOf(text));
  const refused = refuse('invalid_request', 'purpose_of_use is none for which this client is registered.', 'purpose');
  if (wanted.length === 0 || wanted.length > most || !wanted.every((code) => client.purposes.includes(code)))
    return refused;
  const said = new Set(signed?.map(codeOf));
  if (inForm && signed && (said.size !== wanted.length || !wanted.every((code) => said.has(code)))) return refused;
  exchange.purposes = wanted;
  return undefined;
};

/** Undefined where the assertion says nothing of it; what cannot be read is a purpose that nobody has. */
function inAssertion(assertion: string | undefined): string[] | undefined {
  const { extensions } = (assertion === undefined ? undefined : peekJwt(assertion))?.claims ?? {};
  const b2b = isObject(extensions) ? extensions['hl7-b2b'] : undefined;
  if (!isObject(b2b) || b2b.purpose_of_use === undefined) return undefined;
  const { purpose_of_use: said } = b2b;
  return Array.isArray(said) ? said.map(String) : [''];
}

/** `TREAT`, `system|TREAT`, or `system#TREAT`; empty for a code of another system. */
function codeOf(text: string): string {
  const at = Math.max(text.lastIndexOf('#'), text.lastIndexOf('|'));
  if (at === -1) return text;
  return systems.includes(text.slice(0, at)) ? text.slice(at + 1) : '';
}
