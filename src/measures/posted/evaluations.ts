import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { At } from '../engine/contract.ts';
import { lastInstant } from '../engine/engine.ts';
import type { EvaluationTask, Loaded } from '../evaluation-main.ts';
import { isTooCostly, stoppedFor } from '../stopped.ts';
import type { AnswerThrough } from '../through.ts';
import type { MeasureDefinition, ReadyMeasure } from '../types.ts';
import type { EvaluationProcess, Loadable, ProcessLimits } from './evaluation-process.ts';
import { createEvaluationProcesses } from './evaluation-processes.ts';

/** Runs measures that users have posted, never in the process that answers requests. */
export interface Evaluations {
  /** Error `invalid`: the logic is not supported; `unprocessable`: it could not be made ready within bounds of time and memory. */
  ready(definition: MeasureDefinition): Promise<Result<ReadyMeasure>>;
  close(): Promise<void>;
}

const bounds = {
  loadMs: limits.measures.compileMs,
  evaluateMs: limits.measures.postedMs,
  megabytes: limits.measures.evaluatorMb,
};

/**
 * `structuresDir`: the definitions of FHIR, of which a process makes a model of its own. `processes`: so many work side by side, each with the memory of
 * one; 1 unless given.
 */
export function createEvaluations(
  structuresDir: string,
  { processes = 1, within = bounds }: { processes?: number; within?: ProcessLimits } = {},
): Evaluations {
  const runner = createEvaluationProcesses(structuresDir, within, processes);
  let keys = 0;
  return {
    async ready(definition) {
      keys += 1;
      const loadable = { key: keys, measure: () => textOf(definition) };
      const loaded = await runner.load<Loaded>(loadable);
      if (!loaded.ok) return isTooCostly(loaded) ? stoppedFor(definition.name, loaded) : loaded;
      return ok(inProcess(definition, loaded.value, asker(definition.name, runner, loadable)));
    },
    close: () => runner.close(),
  };
}

function textOf({ name, groups, supplemental, libraries, valueSets }: MeasureDefinition): string {
  return JSON.stringify({ name, groups, supplemental, libraries, valueSets });
}

type Ask = <T>(
  resources: readonly Resource[],
  task: (asked: { key: number; resources: string }) => EvaluationTask,
) => Promise<Result<T>>;

function inProcess(
  definition: MeasureDefinition,
  { needs, readsToday, sought, definitions }: Loaded,
  ask: Ask,
): ReadyMeasure {
  const through: ReadyMeasure['through'] = async (resources, at, moments) => {
    const answer = await ask<AnswerThrough>(resources, (asked) => ({ kind: 'through', ...asked, at, moments }));
    return answer.ok ? answer.value : { found: answer };
  };
  return {
    ...definition,
    ...{ needs, readsToday, sought, through },
    evaluate: async (resources, period, at = lastInstant(period)) =>
      (await through(resources, { period, zone: at.zone }, [at.now])).found,
    questions: {
      definitions,
      explain: (resources, at: At, names) => ask(resources, (asked) => ({ kind: 'explain', ...asked, at, names })),
      lastDays: (resources, at: At, names) => ask(resources, (asked) => ({ kind: 'lastDays', ...asked, at, names })),
    },
  };
}

/** Stops in a row after which a measure is left alone for a while: one that never ends must not keep the others waiting for every child. */
function asker(name: string, runner: EvaluationProcess, loadable: Loadable): Ask {
  let stops = 0;
  let restsUntil = 0;
  const isResting = () => performance.now() < restsUntil;
  return async <T>(resources: readonly Resource[], task: Parameters<Ask>[1]) => {
    const asked = task({ key: loadable.key, resources: JSON.stringify(resources) });
    const answer = await runner.ask<T>(loadable, asked, isResting);
    if (!isStopped(answer)) stops = 0;
    else if (!isResting()) {
      stops += 1;
      if (stops >= limits.measures.stopsInARow) {
        stops = 0;
        restsUntil = performance.now() + limits.measures.restMs;
      }
    }
    return isTooCostly(answer) ? stoppedFor(name, answer) : answer;
  };
}

/** Also of an answer whose logic ran out of the steps or the time that it has. */
function isStopped(answer: Result<unknown>): boolean {
  if (!answer.ok) return isTooCostly(answer);
  const { value } = answer;
  return typeof value === 'object' && value !== null && 'found' in value && isTooCostly(value.found as Result<unknown>);
}
