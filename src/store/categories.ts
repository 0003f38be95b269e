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
  { references }: IndexEntries,
): CategoryRow {
  const { resourceType: type } = resource;
  const params = inherits?.()[type] ?? [];
  const followed = params.length === 0 ? [] : references.filter(({ param }) => params.includes(param));
  return {
    own: categorize?.(resource) ?? 0n,
    sources: [...new Set(followed.map((target) => selfToken(target.type, target.id, numbers)))],
    links: [...new Set(followed.map((target) => referenceToken(type, target.param, target.type, target.id, numbers)))],
  };
}

/** Among how many locks the resources are that records inherit from: few, so that a large transaction holds few. */
export const sourceLockCount = 256;

/** The locks to hold while writing what inherits from these; migrations/018-categories.sql takes the same. */
export function sourceLocks(sources: Iterable<string>): number[] {
  const all = new Set(
    [...sources].map((source) => Number(BigInt.asUintN(64, BigInt(source)) % BigInt(sourceLockCount))),
  );
  return [...all].sort((a, b) => a - b);
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
