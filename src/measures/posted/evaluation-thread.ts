import { Worker } from 'node:worker_threads';
import { type Err, fail, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { EvaluationTask } from '../evaluation-worker.ts';

/** How long each kind of task may take, in milliseconds, and how much memory the thread has. */
export interface ThreadLimits {
  loadMs: number;
  evaluateMs: number;
  megabytes: number;
}

/** A measure that has to be there before anything can be asked of it. */
export interface Loadable {
  key: number;
  /** The measure as JSON text; see evaluation-worker.ts. */
  measure(): string;
}

/** A thread in which what users have posted is evaluated: whatever it does, it stops neither the server nor itself for long. */
export interface EvaluationThread {
  /**
   * Compiles a measure there. Error `unprocessable`, code `too-costly`: it took too long or too much memory, and the thread was ended. `invalid`: as the
   * engine says.
   */
  load<T>(loadable: Loadable): Promise<Result<T>>;
  /** Asks something of a measure, which is loaded first where it is not. Errors as `load`. `isResting`: that it is not to be asked now. */
  ask<T>(loadable: Loadable, task: EvaluationTask, isResting: () => boolean): Promise<Result<T>>;
  close(): Promise<void>;
}

/** One task at a time, in the order in which they came. The next task after an end begins a new thread. */
export function createEvaluationThread(structuresDir: string, within: ThreadLimits): EvaluationThread {
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;
  const loaded = new Set<number>();
  let turn: Promise<unknown> = Promise.resolve();

  const end = async () => {
    clearTimeout(idle);
    const ending = worker;
    worker = undefined;
    loaded.clear();
    await ending?.terminate();
  };
  const inTurn = <T>(work: () => Promise<Result<T>>): Promise<Result<T>> => {
    const next = turn.then(async () => {
      if (isClosed) return fail('busy', 'The server is stopping.');
      clearTimeout(idle);
      const answer = await work();
      idle = setTimeout(() => void end(), limits.measures.evaluatorIdleMs);
      idle.unref();
      return answer;
    });
    turn = next.catch(() => undefined);
    return next;
  };
  const send = async <T>(task: EvaluationTask, ms: number): Promise<Result<T>> => {
    worker ??= open(structuresDir, within.megabytes);
    const answer = await ask<T>(worker, task, ms);
    if (answer !== undefined) return answer;
    await end();
    return stopped();
  };
  const load = async <T>({ key, measure }: Loadable): Promise<Result<T>> => {
    if (loaded.size >= limits.measures.evaluatorMeasures) await end();
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
      await end();
    },
  };
}

function stopped(often = ''): Err {
  const text = ['It took too long or too much memory', ...(often === '' ? [] : [often])].join(' ');
  return fail('unprocessable', `${text}.`, { code: 'too-costly' });
}

function open(structuresDir: string, maxOldGenerationSizeMb: number): Worker {
  const made = new Worker(new URL('../evaluation-worker.ts', import.meta.url), {
    workerData: { structuresDir },
    resourceLimits: { maxOldGenerationSizeMb },
  });
  made.unref();
  return made;
}

/** Undefined when there was no answer: in time, or at all. */
function ask<T>(worker: Worker, task: EvaluationTask, ms: number): Promise<Result<T> | undefined> {
  return new Promise((resolve) => {
    const settle = (answer: Result<T> | undefined) => {
      clearTimeout(timer);
      worker.off('message', settle).off('error', broken).off('exit', broken);
      resolve(answer);
    };
    const broken = () => settle(undefined);
    const timer = setTimeout(broken, ms);
    worker.on('message', settle).on('error', broken).on('exit', broken);
    worker.postMessage(task);
  });
}
