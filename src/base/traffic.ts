import { setTimeout as delay } from 'node:timers/promises';

/** How busy this process is with requests, for work in the background that gives way to them. */
export interface Traffic {
  /** A request has come; call what it answers when the request has ended, however. */
  enter(): () => void;
  /**
   * Waits until no request has been under way for `quietMs`. The background is not starved: while there is no such moment, one of those
   * who wait goes on every `mostMs`, however many they are.
   */
  giveWay(quietMs: number, mostMs: number): Promise<void>;
}

export function createTraffic(): Traffic {
  let underWay = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
  let lastLet = Number.NEGATIVE_INFINITY;
  const quietMsLeft = (quietMs: number) => (underWay > 0 ? quietMs : quietMs - (performance.now() - lastEnd));
  return {
    enter() {
      underWay += 1;
      let left = false;
      return () => {
        if (left) return;
        left = true;
        underWay -= 1;
        lastEnd = performance.now();
      };
    },
    async giveWay(quietMs, mostMs) {
      const came = performance.now();
      for (let wait = quietMsLeft(quietMs); wait > 0; wait = quietMsLeft(quietMs)) {
        const now = performance.now();
        const mostLeft = Math.max(came, lastLet) + mostMs - now;
        if (mostLeft <= 0) {
          lastLet = now;
          return;
        }
        await delay(Math.max(1, Math.min(wait, mostLeft)));
      }
    },
  };
}
