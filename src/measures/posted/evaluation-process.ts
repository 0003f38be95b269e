import { type Err, fail, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { EvaluationTask } from '../evaluation-main.ts';
import { createBoundedProcess } from './bounded-process.ts';

/** How long each kind of task may take, in milliseconds, and how much memory the process has. */
export interface ProcessLimits {
  loadMs: number;
  evaluateMs: number;
  megabytes: number;
}

/** A measure that has to be there before anything can be asked of it. */
export interface Loadable {
  key: number;
  /** The measure as JSON text; see evaluation-main.ts. */
  measure(): string;
}

/** A process in which what users have posted is evaluated: whatever it does, it stops neither the server nor itself for long. */
export interface EvaluationProcess {
  /**
   * Compiles a measure there. Error `unprocessable`, code `too-costly`: it took too long or too much memory, and the process was ended. `invalid`: as
   * the engine says.
   */
  load<T>(loadable: Loadable): Promise<Result<T>>;
  /** Asks something of a measure, which is loaded first where it is not. Errors as `load`. `isResting`: that it is not to be asked now. */
  ask<T>(loadable: Loadable, task: EvaluationTask, isResting: () => boolean): Promise<Result<T>>;
  close(): Promise<void>;
}

/** One task at a time, in the order in which they came. */
export function createEvaluationProcess(structuresDir: string, within: ProcessLimits): EvaluationProcess {
  const loaded = new Set<number>();
  const { evaluatorIdleMs, evaluatorMeasures } = limits.measures;
  const bounded = createBoundedProcess({
    ...{ file: new URL('../evaluation-main.ts', import.meta.url), args: [structuresDir] },
    ...{ megabytes: within.megabytes, idleMs: evaluatorIdleMs },
    ended: () => loaded.clear(),
  });
  let isClosed = false;
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => {
    const next = turn.then(() => (isClosed ? fail('busy', 'The server is stopping.') : work()));
    turn = next.catch(() => undefined);
    return next;
  };
  const send = async <T>(task: EvaluationTask, ms: number): Promise<Result<T>> => {
    // What comes from there is what evaluation-main.ts sends.
    const answer = (await bounded.ask(task, ms)) as Result<T> | undefined;
    return answer ?? stopped();
  };
  const load = async <T>({ key, measure }: Loadable): Promise<Result<T>> => {
    if (loaded.size >= evaluatorMeasures) await bounded.end();
    const answer = await send<T>({ kind: 'load', key, measure: measure() }, within.loadMs);
    if (answer.ok) loaded.add(key);
    return answer;
  };
  return {
    load: (loadable) => inTurn(() => load(loadable)),
    ask: (loadable, task, isResting) =>
      inTurn(async () => {
        if (isResting()) return stopped('several times in a row. It is tried again later');
        if (!loaded.has(loadable.key)) {
          const there = await load<never>(loadable);
          if (!there.ok) return there;
        }
        return send(task, within.evaluateMs);
      }),
    async close() {
      isClosed = true;
      await bounded.end();
    },
  };
}

function stopped(often = ''): Err {
  const text = ['It took too long or too much memory', ...(often === '' ? [] : [often])].join(' ');
  return fail('unprocessable', `${text}.`, { code: 'too-costly' });
}
