import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { followWritten } from '../written-here.ts';
import { isOpen, isProposalTask, proposalOf } from './proposal-task.ts';

/** A proposed scenario whose proposal was rejected or taken back is given up with it, and says why: nobody finds a draft that nobody wants any more. */
export const giveUpScenario = followWritten('plan-change-scenario', 'Task', async (after, before, tx) => {
  if (!isProposalTask(after) || !isProposalTask(before) || !isOpen(before)) return ok(undefined);
  const { action, target } = proposalOf(after);
  if (action !== 'scenario' || (after.status !== 'rejected' && after.status !== 'cancelled')) return ok(undefined);
  const id = localId({ reference: target }, 'RequestGroup') ?? '';
  const draft = currentOf(await tx.read('RequestGroup', id));
  if (!isOfType(draft, 'RequestGroup') || draft.status !== 'draft') return ok(undefined);
  const text = after.statusReason?.text?.trim() || 'Taken back by who proposed it.';
  const written = await tx.update({ ...draft, status: 'revoked', note: [...(draft.note ?? []), { text }] });
  return written.ok ? ok(undefined) : written;
});
