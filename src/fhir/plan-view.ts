import { isMirror } from './mirror.ts';
import { isOfType, ofType, type Typed } from './of-type.ts';
import { otherLine, taskLine, unavailableLine } from './plan-view/actions.ts';
import { ageText } from './plan-view/age.ts';
import { attributionOf, writersOf } from './plan-view/attribution.ts';
import { missingFrom } from './plan-view/completeness.ts';
import { goalLine } from './plan-view/goals.ts';
import {
  compareText,
  conceptText,
  humanName,
  type Index,
  indexOf,
  localReference,
  referenceOf,
} from './plan-view/index-of.ts';
import { conditionsOf } from './plan-view/links.ts';
import { narrativeText } from './plan-view/narrative.ts';
import { groupProblems, problemLine } from './plan-view/problems.ts';
import { reconciledFrom } from './plan-view/reconciled.ts';
import { referralLine } from './plan-view/referrals.ts';
import { isRestricted } from './plan-view/restricted.ts';
import { isOverdue, type ReviewState, reviewDue, reviewOf } from './plan-view/review.ts';
import { planSections } from './plan-view/sections.ts';
import { dateOf, sourceOf } from './plan-view/source.ts';
import { teamOf } from './plan-view/team.ts';
import type {
  ActionLine,
  GoalLine,
  HospitalPlan,
  Line,
  PlanView,
  ProblemView,
  ReferralLine,
  Source,
} from './plan-view/types.ts';
import type { Resource, r4 } from './types.ts';

export type * from './plan-view/section-types.ts';
export type * from './plan-view/types.ts';

export interface PlanViewOptions {
  /** The date (ISO) the age is for. Left out where the text must not change with time. */
  today?: string;
  /** Names of sites by id. */
  sites?: ReadonlyMap<string, string>;
  /** Show what is labelled confidential. Left out, and not counted, unless asked for. */
  showRestricted?: boolean;
  /** What cannot be read leaves no trace, instead of being said to be unavailable: for readers who may see only a part. */
  dropUnavailable?: boolean;
  /** The reader sees all that completeness is judged by: then the view says what is missing. */
  judgesCompleteness?: boolean;
}

type Plan = Resource & Typed<'CarePlan'>;
interface Entry<T extends Line> {
  line: T;
  conditions: ReadonlySet<string>;
}

/**
 * The shared plan as people read it, from the plan and whatever of its surroundings could be read (in any order). Pure and
 * the same for equal content, because the page, the document and the card must agree. Nothing the plan points to is
 * dropped: what names no problem stands under `unlinked`, what cannot be read is said to be unavailable.
 */
export function planView(
  planId: string,
  resources: readonly Resource[],
  options: PlanViewOptions = {},
): PlanView | undefined {
  const plan = resources.find((resource) => resource.resourceType === 'CarePlan' && resource.id === planId);
  if (!isOfType(plan, 'CarePlan')) return undefined;
  const hidden = new Set(options.showRestricted ? [] : resources.filter(isRestricted).map(referenceOf));
  const shown = resources.filter((resource) => !hidden.has(referenceOf(resource)));
  const index = indexOf(shown, options.sites ?? new Map());
  const isShown = ({ reference }: r4.Reference) => !options.dropUnavailable || index.get(reference) !== undefined;
  const references = (list: readonly (r4.Reference | undefined)[] | undefined) => wanted(list, hidden).filter(isShown);

  const goals = goalEntries(references(plan.goal), index);
  const { actions, referrals } = activityEntries(references(plan.activity?.map(({ reference }) => reference)), index);
  const problems = problemViews(references(plan.addresses), index, goals, actions, referrals);
  const linked = new Set(
    problems.flatMap(({ members }) =>
      members.flatMap(({ reference }) => {
        const member = index.get(reference);
        return [reference, ...(member ? reconciledFrom(member) : [])];
      }),
    ),
  );
  const rest = <T extends Line>(entries: Entry<T>[]) =>
    entries.filter(({ conditions }) => !meets(conditions, linked)).map(({ line }) => line);
  const view: PlanView = {
    reference: referenceOf(plan),
    title: plan.title ?? 'Shared plan of care',
    status: plan.status,
    child: childOf(plan, index, options.today),
    counts: {
      problems: problems.filter(({ active }) => active).length,
      goals: countOpen(goals),
      actions: countOpen(actions),
      // What must not be done is asked of nobody.
      referrals: countOpen(referrals.filter(({ line }) => !line.doNotPerform)),
    },
    familyGoals: newestFirst(goals.map(({ line }) => line).filter(({ fromFamily, open }) => fromFamily && open)),
    problems,
    unlinked: { goals: rest(goals), actions: rest(actions), referrals: rest(referrals) },
    team: teamOf(plan, index),
    contributors: contributorsOf(wanted(plan.contributor, hidden), index),
    hospitalPlans: hospitalPlans(references(plan.supportingInfo), index),
    sources: [],
    review: reviewState(plan, index, options),
    sections: [],
  };
  view.sources = sourcesOf(view);
  const asOf = newestChange(plan, view, index);
  if (asOf !== undefined) view.asOf = asOf;
  const lines = <T extends Line>(entries: readonly Entry<T>[]) => entries.map(({ line }) => line);
  const patient = index.get(view.child.reference);
  const on = options.today ?? asOf;
  const made = { goals: lines(goals), actions: lines(actions), referrals: lines(referrals) };
  const { team, hospitalPlans: plans, contributors } = view;
  const writers = writersOf(shown);
  for (const line of linesOf(view)) {
    const resource = index.get(line.reference);
    if (resource !== undefined) line.said = attributionOf(resource, index, writers);
  }
  const chart = { plan, index, writers, ...made, team, hospitalPlans: plans, contributors };
  view.sections = planSections(
    { ...chart, ...(isOfType(patient, 'Patient') && { patient }), ...(on !== undefined && { day: on }) },
    view.review,
  );
  return view;
}

