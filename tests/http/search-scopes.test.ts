import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** Searches of the system and of compartments, joins and words, asked over HTTP. */
let http: TestHttp;
const of = (reference: string) => ({ reference });
const div = (text: string) => ({ status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` });
const coded = (code: string) => ({ coding: [{ system: 'http://codes.example', code }] });

const records = [
  { resourceType: 'Organization', id: 'clinic', name: 'Clinic', active: true },
  { resourceType: 'Practitioner', id: 'nurse', name: [{ family: 'Nightly' }] },
  {
    resourceType: 'Patient',
    id: 'child-a',
    name: [{ family: 'Ahorn' }],
    generalPractitioner: [of('Practitioner/nurse')],
  },
  {
    resourceType: 'Patient',
    id: 'child-b',
    name: [{ family: 'Buche' }],
    managingOrganization: of('Organization/clinic'),
  },
  {
    resourceType: 'Encounter',
    id: 'visit-a',
    status: 'finished',
    class: { code: 'AMB' },
    subject: of('Patient/child-a'),
  },
  {
    resourceType: 'Encounter',
    id: 'visit-b',
    status: 'finished',
    class: { code: 'AMB' },
    subject: of('Patient/child-b'),
  },
  {
    resourceType: 'Observation',
    id: 'a1',
    status: 'final',
    code: coded('hb'),
    subject: of('Patient/child-a'),
    encounter: of('Encounter/visit-a'),
    text: div('Pale, <b>tir</b>ed'),
  },
  {
    resourceType: 'Observation',
    id: 'a2',
    status: 'final',
    code: coded('ige'),
    subject: of('Patient/child-a'),
    performer: [of('Practitioner/nurse')],
  },
  {
    resourceType: 'Observation',
    id: 'b1',
    status: 'final',
    code: coded('hb'),
    subject: of('Patient/child-b'),
    performer: [of('Practitioner/nurse')],
    encounter: of('Encounter/visit-b'),
  },
  {
    resourceType: 'Condition',
    id: 'ca',
    subject: of('Patient/child-a'),
    code: coded('asthma'),
    note: [{ text: 'Älteste Notiz' }],
  },
  {
    resourceType: 'Condition',
    id: 'cb',
    subject: of('Patient/child-b'),
    code: coded('asthma'),
    meta: { tag: [{ code: 'seen' }] },
  },
  {
    resourceType: 'List',
    id: 'watch',
    status: 'current',
    mode: 'working',
    subject: of('Patient/child-b'),
    entry: [{ item: of('Patient/child-a') }, { item: of('Observation/a1') }, { item: of('Observation/b1') }],
  },
];

beforeAll(async () => {
  http = await startHttp();
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const loaded = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
  expect(loaded.status).toBe(200);
});
afterAll(() => http.close());

const idsIn = (bundle: any, mode = 'match'): string =>
  (bundle.entry ?? [])
    .filter((entry: any) => entry.search.mode === mode)
    .map((entry: any) => entry.resource.id)
    .join(' ');
async function found(query: string, as = 'all'): Promise<string> {
  const answer = await http.send('GET', `/fhir${query}`, { as });
  expect([query, answer.status]).toEqual([query, 200]);
  return idsIn(answer.json);
}
const linkOf = (bundle: any, relation: string): string | undefined =>
  bundle.link.find((link: any) => link.relation === relation)?.url;
const pathIn = (url: string) => url.slice(http.url.length);

describe('refused, by name', () => {
  test.each([
    ['?_type=Patient,Banana', 400, '_type'],
    ['?_type=Patient&_type=Group', 400, '_type'],
    ['?_type=Patient,Observation&family=x', 400, 'Observation has no search parameter'],
    ['?family=x', 400, 'several types'],
    ['?_type=Patient,Observation&_sort=family', 400, '_sort'],
    ['/Patient?_type=Patient', 400, '_type'],
    ['/Patient/child-a/Medication', 400, 'Medication'],
    ['/Patient/child-a/*?_type=Medication', 400, 'Medication'],
    ['/Encounter/visit-a/Encounter/x', 404, 'path'],
    ['/Organization/clinic/Patient', 404, 'path'],
    ['/Patient?_list=$current-problems', 400, '_list'],
    ['/Patient?_list=List/watch', 400, '_list'],
    ['/Patient?_query=x', 400, '_query'],
    ['/Patient?_contained=true', 400, '_contained'],
    [`/Patient?link${'.link'.repeat(limits.search.maxChainDepth)}.name=x`, 400, 'references in a row'],
    ['/Observation?focus.focus.focus._id=x', 400, 'Name the type'],
    ['/Patient?_filter=family co', 400, '_filter'],
    ['/Patient?_text=(', 400, '_text'],
  ])('%s', async (query, status, words) => {
    const answer = await http.send('GET', `/fhir${query}`);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(words);
  });
  test('a type that the token may not search', async () => {
    const answer = await http.send('GET', '/fhir?_type=Patient,Observation', { as: 'reader' });
    expect([answer.status, answer.text.includes('Observation')]).toEqual([403, true]);
    expect((await http.send('GET', '/fhir/Patient/child-a/Observation', { as: 'reader' })).status).toBe(403);
  });
  test('a body of _search that is no form', async () => {
    const answer = await http.send('POST', '/fhir/_search', { body: { resourceType: 'Parameters' } });
    expect(answer.status).toBe(415);
  });
});

describe('the system', () => {
  test('several types in one order, page by page, with the total', async () => {
    const seen: string[] = [];
    let next: string | undefined = '/fhir?_type=Patient,Observation,Condition&_sort=-_id&_count=3&_total=accurate';
    while (next !== undefined) {
      const page = await http.send('GET', next);
      expect([page.status, page.json.total]).toEqual([200, 7]);
      seen.push(idsIn(page.json));
      const url = linkOf(page.json, 'next');
      next = url === undefined ? undefined : pathIn(url);
    }
    expect(seen).toEqual(['child-b child-a cb', 'ca b1 a2', 'a1']);
  });
  test('without _type: every type the token may search, in the order of creation', async () => {
    expect(await found('?_count=50')).toBe(records.map(({ id }) => id).join(' '));
    expect(await found('', 'reader')).toBe('child-a child-b');
    expect(await found('?_tag=seen')).toBe('cb');
    expect(await found('?_id=nobody')).toBe('');
  });
  test('what all of the types have', async () => {
    expect(await found('?_type=Observation,Condition&patient=child-b')).toBe('b1 cb');
    expect(await found('?_type=Observation,Condition&patient.family=ahorn&_sort=_id')).toBe('a1 a2 ca');
    expect(await found('?_type=Patient,Observation&_list=watch')).toBe('child-a a1 b1');
  });
  test('a token for one child sees that child', async () => {
    expect(await found('?_type=Patient,Observation,List', 'child-a')).toBe('child-a a1 a2');
    expect(await found('?_type=Patient,Observation&_list=watch', 'child-a')).toBe('');
  });
  test('POST _search with parameters in the address and in the body; the next page is a GET', async () => {
    const answer = await http.send('POST', '/fhir/_search?_type=Observation,Condition', {
      text: 'patient=child-a&_count=2',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(idsIn(answer.json)).toBe('a1 a2');
    const next = linkOf(answer.json, 'next') ?? '';
    expect(next).not.toContain('child-a');
    expect(idsIn((await http.send('GET', pathIn(next))).json)).toBe('ca');
    const elsewhere = pathIn(next).replace('/fhir?', '/fhir/Condition?');
    expect((await http.send('GET', elsewhere)).status).toBe(400);
    expect((await http.send('GET', pathIn(next), { as: 'child-a' })).status).toBe(400);
  });
});

describe('a compartment', () => {
  test.each([
    ['/Patient/child-a/Observation', 'a1 a2'],
    ['/Patient/child-a/Observation?code=hb', 'a1'],
    ['/Patient/child-a/Observation?subject=Patient/child-b', ''],
    ['/Patient/child-a/*', 'child-a visit-a a1 a2 ca'],
    ['/Patient/child-a/*?_type=Condition,Observation&_sort=-_id', 'ca a2 a1'],
    ['/Patient/child-b/List', 'watch'],
    ['/Practitioner/nurse/Observation', 'a2 b1'],
    ['/Practitioner/nurse/*', 'nurse child-a a2 b1'],
    ['/Encounter/visit-b/*', 'visit-b b1'],
    ['/Encounter/visit-a/Observation?code=ige', ''],
    ['/Patient/never-was/Observation', ''],
    ['/Device/never-was/*', ''],
  ])('%s', async (query, ids) => {
    expect(await found(query)).toBe(ids);
  });
  test('that the reader may not see answers like one that is not there', async () => {
    for (const query of ['Observation', '*', 'Observation?_total=accurate', 'Condition?_summary=count']) {
      const hidden = await http.send('GET', `/fhir/Patient/child-b/${query}`, { as: 'child-a' });
      const absent = await http.send('GET', `/fhir/Patient/never-was/${query}`, { as: 'child-a' });
      expect(hidden.status).toBe(200);
      expect(hidden.text.replaceAll('child-b', 'never-was')).toBe(absent.text);
    }
    expect(await found('/Encounter/visit-b/*', 'child-a')).toBe('');
    expect(await found('/Practitioner/nurse/*', 'child-a')).toBe('nurse child-a a2');
    expect(await found('/Patient/child-a/*', 'child-a')).toBe('child-a visit-a a1 a2 ca');
  });
  test('pages are of the same compartment', async () => {
    const first = await http.send('GET', '/fhir/Patient/child-a/Observation?_count=1');
    expect(linkOf(first.json, 'self')).toBe(`${http.url}/fhir/Patient/child-a/Observation?_count=1`);
    const next = pathIn(linkOf(first.json, 'next') ?? '');
    expect(idsIn((await http.send('GET', next)).json)).toBe('a2');
    expect((await http.send('GET', next.replace('child-a', 'child-b'))).status).toBe(400);
    expect((await http.send('GET', next.replace('Observation', 'Condition'))).status).toBe(400);
  });
  test('POST', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const path of [
      'Patient/child-a/Observation/_search',
      'Patient/child-a/*/_search',
      'Patient/child-a/_search',
    ]) {
      const answer = await http.send('POST', `/fhir/${path}`, { text: '_id=a2', headers });
      expect([path, idsIn(answer.json)]).toEqual([path, 'a2']);
    }
  });
});

describe('within a Bundle', () => {
  test.each(['batch', 'transaction'])('%s: the system and compartments are searched by GET', async (type) => {
    const urls = [
      '?_type=Condition&patient=child-b',
      'Patient/child-a/Observation?code=hb',
      '/Practitioner/nurse/*?_type=Patient',
    ];
    const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
    const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type, entry } });
    expect(answer.json.entry.map(({ resource }: any) => idsIn(resource))).toEqual(['cb', 'a1', 'child-a']);
    const own = await http.send('POST', '/fhir', {
      body: { resourceType: 'Bundle', type, entry: entry.slice(0, 2) },
      as: 'child-a',
    });
    expect(own.json.entry.map(({ resource }: any) => idsIn(resource))).toEqual(['', 'a1']);
  });
  test.each([
    ['DELETE', 'Patient/child-a/Observation'],
    ['POST', 'Patient/child-a/Observation'],
    ['GET', 'Organization/clinic/Patient'],
    ['GET', 'Patient/child-a/Nonsense'],
    ['DELETE', '?_type=Condition'],
  ])('refused: %s %s', async (method, url) => {
    const entry = [{ request: { method, url }, resource: { resourceType: 'Observation' } }];
    const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
    expect(answer.status).toBe(400);
  });
});

describe('joins', () => {
  test.each([
    ['/Observation?patient.family=ahorn', 'a1 a2'],
    ['/Observation?subject:Patient.general-practitioner.name=night', 'a1 a2'],
    ['/Observation?patient.organization.name:exact=Clinic', 'b1'],
    ['/Observation?patient.organization:missing=true', 'a1 a2'],
    ['/Observation?encounter._id=visit-b', 'b1'],
    ['/Patient?_has:Observation:patient:code=ige', 'child-a'],
    ['/Practitioner?_has:Observation:performer:patient.organization.name=clinic', 'nurse'],
    ['/Organization?_has:Patient:organization:_has:Observation:patient:code=hb', 'clinic'],
    ['/Condition?patient._has:Encounter:patient:status=finished&patient.family=buche', 'cb'],
    ['/Condition?_filter=patient[family eq buche].organization.name sw clin and code eq asthma', 'cb'],
    ['/Patient?_list=watch', 'child-a'],
    ['/Patient?_list=never-was', ''],
  ])('%s', async (query, ids) => {
    expect(await found(query)).toBe(ids);
  });
  test('includes by a wildcard, to and fro', async () => {
    const fro = await http.send('GET', '/fhir/Patient?_id=child-b&_revinclude=*');
    expect(idsIn(fro.json, 'include').split(' ').sort()).toEqual(['b1', 'cb', 'visit-b', 'watch']);
    const to = await http.send('GET', '/fhir/Observation?_id=b1&_include=*&_include:iterate=*');
    expect(idsIn(to.json, 'include').split(' ').sort()).toEqual(['child-b', 'clinic', 'nurse', 'visit-b']);
    const limited = await http.send('GET', '/fhir/Practitioner?_revinclude=*', { as: 'child-a' });
    expect(idsIn(limited.json, 'include').split(' ').sort()).toEqual(['a2', 'child-a']);
  });
  test('what is named by canonical URL, in the version that is named', async () => {
    const questionnaire = { resourceType: 'Questionnaire', status: 'active', url: 'http://forms.example/q' };
    const response = { resourceType: 'QuestionnaireResponse', status: 'completed', subject: of('Patient/child-a') };
    for (const version of ['1', '2']) {
      const body = { ...questionnaire, id: `q${version}`, version };
      expect((await http.send('PUT', `/fhir/Questionnaire/q${version}`, { body })).status).toBe(201);
    }
    for (const [id, canonical] of [
      ['r1', 'http://forms.example/q|2'],
      ['r2', 'http://forms.example/q'],
      ['r3', 'http://forms.example/q|3'],
    ]) {
      const body = { ...response, id, questionnaire: canonical };
      expect((await http.send('PUT', `/fhir/QuestionnaireResponse/${id}`, { body })).status).toBe(201);
    }
    const included = async (id: string, value: string) => {
      const answer = await http.send('GET', `/fhir/QuestionnaireResponse?_id=${id}&_include=${value}`);
      return idsIn(answer.json, 'include');
    };
    expect(await included('r1', 'QuestionnaireResponse:questionnaire')).toBe('q2');
    expect(await included('r2', 'QuestionnaireResponse:questionnaire')).toBe('q1 q2');
    expect(await included('r3', 'QuestionnaireResponse:questionnaire')).toBe('');
    expect(await included('r1', '*')).toBe('child-a q2');
    const refused = await http.send('GET', '/fhir/QuestionnaireResponse?questionnaire.title=x');
    expect([refused.status, refused.text.includes('canonical')]).toEqual([400, true]);
  });
  test('in the criteria of conditional requests', async () => {
    const body = { resourceType: 'Condition', subject: of('Patient/child-b'), code: coded('new') };
    const headers = { 'If-None-Exist': 'patient.organization.name=clinic' };
    expect((await http.send('POST', '/fhir/Condition', { body, headers })).status).toBe(200);
    const nobody = await http.send('DELETE', '/fhir/Condition?patient.family=nobody');
    expect(nobody.status).toBe(204);
    expect(await found('/Condition?_filter=patient.organization.name eq clinic')).toBe('cb');
    const update = { ...body, code: coded('asthma'), meta: { tag: [{ code: 'seen' }] } };
    const replaced = await http.send('PUT', '/fhir/Condition?_has:Provenance:target:agent:missing=false', {
      body: update,
    });
    expect(replaced.status).toBe(201);
    expect(await found('/Condition?patient.organization.name=clinic&_sort=_lastUpdated')).toMatch(/^cb \S+$/);
    const several = await http.send('DELETE', '/fhir/Condition?patient.organization.name=clinic');
    expect(several.status).toBe(412);
    const one = await http.send('DELETE', '/fhir/Condition?patient.organization.name=clinic&_id:not=cb');
    expect(one.status).toBe(204);
    expect(await found('/Condition?patient.organization.name=clinic')).toBe('cb');
  });
});

describe('words', () => {
  test.each([
    ['/Observation?_text=tired', 'a1'],
    ['/Observation?_text="pale tired"', 'a1'],
    ['/Observation?_text=final', ''],
    ['/Condition?_content=ALTESTE', 'ca'],
    ['/Condition?_content=asthma NOT notiz', 'cb'],
    ['?_type=Observation,Condition&_content=notiz OR ige&_sort=_id', 'a2 ca'],
    ['/Condition?_content=notiz&patient=child-b', ''],
  ])('%s', async (query, ids) => {
    expect(await found(query)).toBe(ids);
  });
  test('are found as soon as they are written, and no longer once they are gone', async () => {
    const flag = { resourceType: 'Flag', id: 'f', status: 'active', subject: of('Patient/child-a') };
    await http.send('PUT', '/fhir/Flag/f', { body: { ...flag, code: { text: 'Rare bird' } } });
    expect(await found('/Flag?_content=bird')).toBe('f');
    expect((await http.send('GET', '/fhir/Flag?_content=bird&_summary=count')).json.total).toBe(1);
    await http.send('PUT', '/fhir/Flag/f', { body: { ...flag, code: { text: 'Rare fish' } } });
    expect(await found('/Flag?_content=bird')).toBe('');
    await http.send('DELETE', '/fhir/Flag/f');
    expect(await found('/Flag?_content=fish')).toBe('');
  });
});

describe('lenient', () => {
  test('what is ignored is named, left out of the self link, and of the next page', async () => {
    const headers = { Prefer: 'handling=lenient' };
    const answer = await http.send('GET', '/fhir/Observation?patient.nickname=x&Muster%20mann=y&_count=1', { headers });
    expect(answer.status).toBe(200);
    expect(linkOf(answer.json, 'self')).toBe(`${http.url}/fhir/Observation?_count=1`);
    const outcome = answer.json.entry.find((entry: any) => entry.search.mode === 'outcome');
    expect(JSON.stringify(outcome)).toContain('patient.nickname');
    expect(JSON.stringify(outcome)).not.toContain('Muster');
    expect((await http.send('GET', pathIn(linkOf(answer.json, 'next') ?? ''))).status).toBe(200);
  });
  test('what only the terminology could answer is left out of every page alike', async () => {
    const headers = { Prefer: 'handling=lenient' };
    const path = '/fhir/Observation?subject:Patient._tag:in=http://nowhere.example/vs&_count=1';
    expect((await http.send('GET', path)).status).toBe(400);
    const first = await http.send('GET', path, { headers });
    expect(JSON.stringify(first.json.entry)).toContain('_tag:in');
    const second = await http.send('GET', pathIn(linkOf(first.json, 'next') ?? ''));
    expect(second.status).toBe(200);
    expect(JSON.stringify(second.json.entry)).toContain('_tag:in');
  });
});
