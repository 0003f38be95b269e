import type { Resource } from '../types.ts';
import { answersApart, type CompositePlace, type PlacePart } from './composite-shape.ts';
import type { IndexEntries } from './index-entries.ts';
import { type Leaf, leavesAt, visitAt } from './leaves.ts';
import type { SearchParam } from './query.ts';
import { walk } from './walk-path.ts';

/** What one element of a composite's place holds: a list of entries for each part, all of the same element. */
export interface PairEntry {
  /** `CompositePlace.key`. */
  key: string;
  /** Which element of the place, from 0. */
  element: number;
  parts: IndexEntries[];
}

interface PlaceReader {
  place: CompositePlace;
  /** Kind and code of each part, for the entries. */
  parts: readonly SearchParam[];
  /** Codes of the composite parameters that look here. */
  codes: string[];
  /** Its parts are told apart by the elements they are in. */
  isPaired: boolean;
}

/** The places of all composite parameters of a type, each once. */
export function placesOf(params: Iterable<SearchParam>): PlaceReader[] {
  const byKey = new Map<string, PlaceReader>();
  for (const { code, composite } of params) {
    for (const place of composite?.places ?? []) {
      const known = byKey.get(place.key);
      if (known) known.codes.push(code);
      else
        byKey.set(place.key, { place, parts: composite?.parts ?? [], codes: [code], isPaired: !answersApart(place) });
    }
  }
  return [...byKey.values()];
}

/**
 * Reads one place: answers whether some element holds every part, and its pairs where parts must be of one element.
 * `collect` gives the entries of leaves under a parameter's code.
 */
export function readPlace(
  { place, parts, isPaired }: PlaceReader,
  resource: Resource,
  collect: (param: SearchParam, leaves: readonly Leaf[]) => IndexEntries,
): { isPresent: boolean; pairs: PairEntry[] } {
  const pairs: PairEntry[] = [];
  let isPresent = false;
  let element = -1;
  walk(resource, place.steps, (value) => {
    element += 1;
    if (isPresent && !isPaired) return;
    // The last part, most often the value, is the one that tells what is of no interest here.
    for (let at = place.parts.length - 1; at >= 0; at -= 1) {
      if (!holdsPart(place.parts[at], resource, value)) return;
    }
    isPresent = true;
    if (!isPaired) return;
    const entries = parts.map((part, at) => {
      const { paths = [], fromRoot = false } = place.parts[at] ?? {};
      return collect(part, leavesAt(fromRoot ? resource : value, paths));
    });
    pairs.push({ key: place.key, element, parts: entries });
  });
  return { isPresent, pairs };
}

function holdsPart(part: PlacePart | undefined, resource: Resource, element: unknown): boolean {
  if (!part) return false;
  let holds = false;
  for (const path of part.paths) {
    visitAt(part.fromRoot ? resource : element, path, () => {
      holds = true;
    });
    if (holds) return true;
  }
  return false;
}