function reviewState(plan: Plan, index: Index, options: PlanViewOptions): ReviewState {
  const patient = index.get(localReference(plan.subject));
  const review = reviewOf(plan);
  const due = reviewDue(plan, isOfType(patient, 'Patient') ? patient.birthDate : undefined);
  const agreed = (review?.agreed ?? [])
    .map((reference) => index.nameOf(reference))
    .filter((name) => name !== undefined);
  const state: ReviewState = { ...due, agreed: agreed.sort(compareText) };
  if (options.today !== undefined) state.overdue = plan.status === 'active' && isOverdue(due.due, options.today);
  if (review?.copyGiven !== undefined) state.copyGiven = review.copyGiven;
  if (options.judgesCompleteness) state.missing = missingFrom(plan, review, index);
  return state;
}

/** Local references in a fixed order, once each, without what the reader may not see. */
function wanted(list: readonly (r4.Reference | undefined)[] | undefined, hidden: ReadonlySet<string>): r4.Reference[] {
  const byReference = new Map<string, r4.Reference>();
  for (const reference of list ?? []) {
    const key = localReference(reference) ?? reference?.identifier?.value ?? reference?.display;
    if (reference && key !== undefined && !hidden.has(key) && !byReference.has(key)) byReference.set(key, reference);
  }
  return [...byReference].sort(([a], [b]) => compareText(a, b)).map(([, reference]) => reference);
}

function goalEntries(references: readonly r4.Reference[], index: Index): Entry<GoalLine>[] {
  const entries = references.map((reference): Entry<GoalLine> => {
    const goal = index.get(reference.reference);
    if (isOfType(goal, 'Goal')) return { line: goalLine(goal, index), conditions: conditionsOf(goal, index) };
    return { line: { ...missing(reference), fromFamily: false, targets: [] }, conditions: new Set() };
  });
  return entries.filter(({ line }) => line.status !== 'entered-in-error');
}

/** A Task that fulfills a request of the plan is that request's state; every other activity is an action. */
function activityEntries(references: readonly r4.Reference[], index: Index) {
  const requests = references
    .map(({ reference }) => index.get(reference))
    .filter((r) => isOfType(r, 'ServiceRequest'))
    .filter(({ status }) => status !== 'entered-in-error');
  const requested = new Set(requests.map(referenceOf));
  const tasks = ofType(index.all, 'Task').filter((task) => requested.has(localReference(task.focus) ?? ''));
  const folded = new Set(tasks.map(referenceOf));
  const referrals: Entry<ReferralLine>[] = requests.map((request) => {
    const own = tasks.filter(({ focus }) => localReference(focus) === referenceOf(request));
    return { line: referralLine(request, own, index), conditions: conditionsOf(request, index) };
  });
  const actions: Entry<ActionLine>[] = [];
  for (const reference of references) {
    const resource = index.get(reference.reference);
    const key = localReference(reference) ?? '';
    if (requested.has(key) || folded.has(key)) continue;
    if (!resource) actions.push({ line: missing(reference), conditions: new Set() });
    else if (resource.status !== 'entered-in-error') {
      const line = isOfType(resource, 'Task') ? taskLine(resource, index) : otherLine(resource, index);
      actions.push({ line, conditions: conditionsOf(resource, index) });
    }
  }
  return { actions, referrals };
}

