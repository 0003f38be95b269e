import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { isTimeZone } from './digest/month.ts';
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
  return modelOf(before) === 'practice-run' && tx.actor.kind === 'user'
    ? checkOwner(before, tx.actor.id, tx)
    : ok(undefined);
});

async function checkOwner(program: Resource | undefined, person: string, tx: Reader): Promise<Result<void>> {
  const owner = isOfType(program, 'HealthcareService') ? localReference(program.providedBy) : undefined;
  const roles = await allOf(tx, 'PractitionerRole', [byReference('practitioner', person)], seesAll);
  if (!roles.ok) return roles;
  const worksThere = roles.value.some(
    (role) =>
      isOfType(role, 'PractitionerRole') && role.active !== false && localReference(role.organization) === owner,
  );
  if (worksThere) return ok(undefined);
  const text = 'A program that a practice runs is changed by people who work there (PractitionerRole.organization).';
  return refuse(rule, text, 'HealthcareService.providedBy');
}
