import type { ActionLine, GoalLine, PlanView, ReferralLine } from '../../../fhir/plan-view.ts';

/** The lines of a plan, each once: one goal may stand under several problems. */

export function goalsOf(view: PlanView): GoalLine[] {
  return once([...view.problems, view.unlinked].flatMap(({ goals }) => goals));
}

export function actionsOf(view: PlanView): ActionLine[] {
  return once([...view.problems, view.unlinked].flatMap(({ actions }) => actions));
}

export function referralsOf(view: PlanView): ReferralLine[] {
  return once([...view.problems, view.unlinked].flatMap(({ referrals }) => referrals));
}

/** A calendar day, compared as one; only what is still open can be late. */
export function isLate(line: { due?: string; open: boolean }, today: string): boolean {
  return line.open && line.due !== undefined && line.due.slice(0, 10) < today.slice(0, line.due.length);
}

function once<T extends { reference: string }>(lines: readonly T[]): T[] {
  return [...new Map(lines.map((line) => [line.reference, line])).values()];
}