function problemViews(
  references: readonly r4.Reference[],
  index: Index,
  goals: readonly Entry<GoalLine>[],
  actions: readonly Entry<ActionLine>[],
  referrals: readonly Entry<ReferralLine>[],
): ProblemView[] {
  const conditions = references.map(({ reference }) => index.get(reference)).filter((r) => isOfType(r, 'Condition'));
  const groups = groupProblems(conditions.filter((condition) => !withdrawn(condition)));
  const views = groups.map(({ key, title, active, conditions: members }): ProblemView => {
    const own = new Set(members.flatMap((member) => [referenceOf(member), ...reconciledFrom(member)]));
    const of = <T extends Line>(entries: readonly Entry<T>[]) =>
      entries.filter((entry) => meets(entry.conditions, own)).map(({ line }) => line);
    const lines = members.map((member) => problemLine(member, index));
    return { key, title, active, members: lines, goals: of(goals), actions: of(actions), referrals: of(referrals) };
  });
  const lost = references.filter(({ reference }) => index.get(reference) === undefined);
  return [...views, ...lost.map(lostProblem)];
}

function lostProblem(reference: r4.Reference): ProblemView {
  const line = missing(reference);
  return {
    key: line.reference,
    title: line.text,
    active: false,
    members: [line],
    goals: [],
    actions: [],
    referrals: [],
  };
}

function withdrawn(condition: r4.Condition): boolean {
  return condition.verificationStatus?.coding?.some(({ code }) => code === 'entered-in-error') === true;
}

function hospitalPlans(references: readonly r4.Reference[], index: Index): HospitalPlan[] {
  const plans = references.map(({ reference }) => index.get(reference)).filter((r) => isOfType(r, 'CarePlan'));
  return plans.filter(isMirror).map((plan) => {
    const title = plan.title ?? conceptText(plan.category?.at(-1)) ?? 'Care plan';
    const line: HospitalPlan = {
      reference: referenceOf(plan),
      title,
      text: plan.description ?? onlyWords(plan) ?? title,
      status: plan.status,
      open: plan.status === 'active' || plan.status === 'on-hold' || plan.status === 'draft',
      source: sourceOf(plan, index),
    };
    const date = dateOf(plan);
    if (date !== undefined) line.date = date;
    if (plan.period) line.period = [plan.period.start ?? '…', plan.period.end ?? '…'].join(' – ');
    return line;
  });
}

/** The narrative, when it is all that a hospital's plan consists of; otherwise its parts stand in the plan by themselves. */
function onlyWords(plan: r4.CarePlan): string | undefined {
  const parts = (plan.goal?.length ?? 0) + (plan.activity?.length ?? 0);
  return parts === 0 ? narrativeText(plan.text) : undefined;
}

function childOf(plan: Plan, index: Index, today: string | undefined): PlanView['child'] {
  const reference = localReference(plan.subject) ?? '';
  const patient = index.get(reference);
  if (!isOfType(patient, 'Patient')) return { reference, name: plan.subject?.display ?? 'Name not known' };
  const child: PlanView['child'] = { reference, name: humanName(patient.name) ?? 'Name not known' };
  if (patient.birthDate !== undefined) child.birthDate = patient.birthDate;
  if (patient.gender !== undefined) child.sex = patient.gender;
  const age = today === undefined ? undefined : ageText(patient.birthDate, patient.deceasedDateTime ?? today);
  if (age !== undefined) child.age = age;
  return child;
}

function contributorsOf(references: readonly r4.Reference[], index: Index): string[] {
  const names = references.map((reference) => index.nameOf(reference)).filter((name) => name !== undefined);
  return [...new Set(names)].sort(compareText);
}

function missing(reference: r4.Reference): Line {
  return unavailableLine(localReference(reference) ?? '', reference.display);
}

function meets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return [...a].some((one) => b.has(one));
}

function countOpen(entries: readonly Entry<Line>[]): number {
  return entries.filter(({ line }) => line.open).length;
}

function newestFirst<T extends Line>(lines: readonly T[]): T[] {
  return [...lines].sort((a, b) => compareText(b.date, a.date) || compareText(a.reference, b.reference));
}

/** Every line of a view, each reference once. */
export function linesOf(view: PlanView): Line[] {
  const groups = [...view.problems, view.unlinked];
  const lines = groups.flatMap(({ goals, actions, referrals }): Line[] => [...goals, ...actions, ...referrals]);
  const members = view.problems.flatMap((problem) => problem.members);
  return [...new Map([...members, ...lines, ...view.hospitalPlans].map((line) => [line.reference, line])).values()];
}

function sourcesOf(view: PlanView): Source[] {
  const byLabel = new Map(linesOf(view).map(({ source }) => [`${source.kind} ${source.label}`, source]));
  return [...byLabel].sort(([a], [b]) => compareText(a, b)).map(([, source]) => source);
}

function newestChange(plan: Plan, view: PlanView, index: Index): string | undefined {
  const shown = [plan, ...linesOf(view).map(({ reference }) => index.get(reference))];
  return shown
    .map((resource) => resource?.meta?.lastUpdated)
    .filter((time) => time !== undefined)
    .sort(compareText)
    .at(-1);
}

export { ageText };
