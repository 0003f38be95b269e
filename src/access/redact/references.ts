import type { Definitions } from '../../fhir/definitions.ts';
import { eachReference, parseReference } from '../../fhir/references.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { statement } from '../../store/search/statement.ts';
import type { ShapeName } from '../../store/shape-names.ts';
import type { Sql, Visibility } from '../../store/types.ts';
import { alike, visibleSql } from '../../store/visibility.ts';
import type { View } from '../types.ts';

/** Of the references of an answer, as `Type/id`: those to records that the viewer sees, and those to records that are there and hidden. */
export interface Targets {
  seen: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
}

/** `Type/id` of a reference to one of our records; undefined for any other. */
export function localTarget(reference: string, baseUrl: string): string | undefined {
  const parsed = parseReference(reference, baseUrl);
  return parsed?.kind === 'local' ? `${parsed.type}/${parsed.id}` : undefined;
}

/** Every record of ours that is named anywhere in the answer. */
export function targetsIn(answer: unknown, baseUrl: string): Set<string> {
  const found = new Set<string>();
  eachReference(answer, (reference) => {
    const target = localTarget(reference, baseUrl);
    if (target !== undefined) found.add(target);
  });
  return found;
}

/** Where the first reference stands of which this holds, from `at` on: `CarePlan.activity[2].reference`. Undefined: nowhere. */
export function placeOf(value: unknown, at: string, holds: (reference: string) => boolean): string | undefined {
  if (!isObject(value) || JSON.isRawJSON(value)) return undefined;
  for (const [key, one] of Object.entries(value)) {
    if (key === 'reference' && typeof one === 'string' && holds(one)) return at;
    const found = Array.isArray(one)
      ? one.map((item, index) => placeOf(item, `${at}.${key}[${index}]`, holds)).find((place) => place !== undefined)
      : placeOf(one, `${at}.${key}`, holds);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In JSON text: a property by this name whose value is a text without escapes. */
const written = /"reference"\s*:\s*"([^"\\]*)"/g;
/** A property's name, or a reference, might be spelled with these. */
const escaped = /\\[u/]/;

/**
 * The same, found in the JSON text of an answer without reading it as a whole, which takes longer than the rest of a search. Undefined when the
 * text is spelled such that a reference might be missed.
 */
export function targetsInText(json: string, baseUrl: string): Set<string> | undefined {
  if (escaped.test(json)) return undefined;
  const references = new Set(Array.from(json.matchAll(written), ([, reference = '']) => reference));
  return new Set([...references].flatMap((reference) => localTarget(reference, baseUrl) ?? []));
}

export interface LookUpDeps {
  sql: Sql;
  definitions: Definitions;
  /** Names for statements that come again: what these look for is found by the keys of the records, whatever they are. */
  shapeName?: ShapeName;
}

/** Asks in one statement which of the records the view shows, whole or in part. */
export async function lookUp(
  targets: ReadonlySet<string>,
  { grants, partly }: Pick<View, 'grants' | 'partly'>,
  { sql, definitions, shapeName }: LookUpDeps,
): Promise<Targets> {
  if (targets.size === 0) return { seen: new Set(), hidden: new Set() };
  const named = [...targets].map((target) => target.split('/'));
  const visibility: Visibility = { kind: 'limited', grants, ...(partly && { partly }) };
  const { values, add } = statement();
  const list = (part: 0 | 1) =>
    add(
      named.map((one) => one[part]),
      'text[]',
    );
  // A list within a SELECT does not tell the planner its length: else a short one looks so cheap that it is planned anew each time.
  const given = `unnest((SELECT ${list(0)}), ${list(1)})`;
  const types = [...new Set(named.map(([type = '']) => type))];
  const cases = alike(definitions, visibility, types).map((same) => {
    const visible = visibleSql(definitions, visibility, same[0] ?? '', add);
    const shown = visible === false ? 'false' : visible === undefined ? 'true' : `coalesce(${visible}, false)`;
    return `WHEN r.type = ANY (${add(same, 'text[]')}) THEN ${shown}`;
  });
  const text = `SELECT r.type, r.id, CASE ${cases.join(' ')} ELSE false END AS seen
       FROM ${given} AS wanted (type, id) JOIN resource r ON r.type = wanted.type AND r.id = wanted.id WHERE NOT r.deleted`;
  const rows = await sql.query<{ type: string; id: string; seen: boolean }>(text, values, shapeName?.(text));
  const texts = (seen: boolean) => new Set(rows.flatMap((row) => (row.seen === seen ? [`${row.type}/${row.id}`] : [])));
  return { seen: texts(true), hidden: texts(false) };
}
