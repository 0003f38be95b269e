import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { RoomGauge } from '../../module.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { concludeWritten } from '../written-here.ts';
import { noPrimaryCareUrl, readPrimaryCare } from './primary-care.ts';

const rule = 'shared-plan-primary-care';

/**
 * Primary care is the home base of every plan: one that a person or a client makes active for a child without a primary care clinician says why
 * (extension no-primary-care-reason), and each such override is counted. A plan that Careweave composes by itself decides nothing: it stands
 * without one, is shown as that (`careweave_shared_plans_without_primary_care`), and is not refused, because a child nobody looks after needs the
 * plan most.
 */
export function concludePrimaryCare(clock: Clock): WriteConclusion {
  return concludeWritten(rule, 'CarePlan', async (after, before, tx) => {
    if (tx.actor.kind === 'system' || !isActivePlan(after) || isActivePlan(before)) return ok(undefined);
    const child = childOf(after);
    const clinicians = child === undefined ? undefined : await readPrimaryCare(tx, child);
    // A child who is not here has no record that could say it.
    if (clinicians === undefined || clinicians.length > 0) return ok(undefined);
    const reason = isOfType(after, 'CarePlan') && after.extension?.find(({ url }) => url === noPrimaryCareUrl);
    if (!reason || (reason.valueString ?? '').trim() === '') {
      const text =
        'This child has no primary care clinician. Name one in the care team (role primary-care) or in Patient.generalPractitioner, or say in the extension no-primary-care-reason why the plan becomes active without one.';
      return refuse(rule, text, 'CarePlan.status');
    }
    tx.atEnd(
      `INSERT INTO primary_care_override (plan_id, patient_id, at) VALUES ($1, $2, $3)
       ON CONFLICT (plan_id) DO UPDATE SET patient_id = EXCLUDED.patient_id, at = EXCLUDED.at`,
      [after.id, child, clock.now()],
    );
    return ok(undefined);
  });
}

function isActivePlan(plan: Resource | undefined): boolean {
  return isOfType(plan, 'CarePlan') && isSharedPlan(plan) && !isMirror(plan) && plan.status === 'active';
}

/** What operators see of plans without a home base: those that people made active with a reason, and all that stand without one now. */
export const primaryCareGauges: readonly RoomGauge[] = [
  {
    name: 'careweave_primary_care_overrides',
    help: 'Shared plans that were made active for a child without a primary care clinician, with a reason.',
    labelNames: [],
    async read(sql) {
      const [row] = await sql.query<{ n: string }>('SELECT count(*) AS n FROM primary_care_override');
      return [{ labels: {}, value: Number(row?.n ?? 0) }];
    },
  },
  {
    name: 'careweave_shared_plans_without_primary_care',
    help: 'Active shared plans of children for whom neither their record nor their care team names a primary care clinician.',
    labelNames: [],
    async read(sql) {
      const [row] = await sql.query<{ n: string }>(withoutText);
      return [{ labels: {}, value: Number(row?.n ?? 0) }];
    },
  },
];

const withoutText = `SELECT count(*) AS n FROM shared_plan s
   WHERE NOT EXISTS (SELECT FROM resource p WHERE p.type = 'Patient' AND p.id = s.patient_id AND NOT p.deleted
                       AND p.content LIKE '%"generalPractitioner":[{%')
     AND NOT EXISTS (SELECT FROM resource t, LATERAL jsonb_array_elements(t.content::jsonb -> 'participant') AS one
                      WHERE t.type = 'CareTeam' AND t.patient_id = s.patient_id AND NOT t.deleted
                        AND one -> 'period' -> 'end' IS NULL
                        AND one -> 'role' @> '[{"coding":[{"code":"primary-care"}]}]')`;
