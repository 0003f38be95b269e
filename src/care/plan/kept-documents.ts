import type { Principal, View } from '../../access/types.ts';
import { limits } from '../../base/limits.ts';
import type { PlanView } from '../../fhir/plan-view.ts';
import type { Resource } from '../../fhir/types.ts';
import type { ShownBefore } from '../../store/types.ts';
import type { BundleText } from './bundle-text.ts';

/** A document that was made for a reader, with what has to be unchanged for it to be told again. */
export interface KeptDocument {
  before: ShownBefore;
  view: PlanView;
  told: readonly Resource[];
  /** Made when it is first asked for, as its reader is told it. */
  bundle?: BundleText;
  page?: Resource;
}

export interface KeptDocuments {
  find(key: string, now: Date): KeptDocument | undefined;
  keep(key: string, document: KeptDocument, now: Date): void;
  keyOf(principal: Principal, planId: string, today: string): string;
}

/**
 * Documents that were made lately, each for one reader as the policy saw them then, on one day. Whoever asks has to look whether what it was made of is still shown just so
 * (`stillShows`): nothing is told from here that could not be read now. For a minute at most, because a few details depend on the time.
 */
export function createKeptDocuments(): KeptDocuments {
  const kept = new Map<string, { document: KeptDocument; until: number }>();
  const views = new WeakMap<View, string>();
  const textOf = (view: View) => {
    const known = views.get(view) ?? written(view);
    views.set(view, known);
    return known;
  };
  return {
    find(key, now) {
      const found = kept.get(key);
      return found && now.getTime() < found.until ? found.document : undefined;
    },
    keep(key, document, now) {
      kept.delete(key);
      const [oldest] = kept.keys();
      if (kept.size >= limits.care.documentsKept && oldest !== undefined) kept.delete(oldest);
      kept.set(key, { document, until: now.getTime() + limits.care.documentKeptMs });
    },
    keyOf({ view, tokenId: _token, ...who }, planId, today) {
      return `${planId} ${today} ${written(who)} ${view === undefined ? '' : textOf(view)}`;
    },
  };
}

/** All of a value as text, sets, maps and large numbers too. */
function written(value: unknown): string {
  return JSON.stringify(value, (_name, inner: unknown) => {
    if (inner instanceof Set) return { set: [...inner] };
    if (inner instanceof Map) return { map: [...inner] };
    return typeof inner === 'bigint' ? `${inner}n` : inner;
  });
}
