import type { Value } from '../../values/types.ts';
import { spend } from '../run.ts';
import type { Compiled, Frame } from '../types.ts';

/** What happens when one more source of the row is bound. */
export interface Step {
  /** Where the element of this source goes; -1 for what needs no source. */
  readonly slot: number;
  /** Lets that depend on this source: computed when they are asked for, so all that is done here is to forget them. */
  readonly lets: readonly number[];
  /** Conditions that are complete with this source. */
  readonly tests: readonly Compiled[];
}

/**
 * Every row of the sources that the conditions let through, in the order of the product.
 *
 * A row stays when `where` is true and every relationship holds; false and unknown both drop it. An `and` is true exactly when all its parts are,
 * so one part that is not true drops every row that begins like this one, whatever the other parts come to: testing each part as soon as its sources
 * are bound gives the same rows as testing the whole at the end. What could differ is a fault: the part may be asked for a row that another part
 * would have dropped first. Therefore a part that faults drops nothing; the row goes on as `doubtful`, and at its end all is asked once more in
 * the order of the text.
 */
export interface Rows {
  /** Step 0 needs no source; step n binds source n. */
  readonly steps: readonly Step[];
  /** All conditions in the order of the text. */
  readonly conditions: readonly Compiled[];
}

/** Calls `visit` for each row until it answers true. Answers whether it was stopped. */
export function walkRows(
  rows: Rows,
  lists: readonly (readonly Value[])[],
  frame: Frame,
  visit: (frame: Frame) => boolean,
): boolean {
  const { steps, conditions } = rows;
  const { locals } = frame;
  const first = steps[0];
  const verdict = first ? judge(first, frame) : true;
  if (verdict === false) return false;
  const descend = (depth: number, isDoubtful: boolean): boolean => {
    if (depth > lists.length) {
      if (isDoubtful && !conditions.every((condition) => condition(frame) === true)) return false;
      return visit(frame);
    }
    const step = steps[depth];
    const list = lists[depth - 1];
    if (!step || !list) return false;
    for (const element of list) {
      spend(frame.run);
      locals[step.slot] = element;
      const verdict = judge(step, frame);
      if (verdict === false) continue;
      if (descend(depth + 1, isDoubtful || verdict === undefined)) return true;
    }
    return false;
  };
  return descend(1, verdict === undefined);
}

const none: readonly Value[] = [];

/** The values of the rows of a single source, which most queries have. Most find nothing or one: a list that is begun empty has room for sixteen. */
export function collectRows(
  { steps, conditions }: Rows,
  list: readonly Value[],
  frame: Frame,
  output: Compiled,
): readonly Value[] {
  const [before, step] = steps;
  const outer = before ? judge(before, frame) : true;
  if (!step || outer === false) return none;
  let found: Value[] | undefined;
  for (const element of list) {
    if (!isRow(step, conditions, outer, element, frame)) continue;
    if (found) found.push(output(frame));
    else found = [output(frame)];
  }
  return found ?? none;
}

/** Whether any row of a single source has a value. */
export function hasRow({ steps, conditions }: Rows, list: readonly Value[], frame: Frame, output: Compiled): boolean {
  const [before, step] = steps;
  const outer = before ? judge(before, frame) : true;
  if (!step || outer === false) return false;
  for (const element of list) if (isRow(step, conditions, outer, element, frame) && output(frame) !== null) return true;
  return false;
}

function isRow(
  step: Step,
  conditions: readonly Compiled[],
  outer: true | undefined,
  element: Value,
  frame: Frame,
): boolean {
  spend(frame.run);
  frame.locals[step.slot] = element;
  const verdict = judge(step, frame);
  if (verdict === true && outer === true) return true;
  return verdict !== false && conditions.every((condition) => condition(frame) === true);
}

/** True: goes on; false: dropped; undefined: a condition faulted. */
function judge(step: Step, frame: Frame): boolean | undefined {
  for (const slot of step.lets) frame.locals[slot] = undefined;
  let isDoubtful = false;
  for (const test of step.tests) {
    try {
      if (test(frame) !== true) return false;
    } catch {
      isDoubtful = true;
    }
  }
  return isDoubtful ? undefined : true;
}
