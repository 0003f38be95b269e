import { ok, type Result } from '../../base/errors.ts';
import { isSame } from '../../fhir/merge/three-way.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';
import { checkKind, childIn } from './kinds.ts';
import { isProposalTask, type ProposalTask, proposalOf } from './proposal-task.ts';

const shapeRule = 'plan-change-shape';
const keptRule = 'plan-change-kept';

/**
 * What a proposal has to say: what is wanted of which plan, by whom, about which child, and why in plain words. What was asked stays as it was asked, and
 * what people thought of it is only added to. And a proposal stays one.
 */
export const checkProposal = checkWritten(shapeRule, 'Task', async (after, before, tx) => {
  if (isProposalTask(before) && !isProposalTask(after))
    return refuse(keptRule, 'A proposal stays one. Take it back and write another Task instead.', 'Task.code');
  if (!isProposalTask(after)) return ok(undefined);
  const shape = await checkShape(after, tx);
  return shape.ok && isProposalTask(before) ? checkKept(after, before) : shape;
});

async function checkShape(task: ProposalTask, reader: Reader): Promise<Result<void>> {
  const { action, planId, child, target, proposed, seen, requester } = proposalOf(task);
  const bad = (text: string, element: string) => refuse(shapeRule, text, `Task.${element}`);
  if (task.intent !== 'proposal') return bad('A change that somebody asks for has the intent proposal.', 'intent');
  if (action === undefined)
    return bad('A proposal says in an input action whether it is to add, change, remove or comment.', 'input');
  if (!task.reasonCode?.text?.trim())
    return bad('A proposal says in plain words what is wanted and why.', 'reasonCode.text');
  if (requester === undefined) return bad('A proposal names who asks for it.', 'requester');
  const plan = planId === undefined ? undefined : currentOf(await reader.read('CarePlan', planId));
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || child === undefined || childOf(plan) !== child)
    return bad('A proposal is based on the shared plan of the child that it is for.', 'basedOn');
  if (target === undefined) return bad('A proposal has the line that it is about, or the plan, as its focus.', 'focus');
  if ((action === 'add' || action === 'change') && proposed === undefined)
    return bad('What is wanted is contained in the proposal, and named in an input proposed.', 'contained');
  if (action === 'scenario' && localId({ reference: target }, 'RequestGroup') === undefined)
    return bad('A proposed scenario is the focus of its proposal. Use $propose-scenario.', 'focus');
  if (proposed === undefined) return ok(undefined);
  const about = childIn(proposed);
  if (about !== undefined && about !== child) return bad('What is wanted is about the same child.', 'contained');
  if (action === 'change' && !target.startsWith(`${proposed.resourceType}/`))
    return bad('What is wanted is of the same type as the line that is to change.', 'contained');
  const kind = action === 'add' || action === 'change' ? checkKind(action, proposed, seen) : ok(undefined);
  return kind.ok ? ok(undefined) : bad(kind.error.issues[0]?.text ?? '', 'contained');
}

/** What was asked, by whom and of whom. */
const asked = [
  'contained',
  'basedOn',
  'focus',
  'for',
  'intent',
  'requester',
  'reasonCode',
  'input',
  'authoredOn',
] as const;

const answer = ['output', 'statusReason'] as const;

function checkKept(after: ProposalTask, before: ProposalTask): Result<void> {
  const changed = asked.find((element) => !isSame(before[element], after[element]));
  if (changed !== undefined && before.status !== 'draft') {
    const text = 'What was asked for stays as it was asked. Take the proposal back and make another instead.';
    return refuse(keptRule, text, `Task.${changed}`);
  }
  const isOver = before.status === 'completed' || before.status === 'rejected' || before.status === 'cancelled';
  if (isOver && answer.some((element) => !isSame(before[element], after[element])))
    return refuse(keptRule, 'How a proposal was answered stays.', 'Task.output');
  const isIn = (notes: readonly r4.Annotation[], note: r4.Annotation) => notes.some((one) => isSame(one, note));
  if ((before.note ?? []).every((note) => isIn(after.note ?? [], note))) return ok(undefined);
  return refuse(keptRule, 'What somebody thought of a proposal stays. Add to it instead.', 'Task.note');
}
