import { isObject } from '../../fhir/search/walk-path.ts';
import type { Grant } from '../../store/types.ts';
import type { View } from '../types.ts';
import { bandForOthers } from './age.ts';
import { agreedBetween, keepsLabels } from './agreement.ts';
import type { AccessClass, ClassGrant, Policy } from './compile.ts';
import { type Denial, denialOf, isPrivacyConsent, referenceOf } from './consent.ts';
import type { PartnerDocument } from './document.ts';
import { everythingOut } from './everything-out.ts';
import { flagFacts } from './flags.ts';
import { grantsOf } from './make-grants.ts';
import { type Ground, type PartnerFacts, partnerKind } from './partner-facts.ts';
import { isActive, isWithin } from './period.ts';
import { type SharingConsent, sharingConsent } from './sharing-consent.ts';
import { placeTypes } from './whereabouts.ts';

/**
 * True for whoever works, or once worked, for a partner organization and has no place in one that is none. A system: once it is bound to any
 * organization by the command, or to a partner as which it acts in referrals.
 */
export function isPartner(facts: PartnerFacts, policy: Policy, now: Date): boolean {
  const kindOf = new Map(facts.organizations.map((one) => [`Organization/${one.id ?? ''}`, partnerKind(one)]));
  const isOfPartner = [...kindOf.values()].some((kind) => kind !== undefined);
  if (facts.person === undefined) return isOfPartner || facts.marks.length > 0;
  if (!isOfPartner && facts.marks.length === 0) return false;
  const isAtHome = (name: string | undefined) =>
    name !== undefined && kindOf.has(name) && kindOf.get(name) === undefined;
  return !facts.roles.some((role) => isActive(role, policy, now) && isAtHome(referenceOf(role.organization)));
}

/** One organization for which the viewer acts now. */
interface Acting {
  reference: string;
  rules: PartnerDocument;
  of: AccessClass;
  /** As whom the viewer is named in its behalf. */
  me: readonly string[];
}

/** A child of whom something is told, and what of it. */
export interface Told {
  patientId: string;
  hides: bigint;
  types?: ReadonlySet<string>;
  withoutWhereabouts: boolean;
}

/**
 * The view of a partner: of each child that it has to do with (a care team, a Task, an enrollment), while an agreement holds and, where its
 * kind needs it, a family's consent, the minimum that the policy gives to its kind. Nothing of anybody else, and of no other thing.
 */
export function partnerView(facts: PartnerFacts, policy: Policy, types: ReadonlySet<string>, now: Date): View {
  const acting = actingFor(facts, policy, now);
  const all = acting.map((one) => ({ one, told: childrenOf(one, facts, policy, now) }));
  const some = all.filter(({ told }) => told.length > 0);
  const made = (of: (one: AccessClass) => readonly ClassGrant[]) =>
    some.flatMap(({ one, told }) =>
      [...alike(told).values()].flatMap((same) => grantsFor(of(one.of), one, same, types)),
    );
  const withoutWhereabouts = [
    ...new Set(some.flatMap(({ told }) => told.flatMap((one) => (one.withoutWhereabouts ? [one.patientId] : [])))),
  ];
  const rules = some.map(({ one, told }) => ({
    patients: new Set(told.map(({ patientId }) => patientId)),
    rule: one.of.redaction ?? everythingOut,
  }));
  return {
    grants: [...made(({ grants }) => grants), ...ownRecords(facts, acting)],
    creates: made(({ creates = [] }) => creates),
    changes: made(({ changes = [] }) => changes),
    redaction: {
      rules: rules.length > 0 ? rules : [{ patients: 'any', rule: everythingOut }],
      withoutWhereabouts,
    },
    partner: { organizations: acting.map(({ reference }) => reference) },
    policy: policy.version,
  };
}

