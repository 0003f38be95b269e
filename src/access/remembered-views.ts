import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { View } from './types.ts';

interface Deps<Viewer> {
  clock: Clock;
  /** Of viewers for whom the same view is made. */
  nameOf(viewer: Viewer): string;
  /** Undefined: nothing is kept from this viewer. */
  make(viewer: Viewer, now: Date): Promise<View | undefined>;
}

export interface RememberedViews<Viewer> {
  of(viewer: Viewer): Promise<View | undefined>;
  /** Without asking anybody; undefined when it would have to be made. */
  known(viewer: Viewer, now: Date): { view: View | undefined } | undefined;
  /** Before a change of what views are made of. */
  forget(): void;
}

interface Remembered<V> {
  view: V;
  from: number;
  until: number;
}

/**
 * Views, each made at most every two seconds. Whoever asks while one is being made waits for that one: many come at the moment at which it is
 * forgotten. A partner's rests on more than who somebody is (a Task, an agreement) and is made anew for every request.
 */
export function createRememberedViews<Viewer>({ clock, nameOf, make }: Deps<Viewer>): RememberedViews<Viewer> {
  const remembered = new Map<string, Remembered<View | undefined>>();
  const coming = new Map<string, Remembered<Promise<View | undefined>>>();
  let unsettledUntil = 0;
  const makeForAll = async (viewer: Viewer, now: Date): Promise<View | undefined> => {
    const name = nameOf(viewer);
    const from = now.getTime();
    const span = { from, until: Math.min(from + limits.access.rememberedMs, nextMinute(from)) };
    const one = { view: make(viewer, now), ...span };
    coming.set(name, one);
    try {
      const view = await one.view;
      // Forgotten meanwhile: what it was made of may be old.
      if (view?.partner || coming.get(name) !== one) return view;
      if (remembered.size >= limits.access.remembered) remembered.clear();
      remembered.set(name, { view, ...span });
      return view;
    } finally {
      if (coming.get(name) === one) coming.delete(name);
    }
  };
  const known = (viewer: Viewer, now: Date) => within(remembered.get(nameOf(viewer)), now);
  return {
    known,
    async of(viewer) {
      const now = clock.now();
      const found = known(viewer, now);
      if (found) return found.view;
      if (now.getTime() < unsettledUntil) return make(viewer, now);
      const underWay = within(coming.get(nameOf(viewer)), now);
      const view = await (underWay?.view ?? makeForAll(viewer, now));
      return underWay && view?.partner ? make(viewer, now) : view;
    },
    forget() {
      remembered.clear();
      coming.clear();
      // Called before the commit: what is read until that is done may be old, and is neither kept nor shared.
      unsettledUntil = clock.now().getTime() + limits.access.rememberedMs;
    },
  };
}

function within<V>(one: Remembered<V> | undefined, now: Date): Remembered<V> | undefined {
  const time = now.getTime();
  return one && one.from <= time && time < one.until ? one : undefined;
}

/** Midnight is the beginning of a minute in every time zone: a view that was made before it is not used after it. */
function nextMinute(time: number): number {
  return (Math.floor(time / 60_000) + 1) * 60_000;
}
