import type { Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Schema } from '../../fhir/validate/schema.ts';
import { measureEvaluator } from '../populations/evaluate-measure-logic.ts';
import type { MeasureDefinition, Period, SubjectResult } from '../types.ts';
import { compileLogic, createFhirModel, createSlice, type FhirModel, type Logic, type Need } from './logic.ts';

export type Evaluate = (
  resources: readonly Resource[],
  period: Period,
  at?: { now: Date; zone: string },
) => Promise<Result<SubjectResult>>;

export interface CompiledMeasure {
  evaluate: Evaluate;
  needs: readonly Need[];
  readsToday: boolean;
  logic: Logic;
}

/**
 * Compiles measures: `engine(measure)` throws when the logic is not supported, because a house must not start with a measure that cannot run. Where no
 * moment is told, it is the last instant of the period in UTC.
 */
export function createEngine(schema: () => Schema): (measure: MeasureDefinition) => CompiledMeasure {
  let model: FhirModel | undefined;
  return (measure) => {
    model ??= createFhirModel(schema());
    const libraries = measure.libraries.map(({ elm }) => elm).filter((elm) => elm !== measure.elm);
    const compiled = compileLogic({ main: measure.elm, libraries, valueSets: measure.valueSets, model });
    if (!compiled.ok) throw new Error(`measure ${measure.name}: ${compiled.error.issues[0]?.text}`);
    const logic = compiled.value;
    const answer = measureEvaluator(measure, logic);
    const names = expressionsOf(measure);
    return {
      needs: logic.retrievesOf(names),
      readsToday: logic.readsToday(names),
      logic,
      evaluate: async (resources, period, at) => {
        const moment = at ?? { now: new Date(`${period.end}T23:59:59.999Z`), zone: 'UTC' };
        return named(measure.name, answer(logic.over(createSlice(resources), { period, ...moment })));
      },
    };
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
