import type { SliceView } from '../model/slice-view.ts';
import type { Value } from '../values/types.ts';
import type { Trace } from './trace.ts';

/** One evaluation: what is computed once for a child and a moment. */
export interface Run {
  /** Values of definitions by slot; undefined where not computed yet. */
  readonly definitions: (Value | undefined)[];
  /** Values of parameters by slot; undefined where neither given nor asked for yet. */
  readonly parameters: (Value | undefined)[];
  /** What compiled code remembers by what it was computed from. */
  readonly memos: (Map<Value, Value> | undefined)[];
  readonly view: SliceView;
  /** Records what came out of each node; only traced code looks at it. */
  readonly trace: Trace | undefined;
}
