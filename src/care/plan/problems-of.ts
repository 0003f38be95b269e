import { mirrorSite } from '../../fhir/mirror.ts';
import type { Typed } from '../../fhir/of-type.ts';
import { closedGoalStates } from '../../fhir/plan-view/goals.ts';
import { isActiveProblem } from '../../fhir/plan-view/problems.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { closedRequest } from '../referral/states.ts';
import type { Known } from './known.ts';
import { referenceKey, referenceTo } from './references.ts';

type Condition = Resource & Typed<'Condition'>;

/**
 * The active problems a plan addresses: the problem list and health concerns. Diagnoses of single encounters are often left
 * active for ever, so one counts only when something in the record is for it, or when its sender keeps no problem list.
 */
export function problemsOf(known: Known): Condition[] {
  const active = known.conditions.filter(isActiveProblem);
  const needed = referredTo(known);
  const withProblemList = new Set(active.filter((one) => !isEncounterDiagnosis(one)).map(mirrorSite));
  return active.filter(
    (condition) =>
      !isEncounterDiagnosis(condition) ||
      needed.has(referenceTo(condition).reference) ||
      !withProblemList.has(mirrorSite(condition)),
  );
}

function isEncounterDiagnosis({ category }: r4.Condition): boolean {
  const codes = (category ?? []).flatMap(({ coding }) => coding ?? []).map(({ code }) => code);
  return (
    codes.includes('encounter-diagnosis') &&
    !codes.some((code) => code === 'problem-list-item' || code === 'health-concern')
  );
}

/** What open goals, open requests and active hospital plans say they are for. */
function referredTo(known: Known): ReadonlySet<string | undefined> {
  const goals = known.goals.filter(({ lifecycleStatus }) => !closedGoalStates.has(lifecycleStatus));
  const requests = known.requests.filter(({ status }) => !closedRequest.has(status));
  const plans = known.hospitalPlans.filter(({ status }) => status === 'active');
  const references = [
    ...goals.flatMap(({ addresses }) => addresses ?? []),
    ...requests.flatMap(({ reasonReference }) => reasonReference ?? []),
    ...plans.flatMap(({ addresses }) => addresses ?? []),
  ];
  return new Set(references.map(referenceKey));
}
