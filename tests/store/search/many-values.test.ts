import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { seesAll } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';

let home: TestStore;
beforeAll(async () => {
  home = await createTestStore();
});
afterAll(() => home.drop());

function search(type: string, params: [string, string][]) {
  const parsed = parseSearch(home.definitions, type, params, { handling: 'strict', baseUrl: 'http://ours.example' });
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  return home.store.search(parsed.value.query, seesAll);
}
const values = (count: number, make: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => make(at)).join(',');

test.each<[string, string, string]>([
  ['Observation', 'value-quantity', values(500, (at) => `${at}`)],
  ['Observation', 'combo-code-value-quantity', values(50, (at) => `a$ne${at}||kg`)],
  ['MolecularSequence', 'chromosome-variant-coordinate', values(50, (at) => `a$${at}$le${at}`)],
  ['Location', 'near', values(500, (at) => `1|${at / 10}`)],
])('as many alternatives as are allowed: %s?%s', async (type, name, list) => {
  expect(await search(type, [[name, list]])).toMatchObject({ ok: true, value: { matches: [] } });
});

test('several parameters with as many as are allowed', async () => {
  const prefixes = ['eq', 'ne', 'gt', 'lt', 'ap'];
  const all = Array.from({ length: 5 }, (_, at): [string, string] => [
    'value-quantity',
    values(500, (value) => `${prefixes[at % 5]}${value}`),
  ]);
  expect(await search('Observation', all)).toMatchObject({ ok: true, value: { matches: [] } });
});

test('a composite has fewer: more are refused by name', () => {
  const list = values(51, (at) => `a$${at}`);
  const parsed = parseSearch(home.definitions, 'Observation', [['code-value-quantity', list]], {
    handling: 'lenient',
    baseUrl: 'http://ours.example',
  });
  expect(parsed).toMatchObject({ ok: false, error: { kind: 'invalid', issues: [{ code: 'too-costly' }] } });
  expect(parsed.ok || parsed.error.issues[0]?.text).toContain('code-value-quantity');
});
