import type { Need } from '../engine/contract.ts';
import { readsToday as asksForToday } from '../engine/elm.ts';
import type { ReadyMeasure } from '../types.ts';

/** All that the logic can see, through every definition that the measure names. */
export function needsOf({ needs, retrieves }: ReadyMeasure): readonly Need[] {
  return needs ?? retrieves.map((type) => ({ type }));
}

/** Whether time alone may change an answer. */
export function readsToday({ readsToday: known, libraries }: ReadyMeasure): boolean {
  return known ?? libraries.some(({ elm }) => asksForToday(elm));
}
