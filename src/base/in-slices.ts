import { setImmediate as turn } from 'node:timers/promises';
import { limits } from './limits.ts';

/** Long work of one thread, as steps between which it may be put aside. Each `yield` is such a place; nothing is handed over there. */
export type Steps<T> = Generator<void, T, void>;

/** All of it at once. */
export function whole<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * The same in slices of `sliceMs`: after each, whatever else waits for the thread (requests, timers, rows that have arrived) has its turn. What a step
 * holds from before a turn may have been changed by others meanwhile.
 */
export async function inSlices<T>(steps: Steps<T>, sliceMs: number = limits.sliceMs): Promise<T> {
  for (;;) {
    const until = performance.now() + sliceMs;
    do {
      const { done, value } = steps.next();
      if (done) return value;
    } while (performance.now() < until);
    await turn();
  }
}
