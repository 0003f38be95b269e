import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

/** What a search means, asked over HTTP; that the SQL of every kind agrees with a recount is in tests/store/search. */
let http: TestHttp;

const asthma = { coding: [{ system: 'http://snomed.info/sct', code: '195967001' }] };
const children = [
  { id: 'a', name: [{ family: 'Évrard', given: ['Ada'] }], gender: 'female', birthDate: '2015-03-01' },
  { id: 'b', name: [{ family: 'Moss, of Hill|side' }], gender: 'male', birthDate: '2015-03' },
  { id: 'c', name: [{ family: 'moss' }], gender: 'male', birthDate: '2016-12-31' },
  { id: 'd', name: [{ family: 'Moss' }], birthDate: '2015-03-01' },
  { id: 'e', gender: 'other', identifier: [{ system: 'urn:a,b', value: 'v|1' }, { system: 'urn:only' }] },
];
const conditions = [
  { id: 'c1', subject: { reference: 'Patient/a' }, code: asthma, onsetDateTime: '2020-01-01T00:30:00+02:00' },
  { id: 'c2', subject: { reference: 'Patient/a' }, onsetPeriod: { start: '2020-05-01' } },
  { id: 'c3', subject: { reference: 'Patient/c' }, code: { text: 'wheeze' } },
];

beforeAll(async () => {
  http = await startHttp();
  const all = [
    ...children.map((child) => ({ resourceType: 'Patient', ...child })),
    ...conditions.map((condition) => ({ resourceType: 'Condition', ...condition })),
  ];
  const entry = all.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const loaded = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  expect(loaded.status).toBe(200);
});
afterAll(() => http.close());

const get = (query: string) => http.send('GET', `/fhir/${query}`);
const idsIn = (bundle: any, mode = 'match'): string[] =>
  (bundle.entry ?? [])
    .filter((entry: any) => entry.search.mode === mode)
    .map((entry: any) => `${entry.resource.resourceType}/${entry.resource.id}`);
const found = async (query: string) => {
  const answer = await get(query);
  expect([query, answer.status]).toEqual([query, 200]);
  return idsIn(answer.json)
    .map((reference) => reference.split('/')[1])
    .sort()
    .join(' ');
};

describe('what is not understood', () => {
  test.each([
    'Patient?nickname=x',
    'Patient?family:sounds=x',
    'Patient?family:text=x',
    'Patient?birthdate=soon',
    'Patient?birthdate=2015-02-30',
    'Patient?gender:missing=perhaps',
    'Patient?_sort=nickname',
    'Patient?_count=-1',
    'Patient?_total=some',
    'Patient?_has:Condition:patient=1',
    'Patient?_has:Condition:patient:nickname=1',
    'Condition?patient.nickname=x',
    'Condition?code.name=x',
    'Condition?subject:Bottle=a',
    'Observation?value-quantity=gtx',
    'Patient?_include=Patient:nickname',
    'Patient?identifier=|',
  ])('%s is refused with its name, and finds nothing by chance', async (query) => {
    const answer = await get(query);
    expect(answer.status).toBe(400);
    expect(answer.json.issue[0].diagnostics ?? answer.json.issue[0].details.text).toMatch(/\w{4,}/);
    expect(answer.json.entry).toBeUndefined();
  });

  test.each(['family=%00', 'family:contains=%00', 'family:exact=%00', 'identifier=%00', '_id=%00', '_source=%00'])(
    'a character that no record can hold (%s) does not widen the search to everyone',
    async (query) => {
      expect((await get(`Patient?${query}`)).status).toBe(400);
    },
  );
});

