import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import { wordsOf } from '../words.ts';
import type { LoadedConcept } from './release.ts';
import { BrokenFile } from './text-file.ts';

/** The code system that rows belong to. */
export interface SystemAbout {
  url: string;
  version: string;
  name?: string;
  properties: Readonly<Record<string, string>>;
}

const insert = `
  WITH added AS (
    INSERT INTO terminology_concept
      (system_id, code, position, display, parents, ancestors, properties, designations, active, abstract, words)
    SELECT $1, code, position, display, parents, ancestors, properties, designations, active, abstract, array_to_tsvector(words)
    FROM jsonb_to_recordset($2::jsonb) AS row (
      code text, position integer, display text, parents text[], ancestors text[], properties jsonb, designations jsonb,
      active boolean, abstract boolean, words text[])
    ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer AS added FROM added`;

/** Takes a version of a code system out of the concept tables. */
export async function dropSystem(sql: Sql, url: string, version: string): Promise<void> {
  await sql.query('DELETE FROM terminology_system WHERE url = $1 AND version = $2', [url, version]);
}

/**
 * Puts one version of a code system in the place of what was loaded of it, a batch at a time, within the caller's transaction.
 * Answers the number of concepts. Throws BrokenFile for a code that comes twice, an empty file or text that cannot be stored.
 */
export async function replaceSystem(
  sql: Sql,
  about: SystemAbout,
  concepts: AsyncIterable<LoadedConcept> | Iterable<LoadedConcept>,
  progress: (count: number) => void,
): Promise<number> {
  await dropSystem(sql, about.url, about.version);
  const [row] = await sql.query<{ id: string }>(
    'INSERT INTO terminology_system (url, version, name, properties) VALUES ($1, $2, $3, $4) RETURNING id',
    [about.url, about.version, about.name ?? null, JSON.stringify(about.properties)],
  );
  let count = 0;
  let batch: object[] = [];
  const flush = async () => {
    const text = JSON.stringify(batch);
    if (text.includes('\\u0000')) throw new BrokenFile('The file has a NUL character.');
    const [done] = await sql.query<{ added: number }>(insert, [row?.id, text]);
    if (done?.added !== batch.length) throw new BrokenFile('The file has a code twice.');
    batch = [];
    progress(count);
  };
  for await (const concept of concepts) {
    const words = wordsOf(`${concept.display ?? ''} ${concept.code}`);
    batch.push({ ...concept, position: count, words });
    count += 1;
    if (batch.length >= limits.terminology.loadBatch) await flush();
  }
  if (batch.length > 0) await flush();
  if (count === 0) throw new BrokenFile('The file has no concepts.');
  // Else the planner knows nothing of the new rows until the autovacuum comes by.
  await sql.query('ANALYZE terminology_concept');
  return count;
}
