import type { Definitions } from '../../fhir/definitions.ts';
import { eachReference, parseReference } from '../../fhir/references.ts';
import { statement } from '../../store/search/statement.ts';
import type { Grant, Sql, Visibility } from '../../store/types.ts';
import { alike, visibleSql } from '../../store/visibility.ts';

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

/** Asks in one statement which of the records the grants show. */
export async function lookUp(
  targets: ReadonlySet<string>,
  grants: readonly Grant[],
  { sql, definitions }: { sql: Sql; definitions: Definitions },
): Promise<Targets> {
  if (targets.size === 0) return { seen: new Set(), hidden: new Set() };
  const named = [...targets].map((target) => target.split('/'));
  const visibility: Visibility = { kind: 'limited', grants };
  const { values, add } = statement();
  const given = `unnest(${add(
    named.map(([type]) => type),
    'text[]',
  )}, ${add(
    named.map(([, id]) => id),
    'text[]',
  )})`;
  const types = [...new Set(named.map(([type = '']) => type))];
  const cases = alike(definitions, visibility, types).map((same) => {
    const visible = visibleSql(definitions, visibility, same[0] ?? '', add);
    const shown = visible === false ? 'false' : visible === undefined ? 'true' : `coalesce(${visible}, false)`;
    return `WHEN r.type = ANY (${add(same, 'text[]')}) THEN ${shown}`;
  });
  const rows = await sql.query<{ type: string; id: string; seen: boolean }>(
    `SELECT r.type, r.id, CASE ${cases.join(' ')} ELSE false END AS seen
       FROM ${given} AS wanted (type, id) JOIN resource r ON r.type = wanted.type AND r.id = wanted.id WHERE NOT r.deleted`,
    values,
  );
  const texts = (seen: boolean) => new Set(rows.flatMap((row) => (row.seen === seen ? [`${row.type}/${row.id}`] : [])));
  return { seen: texts(true), hidden: texts(false) };
}
