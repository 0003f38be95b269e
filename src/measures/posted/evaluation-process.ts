import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Err, fail, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { EvaluationTask } from '../evaluation-main.ts';

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

/**
 * One task at a time, in the order in which they came. The next task after an end begins a new process. A thread would do for time, but one that
 * runs out of memory may take the whole server with it.
 */
export function createEvaluationProcess(structuresDir: string, within: ProcessLimits): EvaluationProcess {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let isClosed = false;
  const loaded = new Set<number>();
  let turn: Promise<unknown> = Promise.resolve();

  const end = async () => {
    clearTimeout(idle);
    const ending = child;
    child = undefined;
    loaded.clear();
    await ended(ending);
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
    child ??= begin(structuresDir, within.megabytes);
    const answer = await ask<T>(child, task, ms);
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

/** It knows nothing of this server but where FHIR's definitions are: no environment, no output. */
function begin(structuresDir: string, megabytes: number): ChildProcess {
  const made = fork(fileURLToPath(new URL('../evaluation-main.ts', import.meta.url)), [structuresDir], {
    env: {},
    execArgv: [`--max-old-space-size=${megabytes}`, '--no-warnings'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  made.unref();
  made.channel?.unref();
  return made;
}

function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

/** Undefined when there was no answer: in time, or at all. While it is awaited, the process that asks is kept from ending. */
function ask<T>(child: ChildProcess, task: EvaluationTask, ms: number): Promise<Result<T> | undefined> {
  return new Promise((resolve) => {
    const settle = (answer: Result<T> | undefined) => {
      clearTimeout(timer);
      child.off('message', told).off('error', broken).off('exit', broken);
      child.channel?.unref();
      resolve(answer);
    };
    const told = (answer: unknown) => settle(answer as Result<T>);
    const broken = () => settle(undefined);
    const timer = setTimeout(broken, ms);
    child.on('message', told).on('error', broken).on('exit', broken);
    child.channel?.ref();
    if (!child.connected) broken();
    else child.send(task, (error) => error && broken());
  });
}
