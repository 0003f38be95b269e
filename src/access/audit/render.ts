import { clientSystem } from '../../fhir/provenance.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import { type ActCode, acts, isAct } from './acts.ts';
import type { KeptEntry, Outcome } from './entry.ts';
import type { KeptEvent } from './find.ts';

const dcm = 'http://dicom.nema.org/resources/ontology/DCM';
const balp = 'https://profiles.ihe.net/ITI/BALP/CodeSystem';
const hl7 = 'http://terminology.hl7.org/CodeSystem';

/** R4, audit-event-outcome: success, minor failure (refused), serious failure (a fault). */
export const outcomeCodes: Readonly<Record<Outcome, '0' | '4' | '8'>> = { success: '0', refused: '4', failed: '8' };

/** An entry as an AuditEvent by IHE BALP. Made when it is asked for: what is kept is much smaller. */
export function renderEvent({ seq, patients, entry }: KeptEvent, baseUrl: string): r4.AuditEvent {
  const code = codeOf(entry.act);
  const purposes = purposesOf(entry, patients);
  return {
    resourceType: 'AuditEvent',
    id: seq,
    meta: { versionId: '1', lastUpdated: entry.at },
    type: typeCoding(code),
    subtype: [subtypeCoding(code)],
    action: code.action,
    recorded: entry.at,
    outcome: outcomeCodes[entry.outcome],
    ...(entry.status !== undefined && { outcomeDesc: `HTTP ${entry.status}` }),
    ...(purposes.length > 0 && { purposeOfEvent: purposes }),
    agent: [...personAgent(entry, code), clientAgent(entry, code), serverAgent(code, baseUrl)],
    source: {
      observer: { identifier: { system: 'urn:ietf:rfc:3986', value: baseUrl }, display: 'Careweave' },
      type: [{ system: `${hl7}/security-source-type`, code: '4', display: 'Application Server' }],
    },
    entity: entitiesOf(entry, patients),
  };
}

export function codeOf(act: string): ActCode {
  return isAct(act) ? acts[act] : acts.none;
}

export function typeCoding({ type }: ActCode): r4.Coding {
  return type === 'rest' ? { system: `${hl7}/audit-event-type`, code: 'rest' } : { system: dcm, code: type };
}

export function subtypeCoding({ type, subtype }: ActCode): r4.Coding {
  if (type === 'rest') return { system: 'http://hl7.org/fhir/restful-interaction', code: subtype };
  return { system: subtype.startsWith('ITI-') ? 'urn:ihe:event-type-code' : dcm, code: subtype };
}

/** True when it was through break-the-glass (PP-61). */
export function isEmergency({ emergency, opened = [] }: KeptEntry, patients: readonly string[]): boolean {
  return emergency === true || opened.some((id) => patients.includes(id));
}

function purposesOf(entry: KeptEntry, patients: readonly string[]): r4.CodeableConcept[] {
  const codes = new Set([...(entry.purpose ?? []), ...(isEmergency(entry, patients) ? ['BTG'] : [])]);
  return [...codes].map((code) => ({ coding: [{ system: `${hl7}/v3-ActReason`, code }] }));
}

const tokenUrn = (token: string) => `urn:ietf:params:oauth:jti:${token}`;
const policyUrn = (policy: string) => `urn:careweave:privacy-policy:${encodeURIComponent(policy)}`;

function policiesOf({ token, policy }: KeptEntry): { policy?: string[] } {
  const policies = [
    ...(token === undefined ? [] : [tokenUrn(token)]),
    ...(policy === undefined ? [] : [policyUrn(policy)]),
  ];
  return policies.length > 0 ? { policy: policies } : {};
}

function networkOf({ address }: KeptEntry): { network?: r4.AuditEventAgentNetwork } {
  return address === undefined ? {} : { network: { address, type: '2' } };
}

/** The person behind the client, by the token that spoke for them. */
function personAgent(entry: KeptEntry, { action }: ActCode): r4.AuditEventAgent[] {
  if (entry.person === undefined) return [];
  const isOurs = /^(Practitioner|PractitionerRole|Patient|RelatedPerson)\/[A-Za-z0-9\-.]{1,64}$/.test(entry.person);
  const receives = action === 'R' || action === 'E';
  const participation = { system: `${hl7}/v3-ParticipationType`, code: receives ? 'IRCP' : 'AUT' };
  return [
    {
      type: { coding: [{ system: `${balp}/UserAgentTypes`, code: 'UserOauthAgent' }, participation] },
      who: isOurs ? { reference: entry.person } : { identifier: { value: entry.person } },
      requestor: true,
      ...policiesOf(entry),
    },
  ];
}

/** BALP: who sends what is asked or written is the source, who gets what is read the destination; deleting moves nothing. */
const roles = {
  C: { client: '110153', server: '110152' },
  U: { client: '110153', server: '110152' },
  E: { client: '110153', server: '110152' },
  R: { client: '110152', server: '110153' },
  D: { client: '110150', server: '110150' },
} as const;

function clientAgent(entry: KeptEntry, { action }: ActCode): r4.AuditEventAgent {
  const isPerson = entry.person !== undefined;
  return {
    type: { coding: [{ system: dcm, code: roles[action].client }] },
    who:
      entry.client === undefined
        ? { display: 'unknown' }
        : { identifier: { system: clientSystem, value: entry.client } },
    requestor: !isPerson,
    ...(!isPerson && policiesOf(entry)),
    ...networkOf(entry),
  };
}

function serverAgent({ action }: ActCode, baseUrl: string): r4.AuditEventAgent {
  return {
    type: { coding: [{ system: dcm, code: roles[action].server }] },
    who: { identifier: { system: 'urn:ietf:rfc:3986', value: baseUrl }, display: 'Careweave' },
    requestor: false,
  };
}

const entityType = (code: string): r4.Coding => ({ system: `${hl7}/audit-entity-type`, code });
const entityRole = (code: string): r4.Coding => ({ system: `${hl7}/object-role`, code });

function entitiesOf(entry: KeptEntry, patients: readonly string[]): r4.AuditEventEntity[] {
  const ofPatients = patients.map((id) => ({
    what: { reference: `Patient/${id}` },
    type: entityType('1'),
    role: entityRole('1'),
  }));
  const known = new Set(patients.map((id) => `Patient/${id}`));
  const touched = (entry.touched ?? [])
    .filter((reference) => !known.has(reference))
    .map((reference) => ({ what: { reference }, type: entityType('2'), role: entityRole('4') }));
  const more = entry.more === undefined ? [] : [{ type: entityType('2'), description: `and ${entry.more} more` }];
  const query =
    entry.query === undefined ? [] : [{ type: entityType('2'), role: entityRole('24'), query: entry.query }];
  const detail = entry.detail === undefined ? [] : [{ type: entityType('4'), name: entry.detail }];
  const request =
    entry.request === undefined
      ? []
      : [
          {
            what: { identifier: { system: `${canonicalBase}/request-id`, value: entry.request } },
            type: { system: `${balp}/BasicAuditEntityType`, code: 'XrequestId' },
          },
        ];
  return [...request, ...ofPatients, ...touched, ...more, ...query, ...detail];
}
