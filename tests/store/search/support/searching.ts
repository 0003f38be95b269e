import { parseJson } from '../../../../src/fhir/json.ts';
import { parseSearch } from '../../../../src/fhir/search/parse.ts';
import type { Resource } from '../../../../src/fhir/types.ts';
import { seesAll, type Visibility } from '../../../../src/store/types.ts';
import { type TestStore, testActor } from '../../../support/database.ts';

/** Keeps records by id; those given as JSON text keep their decimals as written. */
export async function keep(home: TestStore, records: Record<string, string | object>): Promise<void> {
  for (const [id, given] of Object.entries(records)) {
    const resource = parseJson(typeof given === 'string' ? given : JSON.stringify(given)) as Resource;
    const written = await home.store.transact(testActor, (tx) => tx.create(resource, { id }));
    if (!written.ok) throw new Error('not written');
  }
}

/** The ids a search such as `Observation?code=a` finds, over all its pages, in order. */
export async function find(home: TestStore, search: string, visibility: Visibility = seesAll): Promise<string[]> {
  const [type = '', query = ''] = search.split('?');
  const params = [...new URLSearchParams(query)];
  const parsed = parseSearch(home.definitions, type, params, { handling: 'strict', baseUrl: 'http://ours.example' });
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await home.store.search({ ...parsed.value.query, ...(cursor && { cursor }) }, visibility);
    if (!page.ok) throw new Error(page.error.issues[0]?.text);
    ids.push(...page.value.matches.map(({ id }) => id));
    cursor = page.value.next;
  } while (cursor !== undefined);
  return ids;
}