function actingFor(facts: PartnerFacts, policy: Policy, now: Date): Acting[] {
  const roles = facts.roles.filter((role) => isActive(role, policy, now));
  return facts.organizations.flatMap((organization) => {
    const reference = `Organization/${organization.id ?? ''}`;
    const own = roles.filter((role) => referenceOf(role.organization) === reference);
    const kind = partnerKind(organization);
    const partners = policy.document.partners ?? {};
    const rules = kind !== undefined && Object.hasOwn(partners, kind) ? partners[kind] : undefined;
    const of = rules && policy.classes.get(rules.class);
    // An organization that is over, and a role that is: nobody acts for it. Nor for a purpose for which its kind is told nothing.
    const purposes = narrowed(rules?.purposes ?? [], facts.purposes ?? []);
    if (
      !rules ||
      !of ||
      purposes.length === 0 ||
      organization.active === false ||
      (facts.person !== undefined && own.length === 0)
    )
      return [];
    const person = facts.person === undefined ? [] : [facts.person];
    const me = [reference, ...own.map(({ id }) => `PractitionerRole/${id ?? ''}`), ...person];
    return [{ reference, rules: { ...rules, purposes }, of, me: [...new Set(me)] }];
  });
}

/** Of the purposes for which a kind of partner is told something, those that the request states; all of them where it states none. */
function narrowed(purposes: readonly string[], stated: readonly string[]): string[] {
  return purposes.filter((code) => stated.length === 0 || stated.includes(code));
}

function childrenOf(acting: Acting, facts: PartnerFacts, policy: Policy, now: Date): Told[] {
  const agreements = facts.agreements.filter((one) => agreedBetween(one, policy, now).includes(acting.reference));
  if (agreements.length === 0) return [];
  // Without a word on labels nothing goes that would need one, whatever a family opens.
  const withheld = agreements.some(keepsLabels) ? 0n : policy.all;
  const theirs = new Set(
    facts.grounds
      .filter((ground) => acting.rules.grounds.includes(ground.kind) && acting.me.includes(ground.party))
      .filter((ground) => holds(ground, policy, now))
      .map(({ patientId }) => patientId),
  );
  return facts.children
    .filter(({ id }) => theirs.has(id))
    .flatMap((child) => {
      const { answer, told } = leaveFor(child, acting, facts, policy, now);
      return answer === 'given' && told ? [{ ...told, hides: told.hides | withheld }] : [];
    });
}

/** A ground that counts now. */
export function holds({ kind, status, period, membership }: Ground, policy: Policy, now: Date): boolean {
  if (kind !== 'team') return true;
  const isNow = (one: unknown) =>
    isWithin(one ?? undefined, now, policy.document.timeZone) === true && !endsAt(one, now);
  return status === 'active' && isNow(period) && isNow(membership);
}

/** A membership that ends at an instant is over with it: what a closed Task opened is closed at once. */
function endsAt(period: unknown, now: Date): boolean {
  const end = isObject(period) ? period.end : undefined;
  return typeof end === 'string' && end.includes('T') && Date.parse(end) <= now.getTime();
}

/** What a family's consents say of one child to one partner. */
export interface Leave {
  answer: 'given' | 'missing' | 'denied';
  told?: Told;
}

