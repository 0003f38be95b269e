import { withoutParts } from '../fhir/labelled-parts.ts';
import type { IndexEntries } from '../fhir/search/extract.ts';
import type { Resource } from '../fhir/types.ts';
import { workedOut } from './numbers.ts';
import type { StoreParts } from './parts.ts';
import { referenceMask, referenceToken, selfToken } from './search/token.ts';
import type { Sql } from './types.ts';

/**
 * Privacy categories of records, a bit each. A record has those that its own content says (`StoreParts.categorize`) and those of the
 * records that it refers to by certain parameters (`StoreParts.inherits`), however they come by them. The database passes on what changes
 * (migrations/018-categories.sql), in the transaction that changes it.
 */
export interface CategoryRow {
  own: bigint;
  /** Those of its own that it has by its labelled parts only; undefined when it is not told in part. */
  parts?: bigint;
  /** Numbers (`resource.self`) of the resources that it inherits from. */
  sources: string[];
  /** Its references to them, as tokens: by these the sources find it, also when it is deleted. */
  links: string[];
}

/** Reference parameters by which records of a type inherit. */
export type Inheritance = Readonly<Record<string, readonly string[]>>;

export function categoryRow(
  { categorize, inherits, numbers = workedOut }: Pick<StoreParts, 'categorize' | 'inherits' | 'numbers'>,
  resource: Resource,
  { references, isWithoutParts }: IndexEntries,
): CategoryRow {
  const { resourceType: type } = resource;
  const params = inherits?.()[type] ?? [];
  const followed = params.length === 0 ? [] : references.filter(({ param }) => params.includes(param));
  const { own, rest } = ownCategories(categorize, resource);
  return {
    own,
    ...(isWithoutParts && { parts: own & ~rest }),
    sources: [...new Set(followed.map((target) => selfToken(target.type, target.id, numbers)))],
    links: [...new Set(followed.map((target) => referenceToken(type, target.param, target.type, target.id, numbers)))],
  };
}

/** What a record is by its own content, and what of that without its labelled parts: by itself that can be of a category that the whole is not. */
export function ownCategories(categorize: StoreParts['categorize'], resource: Resource): { own: bigint; rest: bigint } {
  if (!categorize) return { own: 0n, rest: 0n };
  const whole = categorize(resource);
  const bare = withoutParts(resource, () => true);
  const rest = bare === resource ? whole : categorize(bare);
  return { own: whole | rest, rest };
}

/** Among how many locks the resources are that records inherit from: few, so that a large transaction holds few. */
export const sourceLockCount = 256;

/** A lock to hold until the transaction ends. */
export interface SourceLock {
  number: number;
  /** Nobody else may hold it meanwhile; else others may that share it too. */
  isExclusive: boolean;
}

/** What of a version to be written decides its locks. */
export interface Inheriting {
  self: string;
  categories: CategoryRow;
  /** It is a first version that others may have referred to before it was there. */
  isAwaited: boolean;
  /** It keeps the categories that are stored. */
  isDeleted: boolean;
}

/**
 * The locks to hold while these are written, in the one order in which everybody takes them: those of what they inherit from, shared, so that
 * its categories cannot change meanwhile without finding them; and those of first versions that may have categories, alone, so that what
 * refers to one is either seen by it or sees it. The database takes the same (migrations/047-category-locks.sql) where something that is
 * there already changes its categories.
 */
export function sourceLocks(rows: readonly Inheriting[]): SourceLock[] {
  const locks = new Map<number, boolean>();
  for (const { categories } of rows) for (const source of categories.sources) locks.set(lockOf(source), false);
  const mayHave = mayHaveCategories(rows);
  for (const row of rows) if (row.isAwaited && mayHave.has(row.self)) locks.set(lockOf(row.self), true);
  return [...locks].map(([number, isExclusive]) => ({ number, isExclusive })).sort((a, b) => a.number - b.number);
}

const lockOf = (self: string) => Number(BigInt.asUintN(64, BigInt(self)) % BigInt(sourceLockCount));

/** Those of the rows that have categories of their own, or may inherit some: from another of them that may, or from what is stored. */
function mayHaveCategories(rows: readonly Inheriting[]): Set<string> {
  const written = new Set(rows.filter(({ isDeleted }) => !isDeleted).map(({ self }) => self));
  const found = new Set<string>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { self, categories } of rows) {
      const inherits = categories.sources.some(
        (source) => source !== self && (found.has(source) || !written.has(source)),
      );
      if (categories.own !== 0n || inherits) found.add(self);
    }
  }
  return found;
}

/** Tells the database by which references records inherit from now on. Those that are there keep what they have: `relabel`. */
export async function keepInheritance(sql: Sql, inherits: Inheritance): Promise<void> {
  const pairs = Object.entries(inherits).flatMap(([type, params]) =>
    params.map((param) => ({ type, mask: referenceMask(type, param) })),
  );
  await sql.query(
    `WITH given AS (SELECT DISTINCT * FROM unnest($1::text[], $2::bigint[]) AS g (type, mask)),
       gone AS (DELETE FROM category_inheritance i WHERE (i.type, i.mask) NOT IN (SELECT * FROM given))
     INSERT INTO category_inheritance SELECT * FROM given ON CONFLICT DO NOTHING`,
    [pairs.map(({ type }) => type), pairs.map(({ mask }) => mask)],
  );
}
