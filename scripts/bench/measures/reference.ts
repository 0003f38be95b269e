import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { round } from './engine-speed.ts';

export interface Reference {
  measure: string;
  /** Processor time a child of cql-execution, and of ours in turn with it on the same children. */
  referenceMicros: number;
  ourMicros: number;
  ratio: number;
  /** Definitions a child that cql-execution was asked for. */
  definitions: number;
  /** Children whom cql-execution could not evaluate. */
  referenceErrors: number;
  children: number;
}

export interface ReferenceTask {
  measures: readonly string[];
  /** So many made-up children, or the vaccine child. */
  children: number | 'vaccine';
  /** How long a turn is. */
  turnMs: number;
}

export type EngineRole = 'ours' | 'cql-execution';

export interface TurnAsked {
  measure: string;
  /** The first so many children. */
  children: number;
  ms: number;
}

export interface Turn {
  /** Processor time a child, collecting the engine's own garbage included. */
  micros: number;
  children: number;
  errors: number;
  definitions: number;
}

const turns = 3;

/**
 * Each measure on our engine and on cql-execution (a development dependency). Both begin with the same records in memory. Each has a process of its
 * own, so that neither collects what the other leaves, or loses to such a collection what was compiled for it; they take turns of
 * equal length over the same children, as many as cql-execution has time for. Of each the best of three turns counts, after one
 * that warms up, because whatever else the machine does only adds to it.
 */
export async function againstReference({ measures, children, turnMs }: ReferenceTask): Promise<Reference[]> {
  const [ours, theirs] = [await engine('ours', children), await engine('cql-execution', children)];
  const found: Reference[] = [];
  for (const measure of measures) {
    const all = children === 'vaccine' ? 1 : children;
    const warm = await theirs.turn({ measure, children: all, ms: turnMs });
    const same = { measure, children: warm.children, ms: turnMs };
    await ours.turn(same);
    let [referenceMicros, ourMicros] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let n = 0; n < turns; n += 1) {
      // The same children to the last, however long they take.
      const theirTurn = await theirs.turn({ ...same, ms: Number.MAX_SAFE_INTEGER });
      referenceMicros = Math.min(referenceMicros, theirTurn.micros);
      ourMicros = Math.min(ourMicros, (await ours.turn(same)).micros);
    }
    found.push({
      measure,
      referenceMicros: Math.round(referenceMicros),
      ourMicros: round(ourMicros),
      ratio: Math.round(referenceMicros / ourMicros),
      definitions: round(warm.definitions),
      referenceErrors: warm.errors,
      children: warm.children,
    });
  }
  ours.end();
  theirs.end();
  return found;
}

async function engine(role: EngineRole, children: number | 'vaccine') {
  const child = fork(join(import.meta.dirname, 'engine-turns-main.ts'), [role, String(children)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`the process of ${role} has ended`);
  });
  // Nobody waits for it while no turn is under way.
  ended.catch(() => undefined);
  const answer = () => Promise.race([once(child, 'message'), ended]);
  await answer();
  return {
    turn: async (asked: TurnAsked): Promise<Turn> => {
      child.send(asked);
      const [done] = await answer();
      return done;
    },
    end: () => child.kill(),
  };
}
