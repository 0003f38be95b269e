import { ok } from '../../src/base/errors.ts';
import { parseJson } from '../../src/fhir/json.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { SearchQuery } from '../../src/fhir/search/query.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { type Reader, seesAll, type Tx } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';
import { createOracle, type Oracle, readResource } from './answer.ts';
import type { Json } from './leaves.ts';
import { makeResource } from './make-resources.ts';
import type { Published } from './published.ts';
import { seeded } from './random.ts';
import { codesOf, systemOf } from './value-sets.ts';

export const baseUrl = 'http://ours.example/fhir';

/** The same resources twice: in the database, and plain in memory with the oracle over them. */
export interface TwoWorlds {
  home: TestStore;
  published: Published;
  oracle: Oracle;
  byType: ReadonlyMap<string, readonly Json[]>;
  /** The JSON text a resource of the oracle was read from. */
  textOf(resource: Json): string;
}

export interface Shape {
  seed: number;
  perType: number;
}

export async function makeWorlds(published: Published, { seed, perType }: Shape): Promise<TwoWorlds> {
  let tick = Date.parse('2019-12-30T00:00:00.000Z');
  const now = () => {
    tick += 3_600_007;
    return new Date(tick);
  };
  const home = await createTestStore({ baseUrl, clock: { now } });
  const random = seeded(seed);
  const ids = Array.from({ length: perType }, (_, place) => `r${place}`);
  const making = { random, ids, types: published.types, baseUrl, codesOf };
  const texts = new Map<Json, string>();
  for (const type of published.types) {
    const made = ids.map((id) => JSON.stringify(makeResource(published, making, type, id)));
    // Some were something else before, some are gone: neither may be found by what they were.
    const before = ids.slice(0, 5).map((id) => JSON.stringify(makeResource(published, making, type, id)));
    const written = await home.store.transact(testActor, async (tx) => {
      await write(tx, before);
      await tx.delete(type, ids[0] ?? '');
      return ok(await write(tx, made.slice(1)));
    });
    if (!written.ok) throw new Error(`${type} was not written`);
    for (const text of written.value) texts.set(readResource(text), text);
  }
  const resources = [...texts.keys()];
  const oracle = oracleOver(published, resources);
  const byType = Map.groupBy(resources, ({ resourceType }) => String(resourceType));
  return { home, published, oracle, byType, textOf: (resource) => texts.get(resource) ?? '' };
}

export const oracleOver = (published: Published, resources: readonly Json[]): Oracle =>
  createOracle({ published, resources, baseUrl, systemOf });

/** Answers the texts as stored. */
export async function write(tx: Tx, texts: readonly string[]): Promise<string[]> {
  const stored: string[] = [];
  for (const text of texts) {
    const resource = parseJson(text) as Resource;
    const written = await tx.update(resource);
    if (!written.ok) throw new Error('a resource was not written');
    stored.push(written.value.stored.json);
  }
  return stored;
}

/** What the server makes of a search: ids in order; or that it refuses it, because it cannot (`unsupported`) or must not. */
export type Answered =
  | { ids: string[]; total?: number; next?: string }
  | { refused: 'unsupported' | 'invalid'; text: string };

export async function searchServer(
  { definitions }: Pick<TestStore, 'definitions'>,
  reader: Reader,
  type: string,
  params: readonly (readonly [string, string])[],
  change: (query: SearchQuery) => SearchQuery = (query) => ({ ...query, count: 1000 }),
): Promise<Answered> {
  const parsed = parseSearch(definitions, type, params, { handling: 'strict', baseUrl });
  const found = parsed.ok ? await reader.search(change(parsed.value.query), seesAll) : parsed;
  if (!found.ok) {
    const { issues } = found.error;
    const isUnsupported = issues.some(({ code }) => code === 'not-supported');
    return { refused: isUnsupported ? 'unsupported' : 'invalid', text: issues.map(({ text }) => text).join(' ') };
  }
  const { matches, total, next } = found.value;
  return {
    ids: matches.map(({ id }) => id),
    ...(total !== undefined && { total }),
    ...(next !== undefined && { next }),
  };
}
