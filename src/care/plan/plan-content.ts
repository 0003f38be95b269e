import { closedGoalStates } from '../../fhir/plan-view/goals.ts';
import { coSignCode, planReviewCode } from '../../fhir/plan-view/sections/review.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import { closedRequest, closedTask } from '../referral/states.ts';
import { primaryCareOf, withPrimaryCareNote } from '../team/primary-care.ts';
import { teamId } from '../team/team-content.ts';
import { sharedPlanCategories } from './categories.ts';
import type { Known } from './known.ts';
import { problemsOf } from './problems-of.ts';
import { referenceKey, referenceTo, union } from './references.ts';
import { nothingRemoved, type RemovableElement, type Removed } from './removed.ts';
import { hasCareCode } from './review/review-task.ts';
import { sourcesOf } from './sources-of.ts';

export const sharedPlanProfile = `${canonicalBase}/StructureDefinition/shared-plan-of-care`;

/**
 * The plan a child should have, given all that is known and the plan there is. Pure. What is in the plan stays, in its
 * order: people put it there, or an EHR sent it; what is new is added, unless people took it out before. So composing again
 * without news changes nothing. `today` is the date of the first composition.
 */
export function planContent(
  id: string,
  known: Known,
  existing: r4.CarePlan | undefined,
  today: string,
  removed: Removed = nothingRemoved,
): r4.CarePlan {
  // Elements keep their places, so that an unchanged plan is the same text.
  const plan: r4.CarePlan = { ...(existing ?? freshPlan(id, known, today)) };
  const { contributor, careTeam, addresses, supportingInfo, goal, activity } = plan;
  plan.category = withCategories(plan.category);
  const author = plan.author ?? leadOf(known);
  if (author !== undefined) plan.author = author;
  const openGoals = known.goals.filter(({ lifecycleStatus }) => !closedGoalStates.has(lifecycleStatus));
  const wanted = (element: RemovableElement, found: readonly r4.Reference[]) =>
    found.filter((reference) => !removed[element].has(referenceKey(reference) ?? ''));
  const lists = {
    contributor: union(contributor, sourcesOf(known)),
    careTeam: union(careTeam, known.ownTeams.filter(({ status }) => isCurrent(status)).map(referenceTo)),
    addresses: union(addresses, wanted('addresses', problemsOf(known).map(referenceTo))),
    supportingInfo: union(supportingInfo, [...known.hospitalPlans, ...known.hospitalTeams].map(referenceTo)),
    goal: union(goal, wanted('goal', openGoals.map(referenceTo))),
    activity: withActivities(activity, wanted('activity', activitiesOf(known))),
  };
  const own = known.ownTeams.find(({ id: one }) => one === teamId(known.patientId));
  const { extension: said, ...rest } = plan;
  const extension = withPrimaryCareNote(said, primaryCareOf(known.patient, own));
  const noted = extension === said ? plan : { ...rest, ...(extension?.length && { extension: [...extension] }) };
  return Object.assign(noted, Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)));
}

function freshPlan(id: string, known: Known, today: string): r4.CarePlan {
  return {
    resourceType: 'CarePlan',
    id,
    meta: { profile: [sharedPlanProfile] },
    status: 'active',
    intent: 'plan',
    title: 'Shared plan of care',
    subject: { reference: `Patient/${known.patientId}` },
    period: { start: today },
  };
}

/** All three codings, whatever else people added. */
function withCategories(existing: readonly r4.CodeableConcept[] = []): r4.CodeableConcept[] {
  const key = ({ system, code }: r4.Coding) => `${system}|${code}`;
  const present = new Set(existing.flatMap(({ coding }) => coding ?? []).map(key));
  const absent = sharedPlanCategories().filter(({ coding }) => !coding?.some((one) => present.has(key(one))));
  return [...existing, ...absent];
}

/** Accountable for the plan is the lead coordinator, once there is one (decision D5). */
function leadOf(known: Known): r4.Reference | undefined {
  const participants = known.ownTeams.flatMap(({ participant }) => participant ?? []);
  return participants.find((one) => isLead(one) && one.period?.end === undefined)?.member;
}

function isCurrent(status: string | undefined): boolean {
  return status !== 'inactive' && status !== 'entered-in-error';
}

const requestTypes: ReadonlySet<string> = new Set([
  ...['Appointment', 'CommunicationRequest', 'DeviceRequest', 'MedicationRequest', 'NutritionOrder'],
  ...['Task', 'ServiceRequest', 'VisionPrescription', 'RequestGroup'],
]);

/** Open requests and tasks of everyone, and whatever active hospital plans list as resources of their own. */
function activitiesOf(known: Known): r4.Reference[] {
  const requests = known.requests.filter(({ status }) => !closedRequest.has(status));
  const tasks = known.tasks.filter((task) => !closedTask.has(task.status) && !isAboutPlan(task));
  const listed = known.hospitalPlans
    .filter(({ status }) => status === 'active')
    .flatMap(({ activity }) => activity ?? [])
    .map(({ reference }) => reference)
    .filter((reference) => requestTypes.has(reference?.reference?.split('/')[0] ?? ''));
  // What is known by its own state was judged above: a closed request stays out although a plan still lists it.
  const ownState = new Set([...known.requests, ...known.tasks].map((resource) => referenceTo(resource).reference));
  const others = listed.filter((reference) => reference !== undefined && !ownState.has(referenceKey(reference)));
  return [...[...requests, ...tasks].map(referenceTo), ...others].filter((reference) => reference !== undefined);
}

/** What is done with the plan is no part of it: a wish nobody agreed to yet, its review, a signature. */
function isAboutPlan(task: r4.Task): boolean {
  return task.intent === 'proposal' || hasCareCode(task, planReviewCode) || hasCareCode(task, coSignCode);
}

function withActivities(
  existing: readonly r4.CarePlanActivity[] = [],
  found: readonly r4.Reference[],
): r4.CarePlanActivity[] {
  const before = existing.map(({ reference }) => reference).filter((reference) => reference !== undefined);
  const added = union(before, found).slice(before.length);
  return [...existing, ...added.map((reference) => ({ reference }))];
}
