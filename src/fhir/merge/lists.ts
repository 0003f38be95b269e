import { byKey, isByContent, isPointing } from './line-key.ts';

/** How values that are no lists are put together. Undefined: it is not there. */
export interface Merging {
  merge(base: unknown, current: unknown, wanted: unknown, path: string): unknown;
  conflict(path: string): void;
}

type Lines = Map<string, unknown>;

/**
 * Merges what two people made of one list, line by line: a line that one of them added or took out is added or taken out, a line that one of
 * them changed is changed. The order is the current one; what is new comes last. A line that one took out and the other changed is a
 * conflict, and so is one that both changed, where it cannot be merged itself.
 */
export function mergeLists(
  lists: { base: readonly unknown[]; current: readonly unknown[]; wanted: readonly unknown[] },
  path: string,
  merging: Merging,
): unknown[] {
  const [base, current, wanted] = [byKey(lists.base), byKey(lists.current), byKey(lists.wanted)];
  if (bothReworded(base, current, wanted)) {
    merging.conflict(path);
    return [...lists.current];
  }
  const merged: unknown[] = [];
  for (const key of new Set([...current.keys(), ...base.keys(), ...wanted.keys()])) {
    const holder = current.has(key) ? current : base.has(key) ? base : wanted;
    const place = `${path}[${[...holder.keys()].indexOf(key)}]`;
    // Both have put the same thing in, each with words of their own beside it.
    const isNewInBoth = !base.has(key) && current.has(key) && wanted.has(key) && isPointing(key);
    const line = merging.merge(isNewInBoth ? {} : base.get(key), current.get(key), wanted.get(key), place);
    if (line !== undefined) merged.push(line);
  }
  return merged;
}

/** Both took out a line that nothing but its words tells from others, and both put in another: most likely each reworded it. */
function bothReworded(base: Lines, current: Lines, wanted: Lines): boolean {
  const isGone = [...base.keys()].some((key) => isByContent(key) && !current.has(key) && !wanted.has(key));
  const adds = (side: Lines, other: Lines) =>
    [...side.keys()].some((key) => isByContent(key) && !base.has(key) && !other.has(key));
  return isGone && adds(current, wanted) && adds(wanted, current);
}
