import type { Resource } from '../../fhir/types.ts';
import type { Grant } from '../../store/types.ts';
import type { Redaction, View } from '../types.ts';
import { bandForOthers, bandForSelf } from './age.ts';
import type { AccessClass, Policy } from './compile.ts';
import {
  asGiven,
  codings,
  type Denial,
  denialOf,
  isPrivacyConsent,
  type ProxyConsent,
  proxyConsent,
  referenceOf,
} from './consent.ts';
import { everythingOut } from './everything-out.ts';
import type { AppClass, FamilyFacts } from './facts.ts';
import { type FlagFacts, flagFacts } from './flags.ts';
import { grantsOf } from './make-grants.ts';
import { isActive } from './period.ts';
import { placeTypes } from './whereabouts.ts';

const roleCode = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';

/** A class that applies to one patient, with what it hides there. */
interface Applied {
  patientId: string;
  of: AccessClass;
  hides: bigint;
  withoutWhereabouts: boolean;
  /** As whom the viewer is named in this patient's records. */
  me: readonly string[];
}

/** What a child's records say to the person who asks. */
interface Child {
  id: string;
  patient: Resource;
  isSelf: boolean;
  relatedPersons: readonly Resource[];
  consents: readonly Resource[];
  flags: FlagFacts;
}

/** The view of somebody of a family: of a proxy of one or several children, of the patient, or of both. */
export function familyView(facts: FamilyFacts, policy: Policy, types: ReadonlySet<string>, now: Date): View {
  const children = facts.patients.map((patient) => childOf(facts, patient, policy, now));
  const denied: string[] = [];
  const applied = children.flatMap((child) => {
    const denials = denialsOf(child, facts.app, policy, now);
    if (!child.isSelf && denials.some(({ everything }) => everything)) denied.push(child.id);
    else return [...selfClasses(child, policy, now), ...proxyClasses(child, denials, policy, now)];
    return [];
  });
  return viewOf(applied, denied, ownRecords(facts, policy, now), policy, types);
}

function childOf(facts: FamilyFacts, patient: Resource, policy: Policy, now: Date): Child {
  const id = patient.id ?? '';
  const isOf = (element: unknown) => referenceOf(element) === `Patient/${id}`;
  return {
    id,
    patient,
    isSelf: facts.selves.includes(id),
    relatedPersons: facts.relatedPersons.filter((one) => isOf(one.patient) && isActive(one, policy, now)),
    consents: facts.consents.filter((consent) => isPrivacyConsent(consent, id)),
    flags: flagFacts(
      facts.flags.filter(({ subject }) => isOf(subject)),
      policy,
      now,
    ),
  };
}

function denialsOf(child: Child, through: AppClass, policy: Policy, now: Date): Denial[] {
  const mine = new Set(child.relatedPersons.map(({ id }) => `RelatedPerson/${id ?? ''}`));
  const concerns = ({ actors, app }: Denial) =>
    (app === undefined || app === through) &&
    (actors.length === 0 || actors.some((actor) => actor === '' || mine.has(actor)));
  const isMinor = isMinorToOthers(child.patient, child.flags, policy, now);
  const consents = child.consents
    .flatMap((consent) => denialOf(consent, policy, now) ?? [])
    .filter(concerns)
    .map((denial) => asGiven(denial, isMinor, policy));
  const { restricted } = child.flags;
  const isRestricted =
    restricted === 'everybody' || (restricted !== 'nobody' && [...mine].some((one) => restricted.has(one)));
  const court = { actors: [], everything: true, hides: policy.all, isOwn: false, isRead: true, hidesPlace: true };
  return isRestricted ? [...consents, court] : consents;
}

/** Whoever might be of age is: what they deny holds whole. */
export function isMinorToOthers(patient: Resource, flags: Pick<FlagFacts, 'emancipated'>, policy: Policy, now: Date) {
  return flags.emancipated === 'no' && bandForOthers(patient.birthDate, policy.document, now) !== 'adult';
}

function selfClasses(child: Child, policy: Policy, now: Date): Applied[] {
  if (!child.isSelf) return [];
  const band = child.flags.emancipated === 'yes' ? 'adult' : bandForSelf(child.patient.birthDate, policy.document, now);
  const of = policy.classes.get(policy.document.self[band]);
  return of ? [{ patientId: child.id, of, hides: of.hides, withoutWhereabouts: false, me: meOf(child) }] : [];
}

