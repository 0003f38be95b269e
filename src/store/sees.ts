import type { Definitions } from '../fhir/definitions.ts';
import { reachOf } from '../fhir/patient-reach.ts';
import { ownCategories } from './categories.ts';
import { parseContent } from './content.ts';
import { indexRow } from './index-row.ts';
import type { StoreParts } from './parts.ts';
import type { Query } from './rows.ts';
import { testTokens } from './search/token.ts';
import type { Grant, Stored, Visibility } from './types.ts';
import { grantsOn, visibleSql } from './visibility.ts';

/** What a grant asks about one version. */
export interface SeenFacts {
  id: string;
  /** Whose compartments it is in, those that it is about first. */
  patients: readonly string[];
  subjects: number;
  tokens: readonly string[];
  /** Bits of its privacy categories. */
  categories: bigint;
}

/** The twin of `visibleSql` for one version, which may be a replaced or a deleted one: by what it says itself, and by its row. */
export async function sees(query: Query, parts: StoreParts, visibility: Visibility, stored: Stored): Promise<boolean> {
  const { type, id } = stored;
  const values: unknown[] = [type, id];
  const add = (value: unknown, as: string) => `$${values.push(value)}::${as}`;
  const visible = visibleSql(parts.definitions, visibility, type, add);
  if (typeof visible !== 'string') return visible === undefined;
  // Asked first, whatever the version says: what is hidden takes the same way as what never was.
  const text = `SELECT 1 FROM resource r WHERE r.type = $1 AND r.id = $2 AND ${visible}`;
  const [found] = await query(text, values, parts.shapeName?.(text));
  // An old version may name another child than the record does now, or be of another category: both must be allowed.
  return found !== undefined && isShownByContent(parts, visibility, stored);
}

/** What the version itself says; a deleted one says nothing, so its row alone decides. */
export function isShownByContent(parts: StoreParts, visibility: Visibility, stored: Stored): boolean {
  if (stored.deleted || visibility.kind === 'all') return true;
  let facts: SeenFacts | undefined;
  const known = () => {
    facts ??= factsOf(parts, stored);
    return facts;
  };
  return meetsOne(parts.definitions, visibility.grants, stored.type, known);
}

function factsOf({ extract, categorize }: StoreParts, { id, json }: Stored): SeenFacts {
  const resource = parseContent(json);
  const { patients, subjects, tokens } = indexRow(resource, extract(resource));
  return { id, patients, subjects, tokens, categories: ownCategories(categorize, resource).own };
}

/** True when one of the grants shows a record of the type with these facts. They are asked for only where a grant needs them. */
export function meetsOne(
  definitions: Definitions,
  grants: readonly Grant[],
  type: string,
  facts: () => SeenFacts,
): boolean {
  const isAlone = reachOf(definitions, type) === 'alone';
  return grantsOn(definitions, grants, type).some(({ patients, except = [], having = [], hides = 0n }) => {
    if (patients !== undefined && !isTheirs(facts(), patients, isAlone)) return false;
    if (except.length > 0 && facts().patients.some((patient) => except.includes(patient))) return false;
    if (hides !== 0n && (facts().categories & hides) !== 0n) return false;
    return having.every((test) =>
      test.param === '_id'
        ? test.anyOf.some(({ code }) => code === facts().id)
        : testTokens(type, test).some((token) => facts().tokens.includes(token)),
    );
  });
}

function isTheirs({ patients: own, subjects }: SeenFacts, patients: readonly string[], isAlone: boolean): boolean {
  if (isAlone) return own.length > 0 && own.every((patient) => patients.includes(patient));
  return own.slice(0, subjects).some((patient) => patients.includes(patient));
}
