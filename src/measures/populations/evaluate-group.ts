import { ok, type Result } from '../../base/errors.ts';
import type { Evaluation, Logic } from '../engine/logic.ts';
import type { Value } from '../engine/values/types.ts';
import type { GroupDefinition, GroupResult, Unit } from '../types.ts';
import { type Asked, askedOf, type Counted, type Criteria, criteriaOf, type UnitKey } from './criteria.ts';
import { isAsked, type Nested, nestingOf } from './nesting.ts';
import { observationUnit, observedNumber } from './observed-number.ts';
import { type Stratify, stratifyOf } from './strata.ts';

/** One population of a group, ready to be asked about. */
interface Step {
  nested: Nested;
  /** In the order of asking. */
  place: number;
  id: string;
  expression: string;
  isInitial: boolean;
  evidence: readonly string[];
  /** What decides membership; absent for an observation, which has `observe`. */
  criteria?: Criteria;
  observe?: Asked;
  /** In which a quantity that is observed is told. */
  unit?: string;
}

/** One unit while it is being put together. */
interface Draft {
  key: UnitKey;
  counted: Counted;
  /** By place, true for the populations that it is in. */
  member: boolean[];
  observations: Record<string, number>;
}

type Drafts = Map<UnitKey, Draft>;

/** What is asked of one child. Most children are in few groups, so what a group would need is made when there is something to keep. */
interface Work {
  readonly evaluation: Evaluation;
  /** Undefined as long as there is no unit. */
  drafts: Drafts | undefined;
  evidence: Set<string> | undefined;
}

/** Evaluates one group for one child. The plan is made once. A composite group is put together elsewhere. */
export function groupEvaluator(
  group: GroupDefinition,
  logic: Pick<Logic, 'functions' | 'definitions'>,
): (evaluation: Evaluation) => Result<GroupResult> {
  const steps = nestingOf(group).map((nested, place) => stepOf(nested, place, group, logic));
  const places = group.populations.map(({ id }) => ({ id, place: steps.findIndex((step) => step.id === id) }));
  const stratify = stratifyOf(group.stratifiers, logic);
  return (evaluation) => {
    const work: Work = { evaluation, drafts: undefined, evidence: undefined };
    for (const step of steps) {
      const taken = takeStep(step, work);
      if (!taken.ok) return taken;
      if (!taken.value) continue;
      for (const name of step.evidence) {
        const added = addEvidence(name, work);
        if (!added.ok) return added;
      }
    }
    const evidence = work.evidence ? [...work.evidence].sort() : [];
    if (!work.drafts) return ok({ group: group.id, units: [], evidence });
    const units = unitsOf(work.drafts, places, stratify, evaluation);
    return units.ok ? ok({ group: group.id, units: units.value, evidence }) : units;
  };
}

function stepOf(
  nested: Nested,
  place: number,
  group: GroupDefinition,
  logic: Pick<Logic, 'functions' | 'definitions'>,
): Step {
  const { id, code, expression, evidence } = nested.population;
  const step = { nested, place, id, expression, evidence, isInitial: code === 'initial-population' };
  if (code === 'measure-observation')
    return { ...step, observe: askedOf(expression, logic), unit: observationUnit(group) };
  return { ...step, criteria: criteriaOf(expression, group.basis) };
}

/** False when there was no unit to ask about, so the expression was not evaluated. */
function takeStep(step: Step, work: Work): Result<boolean> {
  if (step.isInitial) return initial(step, work);
  const { drafts, evaluation } = work;
  if (!drafts || !isAnyAsked(drafts, step.nested)) return nobodyAsked;
  if (step.observe) return observed(step, step.observe, drafts, evaluation);
  const holds = step.criteria?.(evaluation);
  if (!holds) return nobodyAsked;
  if (!holds.ok) return holds;
  for (const { key, member } of drafts.values())
    if (isAsked(step.nested, member) && holds.value.has(key)) member[step.place] = true;
  return someAsked;
}

const someAsked = ok(true);
const nobodyAsked = ok(false);

function isAnyAsked(drafts: Drafts, nested: Nested): boolean {
  for (const { member } of drafts.values()) if (isAsked(nested, member)) return true;
  return false;
}

function observed(step: Step, observe: Asked, drafts: Drafts, evaluation: Evaluation): Result<boolean> {
  for (const { member, counted, observations } of drafts.values()) {
    if (!isAsked(step.nested, member)) continue;
    const answer = observe(evaluation, counted);
    if (!answer.ok) return answer;
    const number = observedNumber(answer.value, step.expression, step.unit);
    if (!number.ok) return number;
    if (number.value === undefined) continue;
    member[step.place] = true;
    observations[step.id] = number.value;
  }
  return someAsked;
}

function initial(step: Step, work: Work): Result<boolean> {
  const holds = step.criteria?.(work.evaluation);
  if (!holds) return nobodyAsked;
  if (!holds.ok) return holds;
  for (const [key, counted] of holds.value) {
    work.drafts ??= new Map();
    const draft = work.drafts.get(key) ?? { key, counted, member: [], observations: {} };
    draft.member[step.place] = true;
    work.drafts.set(key, draft);
  }
  return someAsked;
}

function addEvidence(name: string, work: Work): Result<void> {
  const { evaluation } = work;
  const found = evaluation.value(name);
  if (!found.ok) return found;
  if (Array.isArray(found.value)) for (const record of found.value) addReference(record, work);
  else addReference(found.value, work);
  return added;
}

const added = ok(undefined);

function addReference(record: Value, work: Work): void {
  const reference = work.evaluation.referenceOf(record);
  if (reference === undefined) return;
  work.evidence ??= new Set();
  work.evidence.add(reference);
}

function unitsOf(
  drafts: Drafts,
  places: readonly { id: string; place: number }[],
  stratify: Stratify,
  evaluation: Evaluation,
): Result<Unit[]> {
  const units: Unit[] = [];
  for (const { counted, member, observations } of drafts.values()) {
    const populations: string[] = [];
    for (const { id, place } of places) if (member[place] === true) populations.push(id);
    const strata = stratify(evaluation, counted, populations);
    if (!strata.ok) return strata;
    const unit: Unit = { populations, strata: strata.value, observations };
    const resource = counted === true ? undefined : evaluation.referenceOf(counted);
    if (resource !== undefined) unit.resource = resource;
    units.push(unit);
  }
  // The order of records must not show.
  if (units.length > 1) units.sort((a, b) => compare(a.resource ?? '', b.resource ?? ''));
  return ok(units);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
