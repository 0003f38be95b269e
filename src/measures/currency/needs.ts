import { readsToday as asksForToday } from '../engine/elm.ts';
import type { ReadyMeasure } from '../types.ts';

/** What a retrieve of a measure's logic can see of a child's record. */
export interface MeasureNeed {
  type: string;
  /** Element that the codes are looked for in, e.g. `vaccineCode`. */
  path?: string;
  /** `system|code`; absent: any code will do. */
  codes?: ReadonlySet<string>;
}

/** All that the logic can see, through every definition that the measure names. */
export function needsOf(measure: ReadyMeasure): readonly MeasureNeed[] {
  return measure.retrieves.map((type) => ({ type }));
}

/** Whether time alone may change an answer. */
export function readsToday(measure: ReadyMeasure): boolean {
  return asksForToday(measure.elm);
}
