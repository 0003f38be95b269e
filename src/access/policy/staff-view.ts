import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Grant } from '../../store/types.ts';
import type { Redaction, View } from '../types.ts';
import type { Policy } from './compile.ts';
import { denialOf, isPrivacyConsent, list, proxyConsent, referenceOf } from './consent.ts';
import type { StaffFacts } from './facts.ts';
import { flagFacts } from './flags.ts';
import { grantsOf } from './make-grants.ts';
import { isActive, isWithin } from './period.ts';

/** The view of a clinician: everything but what the policy keeps back, more with a role, a Part 2 consent or emergency access. */
export function staffView(
  facts: StaffFacts,
  fhirUser: string,
  policy: Policy,
  types: ReadonlySet<string>,
  now: Date,
): View {
  const { staff, emergencyAccess, safeAddressRoles } = policy.document;
  const role = Object.keys(staff.roles).find((name) => facts.roles.has(name));
  const of = policy.classes.get(role === undefined ? staff.default : (staff.roles[role] ?? 'none'));
  const { closed, safe } = chartsKept(facts, fhirUser, policy, now);
  const except = role === undefined ? closed : [];
  // Whoever has lost the role has lost what it opened.
  const emergencies = facts.roles.has('break-glass') ? facts.emergencies : [];
  const opened = new Set(emergencies.map(({ patientId }) => patientId));
  const grants: Grant[] = of ? grantsOf(of.grants, { hides: of.hides, except }, types) : [];
  const further = (name: string, patients: readonly string[], without: readonly string[]) => {
    const one = patients.length === 0 ? undefined : policy.classes.get(name);
    if (one) grants.push(...grantsOf(one.grants, { patients, hides: one.hides, except: without }, types));
  };
  further(staff.part2, part2Patients(facts, policy, now), except);
  further(emergencyAccess.class, [...opened], []);
  const mayKnow = safeAddressRoles.some((name) => facts.roles.has(name));
  const redaction: Redaction = {
    rules: of?.redaction ? [{ patients: 'any', rule: of.redaction }] : [],
    withoutWhereabouts: mayKnow ? [] : safe.filter((id) => !opened.has(id)),
  };
  const emergencyClass = facts.roles.has('break-glass') ? policy.classes.get(emergencyAccess.class) : undefined;
  const possible = emergencyClass ? grantsOf(emergencyClass.grants, { hides: emergencyClass.hides }, types) : undefined;
  return { grants, redaction, ...(possible && { emergency: { open: [...opened], possible } }), policy: policy.version };
}

/** Protected charts that are not this person's, charts that are denied to this person, and patients whose address is kept safe. */
function chartsKept(
  facts: StaffFacts,
  fhirUser: string,
  policy: Policy,
  now: Date,
): { closed: string[]; safe: string[] } {
  const byPatient = new Map<string, Resource[]>();
  for (const flag of facts.flags) {
    const id = patientOf(flag.subject);
    if (id !== undefined) byPatient.set(id, [...(byPatient.get(id) ?? []), flag]);
  }
  const said = [...byPatient].map(([id, flags]) => ({ id, ...flagFacts(flags, policy, now) }));
  // A team may name the person, or a role of theirs that is in force.
  const roles = facts.partner.roles.filter((role) => isActive(role, policy, now));
  const me = new Set([fhirUser, ...roles.map(({ id }) => `PractitionerRole/${id ?? ''}`)]);
  const team = new Set(
    facts.careTeams.filter((one) => isMember(one, me, policy, now)).map(({ subject }) => patientOf(subject)),
  );
  const guarded = [...facts.protectedPatients, ...said.filter(({ isProtected }) => isProtected).map(({ id }) => id)];
  return {
    closed: [...new Set([...guarded.filter((id) => !team.has(id)), ...deniedPatients(facts, fhirUser, policy, now)])],
    safe: said.filter(({ hasSafeAddress }) => hasSafeAddress).map(({ id }) => id),
  };
}

function deniedPatients(facts: StaffFacts, fhirUser: string, policy: Policy, now: Date): string[] {
  return consentsOf(facts).flatMap(({ consent, patientId }) =>
    denialOf(consent, policy, now)?.actors.includes(fhirUser) ? [patientId] : [],
  );
}

/** Patients who allow this person what federal law keeps apart (42 CFR Part 2). */
function part2Patients(facts: StaffFacts, policy: Policy, now: Date): string[] {
  const bit = policy.bits.get('part2') ?? 0n;
  return consentsOf(facts).flatMap(({ consent, patientId }) => {
    const given = proxyConsent(consent, policy, now);
    return given && (given.opens & ~given.excludes & bit) !== 0n ? [patientId] : [];
  });
}

function consentsOf({ consents }: StaffFacts): { consent: Resource; patientId: string }[] {
  return consents.flatMap((consent) => {
    const patientId = patientOf(consent.patient);
    return patientId !== undefined && isPrivacyConsent(consent, patientId) ? [{ consent, patientId }] : [];
  });
}

function isMember(team: Resource, me: ReadonlySet<string>, policy: Policy, now: Date): boolean {
  const { timeZone } = policy.document;
  if (team.status !== 'active' || isWithin(team.period, now, timeZone) !== true) return false;
  return list(team.participant).some(
    (one) => isObject(one) && me.has(referenceOf(one.member) ?? '') && isWithin(one.period, now, timeZone) === true,
  );
}

function patientOf(reference: unknown): string | undefined {
  return /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(referenceOf(reference) ?? '')?.[1];
}