function proxyClasses(child: Child, denials: readonly Denial[], policy: Policy, now: Date): Applied[] {
  const restricts = denials.reduce((sum, { hides }) => sum | hides, 0n);
  const grants = child.consents.flatMap((consent) => proxyConsent(consent, policy, now) ?? []);
  return child.relatedPersons.flatMap((person) =>
    grants
      .filter(({ actors }) => actors.includes(`RelatedPerson/${person.id ?? ''}`))
      .flatMap((grant) => {
        const of = classOf(grant, child, policy, now);
        if (!of) return [];
        const opened = (of.opens & grant.opens) | ownBits(person, policy);
        const hides = (of.hides & ~opened) | grant.excludes | restricts;
        return [
          {
            patientId: child.id,
            of,
            hides,
            withoutWhereabouts: denials.some(({ hidesPlace }) => hidesPlace) || child.flags.hasSafeAddress,
            me: meOf(child),
          },
        ];
      }),
  );
}

/** The records by which this child's records may name the viewer. */
function meOf({ id, isSelf, relatedPersons }: Child): string[] {
  return [...relatedPersons.map((person) => `RelatedPerson/${person.id ?? ''}`), ...(isSelf ? [`Patient/${id}`] : [])];
}

/** The class that a basis gives at the age that the child has now. */
export function classOf(
  { basis }: Pick<ProxyConsent, 'basis'>,
  { patient, flags }: Pick<Child, 'patient' | 'flags'>,
  policy: Policy,
  now: Date,
): AccessClass | undefined {
  const byAge = Object.hasOwn(policy.document.bases, basis) ? policy.document.bases[basis] : undefined;
  if (!byAge) return undefined;
  const isEmancipated = flags.emancipated !== 'no';
  const band = isEmancipated ? 'adult' : bandForOthers(patient.birthDate, policy.document, now);
  const diminished = flags.hasDiminishedCapacity && !isEmancipated;
  if (band === 'teen' && diminished) return policy.classes.get(byAge.diminished ?? byAge.teen);
  if (band === 'adult' && diminished) return policy.classes.get(byAge.diminishedAdult ?? byAge.adult);
  return policy.classes.get(byAge[band]);
}

/** Categories that this relationship may see because they are about the person themselves (the birth mother's own results). */
function ownBits(person: Resource, policy: Policy): bigint {
  const roles = new Set(codings(person.relationship, roleCode));
  let found = 0n;
  for (const [category, relationships] of Object.entries(policy.document.ownCategories)) {
    if (relationships.some((code) => roles.has(code))) found |= policy.bits.get(category) ?? 0n;
  }
  return found;
}

/** Everybody may read the record that says who they are. */
function ownRecords(facts: FamilyFacts, policy: Policy, now: Date): Grant[] {
  const ids = facts.relatedPersons.flatMap((one) => (isActive(one, policy, now) ? [one.id ?? []].flat() : []));
  if (ids.length === 0) return [];
  return [{ types: new Set(['RelatedPerson']), having: [{ param: '_id', anyOf: ids.map((code) => ({ code })) }] }];
}

function viewOf(
  applied: readonly Applied[],
  denied: readonly string[],
  own: readonly Grant[],
  policy: Policy,
  types: ReadonlySet<string>,
): View {
  const reachOf = ({ patientId, hides, withoutWhereabouts, me }: Applied) => ({
    patients: [patientId],
    except: denied,
    hides,
    me,
    ...(withoutWhereabouts && { without: placeTypes }),
  });
  const some = applied.filter(({ of }) => of.grants.length > 0);
  return {
    grants: [...some.flatMap((one) => grantsOf(one.of.grants, reachOf(one), types)), ...own],
    creates: some.flatMap((one) => grantsOf(one.of.creates ?? [], reachOf(one), types)),
    changes: some.flatMap((one) => grantsOf(one.of.changes ?? [], reachOf(one), types)),
    redaction: redactionOf(some),
    policy: policy.version,
  };
}

function redactionOf(applied: readonly Applied[]): Redaction {
  const rules: Redaction['rules'] = applied.map(({ patientId, of }) => ({
    patients: new Set([patientId]),
    rule: of.redaction ?? everythingOut,
  }));
  const withoutWhereabouts = applied.filter((one) => one.withoutWhereabouts).map(({ patientId }) => patientId);
  // Who is given nothing still reads who they are: without the child it is about, and without versions.
  if (rules.length === 0) return { rules: [{ patients: 'any', rule: everythingOut }], withoutWhereabouts };
  return { rules, withoutWhereabouts };
}
