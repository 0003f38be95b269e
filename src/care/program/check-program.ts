import { ok, type Result } from '../../base/errors.ts';
import { isSame } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { isTimeZone } from './digest/month.ts';
import { isKnownAct, policiesOf, policyActs } from './policies.ts';
import { modelOf, saysModel, timeZoneOf } from './program-facts.ts';
import { allOf, byReference } from './query.ts';
import { models } from './vocabulary.ts';

const rule = 'care-management-program';

/**
 * A program says by which of the four models it manages care, and whose it is (decision D12). One that a practice runs is the practice's alone to
 * change: a person who does not work there, and a system as little as a person of another house, leave it as it is.
 */
export const checkProgram = checkWritten(rule, 'HealthcareService', async (after, before, tx) => {
  if (!saysModel(after) && !saysModel(before)) return ok(undefined);
  const model = modelOf(after);
  if (model === undefined) {
    const text = `A care management program says its model, one of ${models.join(', ')}.`;
    return refuse(rule, text, 'HealthcareService.type');
  }
  const zone = timeZoneOf(after);
  if (zone !== undefined && !isTimeZone(zone)) {
    const text = 'The time zone of a program is one of the IANA database, as America/Chicago.';
    return refuse(rule, text, 'HealthcareService.extension');
  }
  if (!isOfType(after, 'HealthcareService') || after.providedBy?.reference === undefined) {
    return refuse(rule, 'A care management program names whose it is.', 'HealthcareService.providedBy');
  }
  const policies = checkPolicies(after);
  if (!policies.ok || tx.actor.kind !== 'user') return policies;
  if (modelOf(before) === 'practice-run') return checkOwner(before, tx.actor.id, tx, ofPractice);
  // Who could change who may, may.
  const hasChanged = !isSame(policiesOf(before), policiesOf(after));
  return policiesOf(before).length > 0 && hasChanged ? checkOwner(before, tx.actor.id, tx, ofPolicies) : ok(undefined);
});

const ofPractice =
  'A program that a practice runs is changed by people who work there (PractitionerRole.organization).';
const ofPolicies =
  'The policies of a program are changed by people of the organization that it belongs to (PractitionerRole.organization).';

/** A policy that nobody understands would let in, or shut out, whom nobody meant. */
function checkPolicies(program: Resource): Result<void> {
  for (const { act, who, start, end } of policiesOf(program)) {
    const isPerson = /^(Organization|PractitionerRole|Practitioner)\/[A-Za-z0-9.-]{1,64}$/.test(who ?? '');
    if (isKnownAct(act) && isPerson && (start === undefined || end === undefined || start <= end)) continue;
    const text = `A policy of a program says what it is about (act: ${policyActs.join(', ')}), who may (an Organization, PractitionerRole or Practitioner here), and from when to when if not always.`;
    return refuse(rule, text, 'HealthcareService.extension');
  }
  return ok(undefined);
}

async function checkOwner(
  program: Resource | undefined,
  person: string,
  tx: Reader,
  text: string,
): Promise<Result<void>> {
  const owner = isOfType(program, 'HealthcareService') ? localReference(program.providedBy) : undefined;
  const roles = await allOf(tx, 'PractitionerRole', [byReference('practitioner', person)], seesAll);
  if (!roles.ok) return roles;
  const worksThere = roles.value.some(
    (role) =>
      isOfType(role, 'PractitionerRole') && role.active !== false && localReference(role.organization) === owner,
  );
  if (worksThere) return ok(undefined);
  return refuse(rule, text, 'HealthcareService.providedBy');
}
