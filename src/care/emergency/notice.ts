import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { isOneself } from '../oneself.ts';
import { responsibleFor } from './people-of.ts';
import { createTask } from './review-task.ts';
import { careTaskSystem, codesOf, noticeTaskCode } from './terms.ts';

const emergencySystem = `${canonicalBase}/CodeSystem/emergency-access`;

/**
 * When somebody breaks the glass, the lead coordinator and the child's primary care clinician are told, unless they did it themselves, once for each
 * opening, in its own transaction: before anything of the record, the emergency plan included, can be read (D6). Without a lead it is nobody's Task,
 * and stands in the work queue as that.
 */
export function noticeOfEmergencyAccess(clock: Clock): WriteConclusion {
  return {
    name: 'emergency-access-notice',
    async conclude(changes, tx) {
      for (const { outcome, after } of changes) {
        if (outcome !== 'created' || !isOfType(after, 'Task') || !isOpening(after)) continue;
        const child = localId(after.for, 'Patient');
        if (child === undefined) continue;
        for (const owner of await ownersOf(tx, child)) {
          const told = await createTask(tx, { ...noticeTask(after, owner, clock.now()) }, clock.now());
          if (!told.ok) return told;
        }
      }
      return ok(undefined);
    },
  };
}

/** Who hears of it, without who did it: they know. Where that leaves nobody, it is nobody's Task. */
async function ownersOf(tx: Tx, child: string): Promise<readonly (r4.Reference | undefined)[]> {
  const { lead, primaryCare } = await responsibleFor(tx, child);
  const owners: r4.Reference[] = [];
  for (const one of [lead, primaryCare?.reference === lead?.reference ? undefined : primaryCare]) {
    if (one?.reference !== undefined && !(await isOneself(one.reference, tx.actor, tx))) owners.push(one);
  }
  const isLeft = lead === undefined || owners.length === 0;
  return isLeft ? [undefined, ...owners] : owners;
}

/** The Task by which emergency access asks for its review (access/emergency). */
function isOpening({ code, identifier }: r4.Task): boolean {
  const isNamed = identifier?.some(({ system }) => system === `${canonicalBase}/emergency-access`) === true;
  return isNamed && codesOf(code, emergencySystem).includes('review');
}

function noticeTask(opening: r4.Task, owner: r4.Reference | undefined, now: Date): r4.Task & { resourceType: 'Task' } {
  const { requester, executionPeriod } = opening;
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'plan',
    priority: 'urgent',
    code: { coding: [{ system: careTaskSystem, code: noticeTaskCode }], text: 'Emergency access to the record' },
    description:
      'Somebody broke the glass and reads this child’s record, the emergency plan included. The child may be in an emergency: ask how you can help, and whether the plan was of use.',
    focus: { reference: `Task/${opening.id ?? ''}` },
    authoredOn: now.toISOString(),
    ...(opening.for && { for: opening.for }),
    ...(requester && { requester }),
    ...(executionPeriod && { executionPeriod }),
    ...(owner && { owner }),
  };
}
