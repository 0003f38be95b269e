import { acceptancesOf, agreementOf, reasonRejectedOf } from '../goal-agreement.ts';
import type { Typed } from '../of-type.ts';
import type { Resource, r4 } from '../types.ts';
import { conceptText, type Index, referenceOf } from './index-of.ts';
import { dateOf, sourceOf } from './source.ts';
import { isFamily } from './speaker.ts';
import type { GoalLine } from './types.ts';

/** Life-cycle states in which nobody works towards the goal any more. Source: FHIR R4, goal-status. */
export const closedGoalStates: ReadonlySet<string> = new Set([
  'completed',
  'cancelled',
  'entered-in-error',
  'rejected',
]);

export function goalLine(goal: Resource & Typed<'Goal'>, index: Index): GoalLine {
  const fromFamily = isFamily(goal.expressedBy);
  const line: GoalLine = {
    reference: referenceOf(goal),
    text: conceptText(goal.description) ?? 'Goal without words',
    status: goal.lifecycleStatus,
    open: !closedGoalStates.has(goal.lifecycleStatus),
    source: sourceOf(goal, index),
    fromFamily,
    targets: (goal.target ?? []).map(targetText).filter((text) => text !== undefined),
  };
  const date = dateOf(goal);
  if (date !== undefined) line.date = date;
  const speaker = index.nameOf(goal.expressedBy) ?? (fromFamily ? 'Family' : undefined);
  if (speaker !== undefined) line.speaker = speaker;
  const achievement = conceptText(goal.achievementStatus);
  if (achievement !== undefined) line.achievement = achievement;
  const due = goal.target?.find(({ dueDate }) => dueDate !== undefined)?.dueDate;
  if (due !== undefined) line.due = due;
  const acceptance = acceptanceOf(goal);
  if (acceptance !== undefined) line.acceptance = acceptance;
  if (agreementOf(goal).isNegotiated) line.negotiated = true;
  const rejected = goal.lifecycleStatus === 'rejected' ? reasonRejectedOf(goal) : undefined;
  if (rejected !== undefined) line.rejectedBecause = rejected;
  return line;
}

/** Each stakeholder's own answer, drawn together; disagreement is kept visible, never averaged away. */
function acceptanceOf(goal: r4.Goal): GoalLine['acceptance'] {
  const answers = acceptancesOf(goal).map(({ answer }) => answer ?? 'pending');
  if (answers.length === 0) return undefined;
  if (answers.includes('disagree')) return 'disagreed';
  return answers.every((answer) => answer === 'agree') ? 'agreed' : 'pending';
}

function targetText(target: r4.GoalTarget): string | undefined {
  const measure = conceptText(target.measure);
  const detail =
    target.detailString ??
    conceptText(target.detailCodeableConcept) ??
    quantityText(target.detailQuantity) ??
    rangeText(target);
  // Many systems write the same words as measure and as detail.
  const alike = measure?.trim().toLowerCase() === detail?.trim().toLowerCase();
  const text = [measure, ...(alike ? [] : [detail])].filter(Boolean).join(': ');
  return text === '' ? undefined : text;
}

function rangeText({ detailRange }: r4.GoalTarget): string | undefined {
  if (!detailRange) return undefined;
  return [quantityText(detailRange.low) ?? '…', quantityText(detailRange.high) ?? '…'].join(' – ');
}

/** Digits as written: the value may be a raw JSON number, which only JSON.stringify can print. */
function quantityText(quantity: r4.Quantity | undefined): string | undefined {
  if (quantity?.value === undefined) return undefined;
  return [quantity.comparator, JSON.stringify(quantity.value), quantity.unit ?? quantity.code]
    .filter(Boolean)
    .join(' ');
}
