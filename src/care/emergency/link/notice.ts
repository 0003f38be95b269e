import { ok, type Result } from '../../../base/errors.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Tx } from '../../../store/types.ts';
import { responsibleFor } from '../people-of.ts';
import { createTask } from '../review-task.ts';
import { careTaskSystem, linkNoticeTaskCode } from '../terms.ts';
import type { LinkRow } from './link-row.ts';

export const linkSystem = `${canonicalBase}/emergency-link`;

const said = {
  opened:
    'Somebody opened the emergency plan by a health link. The child may be in an emergency: ask how you can help. If nobody should have opened it, close the link.',
  closed:
    'A health link to the emergency plan was closed for good: too many wrong passcodes were tried. Make a new one if it is still needed.',
} as const;

/**
 * Tells the lead coordinator and whoever made the link that it was opened, or closed itself: a Task for each. A family sees the one that it owns.
 * Without a lead it is nobody's, and stands in the work queue as that.
 */
export async function tellOfLink(
  tx: Tx,
  link: Pick<LinkRow, 'id' | 'patient_id' | 'made_by'>,
  what: keyof typeof said,
  now: Date,
): Promise<Result<void>> {
  const { lead } = await responsibleFor(tx, link.patient_id);
  const maker = link.made_by === lead?.reference ? [] : [{ reference: link.made_by }];
  for (const owner of [lead, ...maker]) {
    const task: r4.Task & { resourceType: 'Task' } = {
      resourceType: 'Task',
      identifier: [{ system: linkSystem, value: link.id }],
      status: 'requested',
      intent: 'plan',
      priority: 'urgent',
      code: {
        coding: [{ system: careTaskSystem, code: linkNoticeTaskCode }],
        text: what === 'opened' ? 'The emergency plan was opened by a link' : 'A link to the emergency plan was closed',
      },
      description: said[what],
      for: { reference: `Patient/${link.patient_id}` },
      authoredOn: now.toISOString(),
      ...(owner && { owner }),
    };
    const told = await createTask(tx, { ...task }, now);
    if (!told.ok) return told;
  }
  return ok(undefined);
}
