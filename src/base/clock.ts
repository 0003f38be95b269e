/** The one source of "now". Passed in everywhere, so that tests can move time. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/**
 * TH-65: a clock that never goes back, for a server. When the machine's clock is set back, time goes on at its pace from where it was: what has
 * expired stays expired, and nobody is as young as yesterday again. When the machine's clock runs ahead, it is followed. `wall`: milliseconds
 * since 1970, as the machine has them; `elapsed`: milliseconds since any instant, never set.
 */
export function createSteadyClock(
  wall: () => number = () => Date.now(),
  elapsed: () => number = () => performance.now(),
): Clock {
  let [last, lastElapsed] = [wall(), elapsed()];
  return {
    now() {
      const at = elapsed();
      last = Math.max(wall(), last + (at - lastElapsed));
      lastElapsed = at;
      return new Date(last);
    },
  };
}
