import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Include, SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import { parseContent } from '../content.ts';
import type { StoreParts } from '../parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from '../rows.ts';
import type { Stored, Visibility } from '../types.ts';
import { seesType, visibleSql } from '../visibility.ts';
import { statement } from './statement.ts';
import { referenceToken } from './token.ts';

/** Rounds of `:iterate`; a chain of references longer than this is not followed. */
const maxRounds = 5;

const nameOf = (stored: { type: string; id: string }) => `${stored.type}/${stored.id}`;

/** What the resources refer to by the parameter of an include. */
function targetsOf(parts: StoreParts, include: Include, from: readonly Stored[]): { type: string; id: string }[] {
  const { param, sourceType, targetType } = include;
  return from
    .filter((stored) => stored.type === sourceType)
    .flatMap((stored) => parts.extract(parseContent(stored.json)).references)
    .filter((reference) => param === '*' || reference.param === param.code)
    .filter((reference) => targetType === undefined || reference.type === targetType);
}

/** Visible resources of `type` that meet one more condition. */
async function readVisible(
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  type: string,
  condition: (add: (value: unknown, type: string) => string) => string,
): Promise<Stored[]> {
  const into = statement();
  const visible = visibleSql(parts.definitions, visibility, type, (value) => into.add(value, 'text'));
  if (visible === false) return [];
  const all = [`r.type = ${into.add(type, 'text')}`, 'NOT r.deleted', condition(into.add)];
  if (visible !== undefined) all.push(visible);
  const rows = await query<ResourceRow>(
    `SELECT ${resourceColumns} FROM resource r WHERE ${all.join(' AND ')} ORDER BY r.key LIMIT ${limits.search.maxIncluded + 1}`,
    into.values,
  );
  return rows.map(toStored);
}

async function forward(
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  include: Include,
  from: readonly Stored[],
): Promise<Stored[]> {
  const ids = new Map<string, Set<string>>();
  for (const { type, id } of targetsOf(parts, include, from)) {
    if (seesType(visibility, type)) ids.set(type, (ids.get(type) ?? new Set()).add(id));
  }
  const found: Stored[] = [];
  for (const [type, wanted] of ids) {
    const list = [...wanted];
    found.push(...(await readVisible(query, parts, visibility, type, (add) => `r.id = ANY (${add(list, 'text[]')})`)));
  }
  return found;
}

function reverseParams(parts: StoreParts, { param, sourceType }: Include): SearchParam[] {
  if (param !== '*') return [param];
  return [...parts.definitions.searchParams(sourceType).values()].filter(({ kind }) => kind === 'reference');
}

async function backward(
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  include: Include,
  to: readonly Stored[],
): Promise<Stored[]> {
  const { sourceType, targetType } = include;
  const targets = to.filter((stored) => targetType === undefined || stored.type === targetType);
  const tokens = reverseParams(parts, include).flatMap((param) =>
    targets.map((stored) => referenceToken(sourceType, param.code, stored.type, stored.id)),
  );
  if (tokens.length === 0) return [];
  return readVisible(query, parts, visibility, sourceType, (add) => `r.tokens && ${add(tokens, 'bigint[]')}`);
}

/**
 * What `_include` and `_revinclude` bring along, each once, without the matches; what the reader may not see stays out. With
 * `:iterate` also from what was brought along. Source: FHIR R4, search.html#include. Error `too-large`: more than the limit.
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
  for (let round = 0; round < maxRounds && fresh.length > 0; round++) {
    const next: Stored[] = [];
    for (const { include, follow } of steps) {
      if (round > 0 && !include.iterate) continue;
      for (const stored of await follow(query, parts, visibility, include, fresh)) {
        if (known.has(nameOf(stored))) continue;
        known.add(nameOf(stored));
        next.push(stored);
      }
      if (all.length + next.length > limits.search.maxIncluded) {
        return fail(
          'too-large',
          `More than ${limits.search.maxIncluded} resources would be included. Ask for a smaller _count.`,
        );
      }
    }
    all.push(...next);
    fresh = next;
  }
  return ok(all);
}
