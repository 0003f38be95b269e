import { ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import { createUcum } from '../../fhir/ucum.ts';
import type { Schema } from '../../fhir/validate/schema.ts';
import { measureEvaluator } from '../populations/evaluate-measure-logic.ts';
import { type MeasureQuestions, questionsOf } from '../questions.ts';
import type { FollowedAnswer, GroupDefinition, MeasureDefinition, Period, SubjectResult } from '../types.ts';
import { SharedDefinitions } from './compile/shared.ts';
import {
  type At,
  compileLogic,
  createFhirModel,
  createSlice,
  type Evaluation,
  type FhirModel,
  type Logic,
  type Need,
  type Slice,
} from './logic.ts';
import { Units } from './values/units.ts';

export type Evaluate = (
  resources: readonly Resource[],
  period: Period,
  at?: { now: Date; zone: string },
) => Promise<Result<SubjectResult>>;

export interface CompiledMeasure {
  evaluate: Evaluate;
  /** Over a slice that other measures may share. */
  answer(slice: Slice, at: At): Result<SubjectResult>;
  /** The same, from one moment to the next. */
  follow(slice: Slice, at: At): FollowedAnswer;
  needs: readonly Need[];
  readsToday: boolean;
  /** See `ReadyMeasure`. */
  sought: ReadonlyMap<string, readonly Need[]>;
  logic: Logic;
  questions: MeasureQuestions;
}

/** What happens to a measure of the house whose logic is not supported: a house must not start with a measure that cannot run. */
export function createEngine(schema: () => Schema): (measure: MeasureDefinition) => CompiledMeasure {
  const compile = createCompiler(schema);
  return (measure) => {
    const compiled = compile(measure);
    if (!compiled.ok) throw new Error(`measure ${measure.name}: ${compiled.error.issues[0]?.text}`);
    return compiled.value;
  };
}

/** The moment of an evaluation where none is told: the last instant of the period in UTC. */
export function lastInstant({ end }: Period): { now: Date; zone: string } {
  return { now: new Date(`${end}T23:59:59.999Z`), zone: 'UTC' };
}

/** Compiles measures. Error `invalid`: the logic is not supported, with library, expression and node. */
export function createCompiler(schema: () => Schema): (measure: MeasureDefinition) => Result<CompiledMeasure> {
  let model: FhirModel | undefined;
  const units = new Units(createUcum());
  const shared = new SharedDefinitions();
  return (measure) => {
    model ??= createFhirModel(schema());
    const libraries = measure.libraries.map(({ elm }) => elm).filter((elm) => elm !== measure.elm);
    const compiled = compileLogic({ main: measure.elm, libraries, valueSets: measure.valueSets, model, units, shared });
    if (!compiled.ok) return compiled;
    const logic = compiled.value;
    const evaluator = measureEvaluator(measure, logic);
    const answerOf = (evaluation: Evaluation) => named(measure.name, evaluator(evaluation));
    const answer = (slice: Slice, at: At) => answerOf(logic.over(slice, at));
    const follow = (slice: Slice, at: At): FollowedAnswer => {
      const { evaluation, moveTo } = logic.follow(slice, at);
      return { answer: () => answerOf(evaluation), moveTo };
    };
    const names = expressionsOf(measure);
    return ok({
      needs: logic.retrievesOf(names),
      readsToday: logic.readsToday(names),
      sought: new Map(measure.groups.map((group) => [group.id, soughtBy(group, logic)])),
      logic,
      questions: questionsOf(logic),
      answer,
      follow,
      evaluate: async (resources, period, at) => {
        return answer(createSlice(resources), { period, ...(at ?? lastInstant(period)) });
      },
    });
  };
}

/** Every definition and function that the measure names. */
function expressionsOf({ groups, supplemental }: MeasureDefinition): string[] {
  return [
    ...groups.flatMap(({ populations }) =>
      populations.flatMap(({ expression, evidence }) => [expression, ...evidence]),
    ),
    ...groups.flatMap(({ stratifiers }) =>
      stratifiers.flatMap(({ components }) => components.map((c) => c.expression)),
    ),
    ...supplemental.map(({ expression }) => expression),
  ];
}

/** What the numerator looks for by code and no other population does. */
function soughtBy({ populations }: GroupDefinition, logic: Logic): Need[] {
  const needsOf = (isOne: (code: string) => boolean) =>
    logic.retrievesOf(populations.filter(({ code }) => isOne(code)).map(({ expression }) => expression));
  const keyOf = (need: Need) => JSON.stringify([need, [...(need.codes ?? [])].sort()]);
  const others = new Set(needsOf((code) => code !== 'numerator').map(keyOf));
  return needsOf((code) => code === 'numerator').filter(
    (need) => need.codes !== undefined && need.codes.size > 0 && !others.has(keyOf(need)),
  );
}

/** An error that says which measure it is of. */
function named<T>(measure: string, result: Result<T>): Result<T> {
  if (result.ok || result.error.kind !== 'unprocessable') return result;
  const issues = result.error.issues.map((issue) => ({
    ...issue,
    text: `Measure ${measure}, ${lowerFirst(issue.text)}`,
  }));
  return { ok: false, error: { ...result.error, issues } };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
