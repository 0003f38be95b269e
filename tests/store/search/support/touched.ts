import { createExtractor } from '../../../../src/fhir/search/extract.ts';
import { parseSearch } from '../../../../src/fhir/search/parse.ts';
import { createReader } from '../../../../src/store/reader.ts';
import type { Query } from '../../../../src/store/rows.ts';
import { seesAll, type Visibility } from '../../../../src/store/types.ts';
import type { TestStore } from '../../../support/database.ts';

export interface Touched {
  ids: string[];
  total?: number;
  /** Pages of tables and indexes that the statements of one search looked at: what a search costs, whatever the machine does besides. */
  pages: number;
  statements: number;
  /** How many of them are prepared once they have come often. */
  prepared: number;
}

/** Answers a search and tells what it took. Plans are those of the values asked for. */
export async function touched(home: TestStore, search: string, visibility: Visibility = seesAll): Promise<Touched> {
  const { definitions, pool, clock, log } = home;
  let pages = 0;
  let statements = 0;
  let prepared = 0;
  const query = async (text: string, values: readonly unknown[] = [], name?: string) => {
    const explained = await pool.query<{ 'QUERY PLAN': [{ Plan: Record<string, unknown> }] }>({
      text: `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
      values: [...values],
    });
    const plan = explained.rows[0]?.['QUERY PLAN'][0].Plan ?? {};
    pages += Number(plan['Shared Hit Blocks']) + Number(plan['Shared Read Blocks']);
    statements += 1;
    if (name !== undefined) prepared += 1;
    return (await pool.query({ text, values: [...values] })).rows;
  };
  const extract = createExtractor(definitions, { baseUrl: 'http://ours.example' });
  const parts = { definitions, extract, checks: [], effects: [], clock, log, shapeName: () => 'often' };
  const reader = createReader(query as Query, parts);
  const [type = '', rest = ''] = search.split('?');
  const parsed = parseSearch(definitions, type, [...new URLSearchParams(rest)], {
    handling: 'strict',
    baseUrl: 'http://ours.example',
  });
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  const page = await reader.search(parsed.value.query, visibility);
  if (!page.ok) throw new Error(page.error.issues[0]?.text);
  const { matches, included, total } = page.value;
  return {
    ids: [...matches, ...included].map(({ id }) => id),
    pages,
    prepared,
    statements,
    ...(total !== undefined && { total }),
  };
}
