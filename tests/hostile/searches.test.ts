import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { seesAll } from '../../src/store/types.ts';
import { canary, startWatched, unharmed, type Watched } from './journal.ts';

let http: Watched;
beforeAll(async () => {
  http = await startWatched();
  const name = [{ family: 'Percival%', given: ['under_score', 'back\\slash', "O'Quote"] }];
  const identifier = [{ system: 'http://ids.example', value: "x' OR '1'='1" }];
  for (const [id, extra] of [
    ['steady', {}],
    ['odd', { name, identifier }],
  ] as const) {
    await http.send('PUT', `/fhir/Patient/${id}`, { body: { resourceType: 'Patient', id, ...extra } });
  }
});
afterAll(() => http.close());
afterEach(async () => {
  expect(await unharmed(http, '/fhir/Patient/steady')).toEqual({ status: 200, logged: [] });
});

/** SQL in every place that a careless server would paste text into; each would show: an error, a wait, or other results. */
const corpus = [
  `${canary}' OR '1'='1`,
  `' OR 1=1--${canary}`,
  `'; DROP TABLE resource;--`,
  `'); DELETE FROM resource WHERE ('1'='1`,
  `' UNION SELECT json FROM resource--`,
  `1; SELECT pg_sleep(600)--`,
  `1' AND (SELECT 1 FROM pg_sleep(600)) IS NOT NULL AND '1'='1`,
  `$$; SELECT pg_sleep(600); $$`,
  `\\'; SELECT pg_sleep(600); --`,
  `E'\\x27' || pg_sleep(600)`,
  `" OR ""="`,
  `%27%20OR%201=1`,
  `*/ OR 1=1 /*`,
  `$1`,
  `:p1`,
  `?`,
  `{1,2}`,
  `NULL`,
  `\u02bc OR 1=1`,
];

describe('SQL in the value of every search parameter of every type (TH-40)', () => {
  test('finds nothing it should not, breaks nothing, waits for nothing', async () => {
    const { definitions, store } = http;
    const problems: string[] = [];
    let place = 0;
    let searched = 0;
    for (const type of definitions.types) {
      for (const { code, kind } of definitions.searchParams(type).values()) {
        const modifiers =
          kind === 'string'
            ? ['', ':exact', ':contains']
            : kind === 'token'
              ? ['', ':not', ':text']
              : kind === 'uri'
                ? ['', ':below']
                : [''];
        place += 1;
        const modifier = modifiers[place % modifiers.length] ?? '';
        const bare = corpus[place % corpus.length] ?? '';
        const value =
          kind === 'quantity' ? `5.4|${bare}|${bare}` : kind === 'token' && place % 2 ? `${bare}|${bare}` : bare;
        const parsed = parseSearch(definitions, type, [[`${code}${modifier}`, value]], {
          handling: 'strict',
          baseUrl: http.url,
        });
        if (!parsed.ok) {
          if (JSON.stringify(parsed.error).includes(canary)) problems.push(`${type}.${code} repeats the value`);
          continue;
        }
        searched += 1;
        const found = await store.search(parsed.value.query, seesAll);
        if (!found.ok && found.error.kind !== 'invalid')
          problems.push(`${type}.${code}${modifier}: ${found.error.kind}`);
        // A negation rightly finds everything else.
        if (found.ok && modifier !== ':not' && found.value.matches.length > 0)
          problems.push(`${type}.${code} found something`);
      }
    }
    expect(problems).toEqual([]);
    expect(searched).toBeGreaterThan(1000);
    const [tables] = await store.query<{ count: string }>(
      "SELECT count(*) FROM resource WHERE type = 'Patient' AND NOT deleted",
    );
    expect(tables?.count).toBe('2');
  }, 180_000);
});

