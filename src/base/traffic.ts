import { setTimeout as delay } from 'node:timers/promises';

/** How busy this process is with requests, for work in the background that gives way to them. */
export interface Traffic {
  /** A request has come; call what it answers when the request has ended, however. */
  enter(): () => void;
  /** Waits until no request has been under way for `quietMs`, but no longer than `mostMs`: the background is not starved. */
  giveWay(quietMs: number, mostMs: number): Promise<void>;
}

export function createTraffic(): Traffic {
  let underWay = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
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
      const end = performance.now() + mostMs;
      for (let wait = quietMsLeft(quietMs); wait > 0 && performance.now() < end; wait = quietMsLeft(quietMs)) {
        await delay(Math.max(1, Math.min(wait, end - performance.now())));
      }
    },
  };
}
