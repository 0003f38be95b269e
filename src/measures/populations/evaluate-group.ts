import { ok, type Result } from '../../base/errors.ts';
import type { Evaluation, Logic } from '../engine/logic.ts';
import type { GroupDefinition, GroupResult, Unit } from '../types.ts';
import { type Asked, askedOf, type Counted, type Criteria, criteriaOf, type UnitKey } from './criteria.ts';
import { isAsked, type Nested, nestingOf } from './nesting.ts';
import { observationUnit, observedNumber } from './observed-number.ts';
import { type Stratify, stratifyOf } from './strata.ts';

/** One population of a group, ready to be asked about. */
interface Step {
  nested: Nested;
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
  counted: Counted;
  member: Set<string>;
  observations: Record<string, number>;
}

type Drafts = Map<UnitKey, Draft>;

/** Evaluates one group for one child. The plan is made once. A composite group is put together elsewhere. */
export function groupEvaluator(
  group: GroupDefinition,
  logic: Pick<Logic, 'functions' | 'definitions'>,
): (evaluation: Evaluation) => Result<GroupResult> {
  const steps = nestingOf(group).map((nested) => stepOf(nested, group, logic));
  const places = group.populations.map(({ id }) => id);
  const stratify = stratifyOf(group.stratifiers, logic);
  return (evaluation) => {
    const drafts: Drafts = new Map();
    const evidence = new Set<string>();
    for (const step of steps) {
      const taken = takeStep(step, evaluation, drafts);
      if (!taken.ok) return taken;
      if (!taken.value) continue;
      for (const name of step.evidence) {
        const added = addEvidence(name, evaluation, evidence);
        if (!added.ok) return added;
      }
    }
    const units = unitsOf(drafts, places, stratify, evaluation);
    return units.ok ? ok({ group: group.id, units: units.value, evidence: [...evidence].sort() }) : units;
  };
}

function stepOf(nested: Nested, group: GroupDefinition, logic: Pick<Logic, 'functions' | 'definitions'>): Step {
  const { id, code, expression, evidence } = nested.population;
  const step = { nested, id, expression, evidence, isInitial: code === 'initial-population' };
  if (code === 'measure-observation')
    return { ...step, observe: askedOf(expression, logic), unit: observationUnit(group) };
  return { ...step, criteria: criteriaOf(expression, group.basis) };
}

/** False when there was no unit to ask about, so the expression was not evaluated. */
function takeStep(step: Step, evaluation: Evaluation, drafts: Drafts): Result<boolean> {
  if (step.isInitial) return initial(step, evaluation, drafts);
  const asked = askedIn(drafts, step.nested);
  if (asked.length === 0) return nobodyAsked;
  if (step.observe) {
    for (const [, draft] of asked) {
      const answer = step.observe(evaluation, draft.counted);
      if (!answer.ok) return answer;
      const number = observedNumber(answer.value, step.expression, step.unit);
      if (!number.ok) return number;
      if (number.value === undefined) continue;
      draft.member.add(step.id);
      draft.observations[step.id] = number.value;
    }
    return someAsked;
  }
  const holds = step.criteria?.(evaluation);
  if (!holds) return nobodyAsked;
  if (!holds.ok) return holds;
  for (const [key, { member }] of asked) if (holds.value.has(key)) member.add(step.id);
  return someAsked;
}

const someAsked = ok(true);
const nobodyAsked = ok(false);
const nobody: readonly [UnitKey, Draft][] = [];

function askedIn(drafts: Drafts, nested: Nested): readonly [UnitKey, Draft][] {
  if (drafts.size === 0) return nobody;
  const asked: [UnitKey, Draft][] = [];
  for (const entry of drafts) if (isAsked(nested, entry[1].member)) asked.push(entry);
  return asked;
}

function initial(step: Step, evaluation: Evaluation, drafts: Drafts): Result<boolean> {
  const holds = step.criteria?.(evaluation);
  if (!holds) return nobodyAsked;
  if (!holds.ok) return holds;
  for (const [key, counted] of holds.value) {
    const draft = drafts.get(key) ?? { counted, member: new Set(), observations: {} };
    draft.member.add(step.id);
    drafts.set(key, draft);
  }
  return someAsked;
}

function addEvidence(name: string, evaluation: Evaluation, evidence: Set<string>): Result<void> {
  const found = evaluation.value(name);
  if (!found.ok) return found;
  for (const record of Array.isArray(found.value) ? found.value : [found.value]) {
    const reference = evaluation.referenceOf(record);
    if (reference !== undefined) evidence.add(reference);
  }
  return ok(undefined);
}

function unitsOf(
  drafts: Drafts,
  places: readonly string[],
  stratify: Stratify,
  evaluation: Evaluation,
): Result<Unit[]> {
  const units: Unit[] = [];
  for (const { counted, member, observations } of drafts.values()) {
    const populations = places.filter((id) => member.has(id));
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