/** Those of `facts` that are of the child are looked at, whatever else is among them. */
export function leaveFor(
  { id, birthDate }: PartnerFacts['children'][number],
  { of, rules, me }: Pick<Acting, 'of' | 'rules' | 'me'>,
  facts: Pick<PartnerFacts, 'consents' | 'childFlags'>,
  policy: Policy,
  now: Date,
): Leave {
  const consents = facts.consents.filter((consent) => isPrivacyConsent(consent, id));
  const concerns = ({ actors }: Denial) => actors.length === 0 || actors.some((one) => one === '' || me.includes(one));
  const denials = consents.flatMap((consent) => denialOf(consent, policy, now) ?? []).filter(concerns);
  if (denials.some(({ everything }) => everything)) return { answer: 'denied' };
  const own = facts.childFlags.filter(({ subject }) => referenceOf(subject) === `Patient/${id}`);
  const flags = flagFacts(own, policy, now);
  const band = flags.emancipated === 'no' ? bandForOthers(birthDate, policy.document, now) : 'adult';
  const isOwn = ({ performers }: SharingConsent) => performers.includes(`Patient/${id}`);
  const given = consents
    .flatMap((consent) => sharingConsent(consent, policy, now) ?? [])
    .filter(({ actors, purposes }) => actors.some((one) => me.includes(one)) && isFor(purposes, rules.purposes))
    // Whoever is of age decides alone, unless somebody has to decide for them.
    .filter((one) => band !== 'adult' || flags.hasDiminishedCapacity || isOwn(one));
  if (rules.needsConsent && given.length === 0) return { answer: 'missing' };
  // What is sensitive about a teen, only the teen opens.
  const opening = given.filter((one) => band === 'child' || isOwn(one));
  const opens = opening.reduce((sum, one) => sum | one.opens, 0n) & of.opens;
  const excludes = given.reduce((sum, one) => sum | one.excludes, 0n);
  const denied = denials.reduce((sum, { hides }) => sum | hides, 0n);
  const types = given.length > 0 && given.every((one) => one.types) ? unionOf(given) : undefined;
  const told: Told = {
    patientId: id,
    hides: (of.hides & ~opens) | excludes | denied,
    ...(types && { types }),
    withoutWhereabouts: denials.length > 0 || flags.hasSafeAddress,
  };
  return { answer: 'given', told };
}

const isFor = (given: readonly string[] | undefined, wanted: readonly string[]) =>
  given === undefined || given.some((one) => wanted.includes(one));

function unionOf(given: readonly SharingConsent[]): ReadonlySet<string> {
  return new Set(given.flatMap(({ types }) => [...(types ?? [])]));
}

/** Children of whom the same is told, together: a partner may have thousands. */
function alike(told: readonly Told[]): Map<string, readonly Told[]> {
  return Map.groupBy(told, ({ hides, types, withoutWhereabouts }) =>
    [hides, types === undefined ? '*' : [...types].sort().join(), withoutWhereabouts].join(' '),
  );
}

function grantsFor(
  grants: readonly ClassGrant[],
  { me }: Acting,
  same: readonly Told[],
  types: ReadonlySet<string>,
): Grant[] {
  const [first] = same;
  if (!first) return [];
  const isTold = (type: string) => first.types === undefined || first.types.has(type) || everyones.has(type);
  const narrowed = grants.map((grant) => ({ ...grant, types: new Set([...allOf(grant, types)].filter(isTold)) }));
  const reach = {
    patients: same.map(({ patientId }) => patientId),
    hides: first.hides,
    me,
    ...(first.withoutWhereabouts && { without: placeTypes }),
  };
  return grantsOf(narrowed, reach, types).filter((grant) => grant.types === 'any' || grant.types.size > 0);
}

const allOf = ({ types }: ClassGrant, all: ReadonlySet<string>) => (types === 'any' ? all : types);

/** What a list of types in a consent does not mean: who works where, and what codes say. */
const everyones: ReadonlySet<string> = new Set([
  ...['Practitioner', 'PractitionerRole', 'Organization', 'Location', 'HealthcareService', 'Medication'],
  ...['Questionnaire', 'ValueSet', 'CodeSystem', 'StructureDefinition'],
]);

/** Everybody may read the records that say who they are, and for whom they work. */
function ownRecords({ person }: PartnerFacts, acting: readonly Acting[]): Grant[] {
  const names = new Set([...(person === undefined ? [] : [person]), ...acting.flatMap(({ me }) => me)]);
  const byType = Map.groupBy([...names], (name) => name.split('/')[0] ?? '');
  return [...byType].map(([type, some]) => ({
    types: new Set([type]),
    having: [{ param: '_id', anyOf: some.map((name) => ({ code: name.split('/')[1] ?? '' })) }],
  }));
}
