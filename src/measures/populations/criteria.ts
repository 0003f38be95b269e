import { fail, ok, type Result } from '../../base/errors.ts';
import type { Evaluation, Logic } from '../engine/logic.ts';
import { ModelNode } from '../engine/values/model-node.ts';
import type { Value } from '../engine/values/types.ts';

/** What is counted: the child (`true`) or one episode. */
export type Counted = true | ModelNode;

/** What tells units apart: the reference of an episode, so that a record which is there twice counts once. */
export type UnitKey = true | string | ModelNode;

type Units = ReadonlyMap<UnitKey, Counted>;

/** Answers which units an expression holds for. Unknown holds for nothing. */
export type Criteria = (evaluation: Evaluation) => Result<Units>;

const nobody: Units = new Map();
const noUnits = ok<Units>(nobody);
const theChild = ok<Units>(new Map([[true, true]]));

/** The criteria of a population that counts children (`boolean`) or episodes of a resource type. */
export function criteriaOf(expression: string, basis: string): Criteria {
  return (evaluation) => {
    const answer = evaluation.value(expression);
    if (!answer.ok) return answer;
    if (basis === 'boolean') return child(answer.value, expression);
    return episodes(answer.value, expression, basis, evaluation);
  };
}

function child(value: Value, expression: string): Result<Units> {
  if (value === true) return theChild;
  if (value === false || value === null) return noUnits;
  return wrongKind(expression, 'true or false, because the group counts children');
}

function episodes(value: Value, expression: string, basis: string, evaluation: Evaluation): Result<Units> {
  if (value === null) return noUnits;
  const found = new Map<UnitKey, Counted>();
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item === null) continue;
    if (!(item instanceof ModelNode) || !item.isOfType(`{http://hl7.org/fhir}${basis}`))
      return wrongKind(expression, `a list of ${basis}, because the group counts these`);
    const key = evaluation.referenceOf(item) ?? item;
    if (!found.has(key)) found.set(key, item);
  }
  return ok(found);
}

export function wrongKind(expression: string, wanted: string) {
  return fail('unprocessable', `Expression "${expression}" has to give ${wanted}.`);
}

/** What an expression says of one unit: a function of the episode, a function without operands, or a definition. */
export type Asked = (evaluation: Evaluation, unit: Counted) => Result<Value>;

export function askedOf(expression: string, logic: Pick<Logic, 'functions' | 'definitions'>): Asked {
  const operands = logic.functions.filter(({ name }) => name === expression).map((each) => each.operands);
  if (operands.includes(1))
    return (evaluation, unit) => (unit === true ? ok(null) : evaluation.apply(expression, [unit]));
  if (operands.includes(0)) return (evaluation) => evaluation.apply(expression, []);
  return (evaluation) => evaluation.value(expression);
}