describe('what a search means', () => {
  test.each([
    ['Patient?family=moss', 'b c d'],
    ['Patient?family=evr', 'a'],
    ['Patient?family:exact=Moss', 'd'],
    ['Patient?family:contains=HILL', 'b'],
    ['Patient?family=Moss%5C, of Hill%5C|side', 'b'],
    ['Patient?gender=male,other', 'b c e'],
    ['Patient?gender:not=male', 'a d e'],
    ['Patient?gender:missing=true', 'd'],
    ['Patient?identifier=urn:a%5C,b|v%5C|1', 'e'],
    ['Patient?identifier=urn:a%5C,b|', 'e'],
    ['Patient?identifier=urn:only|', 'e'],
    ['Patient?birthdate=2015', 'a b d'],
    ['Patient?birthdate=2015-03-01', 'a d'],
    ['Patient?birthdate=ne2015-03-01', 'b c'],
    ['Patient?birthdate=gt2015-03-01', 'b c'],
    ['Patient?birthdate=ge2015-03&birthdate=lt2016', 'a b d'],
    ['Patient?birthdate=2015-03,2016-12-31', 'a b c d'],
    ['Patient?_id=a,c,nobody', 'a c'],
    ['Patient?_id:not=a,c', 'b d e'],
    ['Condition?onset-date=2019-12-31', 'c1'],
    ['Condition?onset-date=lt2020', 'c1'],
    ['Condition?onset-date=gt2030', 'c2'],
    ['Condition?patient=a', 'c1 c2'],
    ['Condition?patient=Patient/a,Patient/c', 'c1 c2 c3'],
    ['Condition?subject:Patient=c', 'c3'],
    ['Condition?code=http://snomed.info/sct|', 'c1'],
    ['Condition?code=|195967001', ''],
    ['Condition?code:missing=true', 'c2'],
  ])('%s', async (query, expected) => {
    expect(await found(query)).toBe(expected);
  });

  test('our own address names the same target as Type/id; another server does not', async () => {
    expect(await found(`Condition?patient=${http.url}/fhir/Patient/a`)).toBe('c1 c2');
    expect(await found('Condition?patient=https://elsewhere.example/fhir/Patient/a')).toBe('');
  });

  test('POST _search joins the form with the address', async () => {
    const answer = await http.send('POST', '/fhir/Condition/_search?code:missing=false', {
      text: 'patient=a&_total=accurate',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect([answer.status, answer.json.total, idsIn(answer.json)]).toEqual([200, 1, ['Condition/c1']]);
  });

  test('includes come once, marked as such', async () => {
    const answer = await get('Condition?_include=Condition:patient&_include=Condition:*');
    expect(idsIn(answer.json, 'include').sort()).toEqual(['Patient/a', 'Patient/c']);
    const back = await get('Patient?_id=a&_revinclude=Condition:patient');
    expect(idsIn(back.json, 'include').sort()).toEqual(['Condition/c1', 'Condition/c2']);
  });
});

describe('order, number and pages', () => {
  test.each([
    ['birthdate', 'a b d c e'],
    ['-birthdate', 'c a b d e'],
    ['family,-birthdate', 'a c d b e'],
    ['-_id', 'e d c b a'],
  ])('_sort=%s, a page of one at a time, is the whole in order', async (sort, expected) => {
    const seen: string[] = [];
    let next: string | undefined = `Patient?_sort=${sort}&_count=1`;
    while (next !== undefined) {
      const page: any = (await get(next)).json;
      seen.push(...idsIn(page));
      next = page.link.find(({ relation }: any) => relation === 'next')?.url.replace(`${http.url}/fhir/`, '');
    }
    const order = seen.map((reference) => reference.split('/')[1]);
    expect([...order].sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(order.join(' ')).toBe(expected);
  });

  test.each(['accurate', 'estimate'])('_total=%s is answered', async (total) => {
    const answer = await get(`Patient?_total=${total}&_count=2`);
    expect([answer.json.total, answer.json.entry.length]).toEqual([5, 2]);
  });

  test('_count=0 counts and shows nothing', async () => {
    const answer = await get('Patient?gender=male&_count=0');
    expect([answer.json.total, answer.json.entry]).toEqual([2, undefined]);
  });
});
