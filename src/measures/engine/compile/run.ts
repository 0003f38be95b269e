import { limits } from '../../../base/limits.ts';
import type { SharedValues, SliceView } from '../model/slice-view.ts';
import { CqlFault } from '../values/fault.ts';
import type { Value } from '../values/types.ts';
import type { Follow } from './follow.ts';
import type { Trace } from './trace.ts';

/** One evaluation: what is computed once for a child and a moment. */
export interface Run {
  /** Values of definitions by slot; undefined where not computed yet. */
  readonly definitions: (Value | undefined)[];
  /** What other measures have as well of the same child and period. */
  readonly shared: SharedValues;
  /** The same of what looks at the clock; nothing of it is taken while a moment is followed to the next. */
  readonly sharedNow: SharedValues;
  /** Values of parameters by slot; undefined where neither given nor asked for yet. */
  readonly parameters: (Value | undefined)[];
  /** What compiled code remembers by what it was computed from. */
  readonly memos: (Map<Value, Value> | undefined)[];
  readonly view: SliceView;
  /** Keeps what depends on the clock, where one evaluation goes through several moments. */
  follow: Follow | undefined;
  /** Records what came out of each node; only traced code looks at it. */
  readonly trace: Trace | undefined;
  /** Rows that queries may still look at, and calls of functions that may still be made. */
  steps: number;
  /** When it has to be done, of `performance.now()`; set by the first step. */
  deadline: number;
}

/**
 * Counts one step. Logic that anybody may post must not hold a worker: products of sources and functions that call themselves grow beyond any
 * record. The fault is told again at every further step, so that no condition that takes faults lightly goes on.
 */
export function spend(run: Run): void {
  run.steps -= 1;
  // A row may cost much: the time is looked at now and then.
  if ((run.steps & 1023) === 0) {
    const now = performance.now();
    if (run.deadline === 0) run.deadline = now + limits.measures.evaluationMs;
    else if (now > run.deadline) run.steps = -1;
  }
  if (run.steps < 0) throw new CqlFault('The logic looks at too many rows of records.');
}
