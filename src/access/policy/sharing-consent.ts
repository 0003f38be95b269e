import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Policy } from './compile.ts';
import { codings, exclusions, hasForeignParts, labelBits, list, proxyBasisSystem, referenceOf } from './consent.ts';
import { isWithin } from './period.ts';

/** What a family allows an organization. */
export interface SharingConsent {
  /** `Organization/…`, `Practitioner/…`, `PractitionerRole/…`. */
  actors: readonly string[];
  /** Codes of v3-ActReason; undefined: for whatever the partner is there for. */
  purposes?: readonly string[];
  /** Resource types; undefined: what the kind of partner is given. */
  types?: ReadonlySet<string>;
  /** Categories that it opens, and those that stay closed all the same. */
  opens: bigint;
  excludes: bigint;
  /** References of who gave it. */
  performers: readonly string[];
}

/** Category of a consent to disclose to an organization (v3-ActCode; Gravity SDOH Clinical Care). */
export const disclosureCode = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IDSCL' };

/** A consent about what is shared with organizations, and about nothing else: it makes nobody a proxy. */
export function isSharing(consent: Resource): boolean {
  const isDisclosure = codings(consent.category, disclosureCode.system).includes(disclosureCode.code);
  return isDisclosure && codings(consent.category, proxyBasisSystem).length === 0;
}

const purposeSystem = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
const typeSystem = 'http://hl7.org/fhir/resource-types';
const known: ReadonlySet<string> = new Set([
  ...['id', 'type', 'period', 'actor', 'purpose', 'class', 'securityLabel', 'provision'],
]);

/** The leave that a consent is for an organization, in force now; undefined otherwise (Gravity SDOH Clinical Care, consent; decision D17). */
export function sharingConsent(consent: Resource, policy: Policy, now: Date): SharingConsent | undefined {
  const period = isObject(consent.provision) ? consent.provision.period : undefined;
  return isWithin(period, now, policy.document.timeZone) === true ? readSharing(consent, policy) : undefined;
}

/** The same whenever it is in force. As with a proxy's, whatever narrows it in a way that is not read here makes it none. */
export function readSharing(consent: Resource, policy: Policy): SharingConsent | undefined {
  const { provision } = consent;
  if (!isObject(provision) || provision.type !== 'permit' || hasForeignParts(consent)) return undefined;
  if (!Object.keys(provision).every((name) => known.has(name))) return undefined;
  const opens = labelBits(provision.securityLabel, policy);
  const excludes = exclusions(provision.provision, policy);
  const purposes = codes(provision.purpose, purposeSystem);
  const types = codes(provision.class, typeSystem);
  if (opens === undefined || excludes === undefined || purposes === undefined || types === undefined) return undefined;
  const actors = list(provision.actor).flatMap((one) => (isObject(one) ? (referenceOf(one.reference) ?? []) : []));
  return {
    actors,
    ...(purposes.length > 0 && { purposes }),
    ...(types.length > 0 && { types: new Set(types) }),
    opens,
    excludes,
    performers: list(consent.performer).flatMap((one) => referenceOf(one) ?? []),
  };
}

/** The codes of some Codings; undefined when one is of another system. */
function codes(values: unknown, system: string): string[] | undefined {
  const all = codings({ coding: list(values) });
  const found = codings({ coding: list(values) }, system);
  return found.length === all.length && all.length === list(values).length ? found : undefined;
}