const places: [place: string, path: (text: string) => string][] = [
  ['the name of a parameter', (text) => `Patient?${text}=1`],
  ['a modifier', (text) => `Patient?name:${text}=1`],
  ['a chain', (text) => `Observation?subject:Patient.${text}=1`],
  ['a chain’s type', (text) => `Observation?subject:${text}.name=1`],
  ['_has', (text) => `Patient?_has:${text}:patient:code=1`],
  ['_has, its parameter', (text) => `Patient?_has:Observation:${text}:code=1`],
  ['_sort', (text) => `Patient?_sort=${text}`],
  ['_elements', (text) => `Patient?_elements=${text}`],
  ['_include', (text) => `Patient?_include=Patient:${text}`],
  ['_revinclude', (text) => `Patient?_revinclude=${text}:patient`],
  ['_summary', (text) => `Patient?_summary=${text}`],
  ['_count', (text) => `Patient?_count=${text}`],
  ['_total', (text) => `Patient?_total=${text}`],
  ['_filter', (text) => `Patient?_filter=${text}`],
  ['a value in _filter', (text) => `Patient?_filter=name eq "${text}"`],
  ['_list', (text) => `Patient?_list=${text}`],
  ['_type', (text) => `?_type=${text}`],
  ['_text', (text) => `Patient?_text=${text}`],
  ['_content', (text) => `Patient?_content=${text}`],
  ['_id', (text) => `Patient?_id=${text}`],
  ['_lastUpdated', (text) => `Patient?_lastUpdated=${text}`],
  ['a token', (text) => `Patient?identifier=${text}|${text}`],
  ['a value set', (text) => `Patient?gender:in=${text}`],
  ['a quantity', (text) => `Observation?value-quantity=1|${text}|${text}`],
  ['a number', (text) => `RiskAssessment?probability=${text}`],
  ['a date', (text) => `Patient?birthdate=ge${text}`],
  ['a composite', (text) => `Observation?code-value-quantity=${text}$${text}`],
  ['near', (text) => `Location?near=${text}|1|1|km`],
  ['a page link', (text) => `Patient?_page=${text}`],
  ['an id', (text) => `Patient/${text}`],
  ['a type', (text) => `${text}/1`],
  ['a version', (text) => `Patient/steady/_history/${text}`],
  ['_since', (text) => `Patient/steady/_history?_since=${text}`],
  ['_at', (text) => `Patient/steady/_history?_at=${text}`],
  ['an operation', (text) => `Patient/steady/$${text}`],
  ['a compartment', (text) => `Patient/${text}/Observation`],
  ['_format', (text) => `Patient?_format=${text}`],
];

describe('TH-40: SQL in', () => {
  test.each(places)('%s is refused, or finds nothing', async (place, path) => {
    for (const text of corpus) {
      const answer = await http.send('GET', `/fhir/${path(encodeURIComponent(text))}`);
      expect(answer.status).toBeLessThan(500);
      if (answer.status < 300) expect(answer.json).toMatchObject({ resourceType: 'Bundle' });
      if (answer.status >= 400) expect(answer.json.resourceType).toBe('OperationOutcome');
      // Whoever has the words that are left when the signs are taken away is rightly found by them.
      if (place !== '_content') expect(answer.json.entry ?? []).toEqual([]);
      if (answer.status >= 400) expect(answer.text).not.toContain(canary);
    }
  });

  test('the criteria of a conditional create, update, patch and delete changes nothing', async () => {
    for (const text of corpus) {
      const criteria = `identifier=${encodeURIComponent(text)}&name:${encodeURIComponent(text)}=1`;
      const body = { resourceType: 'Patient' };
      const created = await http.send('POST', '/fhir/Patient', { body, headers: { 'If-None-Exist': criteria } });
      const changed = await http.send('PUT', `/fhir/Patient?${criteria}`, { body });
      const gone = await http.send('DELETE', `/fhir/Patient?${criteria}`);
      expect([created.status, changed.status, gone.status]).toEqual([400, 400, 400]);
    }
  });
});

describe('wildcards mean themselves (TH-41)', () => {
  test.each([
    '%',
    '_',
    '%25',
    'Perc%val',
    'Perc_val',
    '.*',
    '^P',
    'P.*',
    '[Pp]',
    '\\%',
    'under%',
    '*',
    'P*',
    '(P|x)',
    '\\',
  ])('%s finds nothing', async (text) => {
    const value = encodeURIComponent(text.replace(/[\\,|$]/g, '\\$&'));
    // A word search takes the sign for the end of a word: 'under' is there, and so is '25' whenever the record was written in such a second.
    const words = ['under%', '%25'].includes(text) ? ['_text'] : ['_text', '_content'];
    for (const name of ['name', 'name:exact', 'family', ...words]) {
      const answer = await http.send('GET', `/fhir/Patient?${name}=${value}`);
      expect([name, answer.status < 500, answer.json.entry ?? []]).toEqual([name, true, []]);
    }
  });
  test.each([
    ['name:contains', '%'],
    ['name:contains', '_'],
    ['name:contains', '\\\\'],
    ['name', 'percival%'],
    ['given', 'under_'],
    ['given:exact', 'back\\\\slash'],
    ['given', "o'q"],
    ['identifier', "http://ids.example|x' OR '1'='1"],
  ])('%s=%s finds who has it', async (name, value) => {
    const answer = await http.send('GET', `/fhir/Patient?${name}=${encodeURIComponent(value)}`);
    expect(answer.json.entry?.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual(['odd']);
  });
});
