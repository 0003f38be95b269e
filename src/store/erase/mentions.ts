import { limits } from '../../base/limits.ts';
import type { Query } from '../rows.ts';

export interface Mentions {
  /** `Type/id` of other records that refer to an erased one now. */
  current: string[];
  /** How many former versions of other records do. */
  former: number;
}

/** A whole string that is a reference, relative or absolute, to a version or not. */
const reference = `'"(?:https?://[^"]*/)?([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/_history/[0-9]+)?"'`;

const scanText = (table: string) => `
  SELECT DISTINCT o.key::text AS key, o.version FROM ${table} o, regexp_matches(o.content, ${reference}, 'g') AS m
   WHERE o.key > $1 AND o.key <= $2 AND o.key NOT IN (SELECT key FROM erased) AND m[1] IN (SELECT name FROM erased)`;

/** Who wrote what goes, and nothing else, goes with it. */
const provenanceText = `
  INSERT INTO erased (key, type, id, name)
  SELECT r.key, r.type, r.id, r.type || '/' || r.id FROM resource r
   WHERE r.key = ANY ($1::bigint[]) AND r.type = 'Provenance' AND NOT r.deleted AND NOT EXISTS (
     SELECT FROM jsonb_array_elements(r.content::jsonb -> 'target') AS t
      WHERE regexp_replace(coalesce(t ->> 'reference', ''), '/_history/[0-9]+$', '') NOT IN (SELECT name FROM erased))`;

/**
 * Which records that stay refer to one that goes; a Provenance of nothing that stays is noted to go. Every text is read: not every reference is one that a search knows. `say` is told how far it is.
 */
export async function mentionsOf(query: Query, say: (line: string) => void): Promise<Mentions> {
  const [last] = await query<{ key: string }>('SELECT coalesce(max(key), 0)::text AS key FROM resource');
  const end = Number(last?.key ?? 0);
  const current: string[] = [];
  let former = 0;
  let told = 0;
  for (let from = 0; from < end; from += limits.erase.keysAtOnce) {
    const range = [from, from + limits.erase.keysAtOnce];
    current.push(...(await query<{ key: string }>(scanText('resource'), range)).map(({ key }) => key));
    former += (await query(scanText('resource_history'), range)).length;
    const tenths = Math.floor((Math.min(range[1] ?? end, end) / end) * 10);
    if (tenths > told && tenths < 10) say(`${tenths * 10} % of the other records looked through`);
    told = tenths;
  }
  await query(provenanceText, [current]);
  const names = await query<{ name: string }>(
    `SELECT type || '/' || id AS name FROM resource WHERE key = ANY ($1::bigint[]) AND key NOT IN (SELECT key FROM erased) ORDER BY 1`,
    [current],
  );
  return { current: names.map(({ name }) => name), former };
}
