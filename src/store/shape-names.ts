import { limits } from '../base/limits.ts';
import { hash64 } from './hash.ts';

/** A name under which a statement of this text is prepared on each connection; undefined while it is not worth one. */
export type ShapeName = (text: string) => string | undefined;

/** Asked this often, a text is a shape that comes again. */
const often = 5;

/**
 * Statements of searches are put together, so their texts are not known beforehand: those that come again get a name, so that
 * PostgreSQL parses and plans them once per connection. Only where the right plan is the same whatever the values: within one
 * patient's records, along one index of dates, among few rows that are named by their keys. Names are never taken back, as
 * connections keep what they prepared; there are a bounded number of them.
 */
export function createShapeNames(): ShapeName {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  return (text) => {
    const name = names.get(text);
    if (name !== undefined || names.size >= limits.database.namedShapes) return name;
    const count = (counts.get(text) ?? 0) + 1;
    if (counts.size >= limits.database.countedShapes) counts.clear();
    counts.set(text, count);
    if (count < often) return undefined;
    counts.delete(text);
    const made = `shape ${hash64(text)}`;
    names.set(text, made);
    return made;
  };
}
