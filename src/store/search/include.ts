import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Include, SearchQuery } from '../../fhir/search/query.ts';
import { parseContent } from '../content.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import type { Stored, Visibility } from '../types.ts';
import { memberOfAny } from '../visibility.ts';
import { canonicalTargets } from './include-canonical.ts';
import { leadsToCompartment } from './patient-scope.ts';
import { readVisible } from './read-visible.ts';
import { referenceToken } from './token.ts';

const { maxIncluded, maxIncludeRounds, includeTokens } = limits.search;

/** Up to so many, the plan for ten is the plan for all. */
const fewIds = 200;

const nameOf = (stored: { type: string; id: string }) => `${stored.type}/${stored.id}`;

type Follow = (
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  include: Include,
  from: readonly Stored[],
) => Promise<Result<Stored[]>>;

/** What the resources refer to by the parameter of an include. */
const forward: Follow = async (query, parts, visibility, include, from) => {
  const { param, sourceType, targetType } = include;
  const ids = new Map<string, Set<string>>();
  const references = from
    .filter((stored) => sourceType === '*' || stored.type === sourceType)
    .flatMap((stored) => parts.extract(parseContent(stored.json)).references)
    .filter((reference) => param === '*' || reference.param === param.code);
  for (const { type, id } of references) {
    if (targetType === undefined || type === targetType) ids.set(type, (ids.get(type) ?? new Set()).add(id));
  }
  const found: Stored[] = [];
  for (const [type, wanted] of ids) {
    const list = [...wanted];
    const condition = (add: (value: unknown, type: string) => string) => `r.id = ANY (${add(list, 'text[]')})`;
    found.push(...(await readVisible(query, parts, visibility, [type], condition, list.length <= fewIds)));
  }
  return ok([...found, ...(await canonicalTargets(query, parts, visibility, include, from))]);
};

/** What refers to the resources by the parameter of an include: by one, by any of a type, or by any there is. */
const backward: Follow = async (query, parts, visibility, include, to) => {
  const { sourceType, targetType, param } = include;
  const targets = to.filter((stored) => targetType === undefined || stored.type === targetType);
  const types = sourceType === '*' ? await storedTypes(query, parts) : [sourceType];
  const tokens: string[] = [];
  for (const type of types) {
    const params = param === '*' ? [...parts.definitions.searchParams(type).values()] : [param];
    for (const { code, kind, targets: kinds } of params) {
      if (kind !== 'reference') continue;
      for (const target of targets) {
        if (param !== '*' || kinds?.includes(target.type))
          tokens.push(referenceToken(type, code, target.type, target.id));
      }
      if (tokens.length > includeTokens) return tooWide();
    }
  }
  if (tokens.length === 0) return ok([]);
  const isOfPatients = param !== '*' && types.every((type) => leadsToCompartment(parts.definitions, type, param));
  if (isOfPatients && targets.every(({ type }) => type === 'Patient')) {
    const condition = (add: (value: unknown, type: string) => string) => ofPatients(targets, tokens, add);
    return ok(await readVisible(query, parts, visibility, types, condition, targets.length <= fewIds));
  }
  return ok(
    await readVisible(query, parts, visibility, types, (add) => anyToken(add(tokens, 'bigint[]'), tokens.length)),
  );
};

/** What refers to patients by a parameter of their compartments is among the few records there, which lie together. */
function ofPatients(
  targets: readonly Stored[],
  tokens: readonly string[],
  add: (value: unknown, type: string) => string,
): string {
  const ids = targets.map(({ id }) => id);
  return `${memberOfAny(add(ids, 'text[]'))} AND arrayoverlap(r.tokens, ${add(tokens, 'bigint[]')})`;
}

/** With && every row found is compared with the whole list; a long one is looked up token by token. */
function anyToken(list: string, length: number): string {
  if (length <= 200) return `r.tokens && ${list}`;
  return `r.key = ANY (ARRAY(SELECT x.key FROM unnest(${list}) AS k JOIN resource x ON x.tokens @> ARRAY[k]))`;
}

/** The types of which there is any resource: few of those that R4 has. */
async function storedTypes(query: Query, { definitions }: StoreParts): Promise<string[]> {
  const rows = await query<{ type: string }>(
    'SELECT t.type FROM unnest($1::text[]) AS t (type) WHERE EXISTS (SELECT FROM resource r WHERE r.type = t.type)',
    [[...definitions.types]],
    'stored-types',
  );
  return rows.map(({ type }) => type);
}

function tooWide(): Err {
  const text = `What refers to these resources cannot be looked up at once (limit: ${includeTokens} references). Ask for a smaller _count.`;
  return fail('too-large', text);
}

/**
 * What `_include` and `_revinclude` bring along, each once, without the matches; what the reader may not see stays out. With
 * `:iterate` also from what was brought along. Source: FHIR R4, search.html#include. Error `too-large`: more than a limit.
 */
export async function included(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  visibility: Visibility,
  matches: readonly Stored[],
): Promise<Result<Stored[]>> {
  const steps = [
    ...wanted.includes.map((include) => ({ include, follow: forward })),
    ...wanted.revincludes.map((include) => ({ include, follow: backward })),
  ];
  const known = new Set(matches.map(nameOf));
  const all: Stored[] = [];
  let fresh: Stored[] = [...matches];
  for (let round = 0; fresh.length > 0; round++) {
    const next: Stored[] = [];
    for (const { include, follow } of steps) {
      if (round > 0 && !include.iterate) continue;
      const found = await follow(query, parts, visibility, include, fresh);
      if (!found.ok) return found;
      for (const stored of found.value) {
        if (known.has(nameOf(stored))) continue;
        known.add(nameOf(stored));
        next.push(stored);
      }
      if (all.length + next.length > maxIncluded) {
        return fail('too-large', `More than ${maxIncluded} resources would be included. Ask for a smaller _count.`);
      }
    }
    if (next.length > 0 && round >= maxIncludeRounds) {
      return fail('too-large', `':iterate' follows ${maxIncludeRounds} references in a row; here are more.`);
    }
    all.push(...next);
    fresh = next;
  }
  return ok(all);
}
