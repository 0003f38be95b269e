import type { Resource } from '../../fhir/types.ts';
import { bandForSelf } from './age.ts';
import type { Policy } from './compile.ts';
import { asGiven, denialOf, isPrivacyConsent, proxyConsent, referenceOf } from './consent.ts';
import { classOf, isMinorToOthers } from './family-view.ts';
import { flagFacts } from './flags.ts';
import { isWithin } from './period.ts';

/** A child's records of who is who, as they are stored now. */
export interface WhoIsWho {
  patient: Resource;
  relatedPersons: readonly Resource[];
  consents: readonly Resource[];
  flags: readonly Resource[];
}

/**
 * Those who may decide now what of the child is shared with an organization: proxies of a basis that says so, whom no court and no denial keeps
 * away; and the young person, once the policy gives an account.
 */
export function decidersOf(child: WhoIsWho, policy: Policy, now: Date): ReadonlySet<string> {
  const { patient } = child;
  const { timeZone } = policy.document;
  const id = patient.id ?? '';
  const flags = flagFacts(child.flags, policy, now);
  const consents = child.consents.filter((consent) => isPrivacyConsent(consent, id));
  const denied = consents
    .flatMap((consent) => denialOf(consent, policy, now) ?? [])
    .map((denial) => asGiven(denial, isMinorToOthers(patient, flags, policy, now), policy))
    .filter(({ everything }) => everything);
  const isKept = (name: string) =>
    flags.restricted === 'everybody' ||
    (flags.restricted !== 'nobody' && flags.restricted.has(name)) ||
    denied.some(({ actors }) => actors.length === 0 || actors.includes(name) || actors.includes(''));
  const people = new Set(
    child.relatedPersons
      .filter(({ active, period }) => active !== false && isWithin(period, now, timeZone) === true)
      .filter((person) => referenceOf(person.patient) === `Patient/${id}`)
      .map((person) => `RelatedPerson/${person.id ?? ''}`),
  );
  const proxies = consents
    .flatMap((consent) => proxyConsent(consent, policy, now) ?? [])
    .filter(
      ({ basis }) => Object.hasOwn(policy.document.bases, basis) && policy.document.bases[basis]?.decides === true,
    )
    .filter((grant) => (classOf(grant, { patient, flags }, policy, now)?.grants.length ?? 0) > 0)
    .flatMap(({ actors }) => actors)
    .filter((name) => people.has(name) && !isKept(name));
  const isOldEnough = flags.emancipated === 'yes' || bandForSelf(patient.birthDate, policy.document, now) !== 'child';
  return new Set([...proxies, ...(isOldEnough ? [`Patient/${id}`] : [])]);
}
