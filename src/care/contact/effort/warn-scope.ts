import type { Clock } from '../../../base/clock.ts';
import { ok, type Result } from '../../../base/errors.ts';
import { stableId } from '../../../base/ids.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Tx } from '../../../store/types.ts';
import { outOfScopeUrl } from './effort-of.ts';

/**
 * Work that is not the work of somebody's role is kept and warned of (S4.18): one Task a month for whoever did it, about nobody in particular; how much it was is
 * reported by `$effort`. It is not refused, because what was done for a family was done.
 */
export async function warnOfScope(charge: Resource & r4.ChargeItem, tx: Tx, clock: Clock): Promise<Result<void>> {
  const who = charge.performer?.[0]?.actor?.reference;
  if (!charge.extension?.some(({ url }) => url === outOfScopeUrl) || who === undefined) return ok(undefined);
  const id = stableId('out-of-scope', who, charge.occurrencePeriod?.start?.slice(0, 7) ?? '');
  if ((await tx.read('Task', id)) !== undefined) return ok(undefined);
  const task: r4.Task = {
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'plan',
    code: {
      coding: [{ system: `${canonicalBase}/CodeSystem/care-task`, code: 'out-of-scope' }],
      text: 'Work outside of the scope of the role',
    },
    description:
      'Work was logged this month that is not the work of this role (scope-of-work). Hand over what belongs to others, or have the scope of the role changed. The minutes are reported by $effort.',
    owner: { reference: who },
    authoredOn: clock.now().toISOString(),
  };
  const written = await tx.update({ ...task });
  return written.ok ? ok(undefined) : written;
}
