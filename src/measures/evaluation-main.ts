import { fail, ok, type Result } from '../base/errors.ts';
import { parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import { createSchema } from '../fhir/validate/schema.ts';
import type { At, Need } from './engine/contract.ts';
import { type CompiledMeasure, createCompiler } from './engine/engine.ts';
import { createSlice } from './engine/slice.ts';
import { answerThrough } from './through.ts';
import type { MeasureDefinition } from './types.ts';

/** What is asked of the process. Records and logic come as JSON text: that keeps the digits of decimals. */
export type EvaluationTask =
  | { kind: 'load'; key: number; measure: string }
  | { kind: 'through'; key: number; resources: string; at: Omit<At, 'now'>; moments: readonly Date[] }
  | { kind: 'explain'; key: number; resources: string; at: At; names: readonly string[] }
  | { kind: 'lastDays'; key: number; resources: string; at: At; names: readonly string[] };

/** What is known of a measure once it is compiled. */
export interface Loaded {
  needs: readonly Need[];
  readsToday: boolean;
  sought: ReadonlyMap<string, readonly Need[]>;
  definitions: ReadonlySet<string>;
}

/** The whole of a process that runs what users have posted: one task in, one answer out, as often as it is asked. */
const [, , structuresDir = ''] = process.argv;
const compile = createCompiler(() => createSchema(structuresDir));
const measures = new Map<number, CompiledMeasure>();

process.on('message', async (task: EvaluationTask) => {
  process.send?.(withoutCause(await done(task)));
});
// Without the server there is nothing to do.
process.on('disconnect', () => process.exit());

async function done(task: EvaluationTask): Promise<Result<unknown>> {
  if (task.kind === 'load') return load(task.key, JSON.parse(task.measure));
  const measure = measures.get(task.key);
  if (!measure) return fail('internal', 'The measure is not loaded.');
  const resources = parseJson(task.resources) as Resource[];
  if (task.kind === 'explain') return measure.questions.explain(resources, task.at, task.names);
  if (task.kind === 'lastDays') return measure.questions.lastDays(resources, task.at, task.names);
  return ok(await through(measure, resources, task));
}

function load(key: number, measure: MeasureDefinition): Result<Loaded> {
  const [main] = measure.libraries;
  const compiled = compile({ ...measure, elm: main?.elm });
  if (!compiled.ok) return compiled;
  measures.set(key, compiled.value);
  const { needs, readsToday, sought, logic } = compiled.value;
  return ok({ needs, readsToday, sought, definitions: logic.definitions });
}

function through(
  measure: CompiledMeasure,
  resources: readonly Resource[],
  { at, moments }: Extract<EvaluationTask, { kind: 'through' }>,
) {
  const slice = createSlice(resources);
  const [now = new Date(0)] = moments;
  if (moments.length < 2) return answerThrough({ answer: () => measure.answer(slice, { ...at, now }) }, moments);
  const followed = measure.follow(slice, { ...at, now });
  return answerThrough({ answer: () => followed.answer(), isStill: (then) => followed.moveTo(then) }, moments);
}

/** What went wrong within is of no use outside, and may not be fit to be sent. */
function withoutCause(result: Result<unknown>): Result<unknown> {
  if (result.ok) return result;
  const { cause: _, ...error } = result.error;
  return { ok: false, error };
}
