import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestHttp } from '../support/http.ts';
import { out, parametersOf, serveTerminology } from './support/serve.ts';

const system = 'http://example.org/fhir/CodeSystem/play';
const set = 'http://example.org/fhir/ValueSet/play';
const map = 'http://example.org/fhir/ConceptMap/play';

const codeSystem = {
  resourceType: 'CodeSystem',
  id: 'play',
  url: system,
  version: '1.9',
  name: 'Play',
  status: 'active',
  content: 'complete',
  property: [{ code: 'size', type: 'integer' }],
  concept: [
    {
      code: 'ball',
      display: 'Ball game',
      designation: [{ language: 'de', value: 'Ballspiel' }],
      concept: [
        { code: 'soccer', display: 'Soccer', property: [{ code: 'size', valueInteger: 11 }] },
        { code: 'dodge', display: 'Dodge ball', property: [{ code: 'inactive', valueBoolean: true }] },
      ],
    },
    { code: 'chess', display: 'Chess' },
  ],
};
const valueSet = {
  resourceType: 'ValueSet',
  id: 'play',
  url: set,
  version: '1',
  status: 'active',
  compose: { include: [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'ball' }] }] },
};
const conceptMap = {
  resourceType: 'ConceptMap',
  id: 'play',
  url: map,
  status: 'active',
  group: [
    {
      source: system,
      target: 'urn:sport',
      element: [
        {
          code: 'soccer',
          target: [{ code: 'football', display: 'Football', equivalence: 'narrower', comment: 'One of many' }],
        },
        { code: 'chess', target: [{ equivalence: 'unmatched' }] },
        {
          code: 'dodge',
          target: [{ code: 'x', equivalence: 'wider', dependsOn: [{ property: 'urn:p', value: '1' }] }],
        },
      ],
    },
  ],
};

let http: TestHttp;
const get = (path: string, as?: string) => http.send('GET', `/fhir/${path}`, as === undefined ? {} : { as });
const post = (path: string, body: unknown) => http.send('POST', `/fhir/${path}`, { body });
const codes = (answer: { json: any }) => (answer.json.expansion?.contains ?? []).map((one: any) => one.code);
const issue = (answer: { json: any }) => answer.json?.issue?.[0]?.code;
const q = encodeURIComponent;

beforeAll(async () => {
  http = await serveTerminology();
  for (const resource of [codeSystem, valueSet, conceptMap]) {
    const put = await http.send('PUT', `/fhir/${resource.resourceType}/play`, { body: resource });
    expect([put.status, put.json.issue]).toEqual([201, undefined]);
  }
});
afterAll(() => http.close());

describe('refusals', () => {
  test.each<[string, string, number, string]>([
    ['no value set', 'ValueSet/$expand', 400, 'required'],
    ['an unknown value set', 'ValueSet/$expand?url=urn:nothing', 404, 'not-found'],
    ['an unknown version', `ValueSet/$expand?url=${q(`${set}|7`)}`, 404, 'not-found'],
    ['an unknown instance', 'ValueSet/nothing/$expand', 404, 'not-found'],
    ['a negative count', `ValueSet/$expand?url=${q(set)}&count=-1`, 400, 'value'],
    ['a flag that is none', `ValueSet/$expand?url=${q(set)}&activeOnly=maybe`, 400, 'value'],
    ['a context', `ValueSet/$expand?url=${q(set)}&context=Patient.gender`, 422, 'not-supported'],
    ['a date', `ValueSet/$validate-code?url=${q(set)}&code=ball&system=${q(system)}&date=2020`, 422, 'not-supported'],
    ['no code', `ValueSet/$validate-code?url=${q(set)}`, 400, 'required'],
    ['a code without a system', `ValueSet/$validate-code?url=${q(set)}&code=ball`, 400, 'required'],
    ['an unknown code system', 'CodeSystem/$lookup?system=urn:nothing&code=x', 404, 'not-found'],
    ['an unknown code', `CodeSystem/$lookup?system=${q(system)}&code=x`, 404, 'not-found'],
    ['no code system', 'CodeSystem/$validate-code?code=x', 400, 'required'],
    ['subsumption of an unknown code', `CodeSystem/$subsumes?system=${q(system)}&codeA=ball&codeB=x`, 404, 'not-found'],
    ['an unknown map', 'ConceptMap/$translate?url=urn:nothing&code=x', 404, 'not-found'],
    [
      'a map that needs more',
      `ConceptMap/$translate?url=${q(map)}&code=dodge&system=${q(system)}`,
      422,
      'not-supported',
    ],
  ])('%s', async (_, path, status, code) => {
    const answer = await get(path);
    expect([answer.status, issue(answer)]).toEqual([status, code]);
  });

  test('a caller who may not read value sets', async () => {
    expect((await get(`ValueSet/$expand?url=${q(set)}`, 'reader')).status).toBe(403);
    expect((await get(`ValueSet/$expand?url=${q(set)}`, 'nobody')).status).toBe(401);
  });

  test('a value set in the body that is none, and one that is broken', async () => {
    const none = await post('ValueSet/$expand', parametersOf({ valueSet: { resourceType: 'Patient' } }));
    expect(none.status).toBe(400);
    const broken = { resourceType: 'ValueSet', status: 'active', compose: { include: 'all' } };
    expect((await post('ValueSet/$expand', parametersOf({ valueSet: broken }))).status).toBe(422);
  });

  test('a code and a coding at once', async () => {
    const both = parametersOf({ url: set, code: 'ball', coding: { system, code: 'ball' } });
    expect((await post('ValueSet/$validate-code', both)).status).toBe(400);
  });
});

describe('$expand', () => {
  test('by URL, by instance and of a body agree', async () => {
    const answers = await Promise.all([
      get(`ValueSet/$expand?url=${q(set)}`),
      get('ValueSet/play/$expand'),
      post('ValueSet/$expand', parametersOf({ url: set })),
      post('ValueSet/$expand', parametersOf({ valueSet })),
      post('ValueSet/$expand', valueSet),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(codes(answer)).toEqual(['ball', 'soccer', 'dodge']);
      expect(answer.json.expansion.total).toBe(3);
      expect(answer.json.compose).toBeUndefined();
    }
    expect(answers[0]?.json.expansion.parameter).toContainEqual({ name: 'version', valueUri: `${system}|1.9` });
  });

  test('filters, pages and counts all', async () => {
    const base = `ValueSet/$expand?url=${q(set)}`;
    expect(codes(await get(`${base}&filter=ball`))).toEqual(['ball', 'dodge']);
    const page = await get(`${base}&offset=1&count=1`);
    expect(codes(page)).toEqual(['soccer']);
    expect(page.json.expansion).toMatchObject({ total: 3, offset: 1 });
    expect((await get(`${base}&count=0`)).json.expansion).toMatchObject({ total: 3 });
    expect(codes(await get(`${base}&activeOnly=true`))).toEqual(['ball', 'soccer']);
    const named = await get(`${base}&includeDesignations=true&count=1`);
    expect(named.json.expansion.contains[0].designation[0].value).toBe('Ballspiel');
  });

  test('takes the newest version, counting numbers as numbers', async () => {
    const newer = { ...codeSystem, id: 'play-10', version: '1.10', concept: [{ code: 'ball', display: 'Ball' }] };
    await http.send('PUT', '/fhir/CodeSystem/play-10', { body: newer });
    expect(codes(await get(`ValueSet/$expand?url=${q(set)}`))).toEqual(['ball']);
    await http.send('DELETE', '/fhir/CodeSystem/play-10');
    expect(codes(await get(`ValueSet/$expand?url=${q(set)}`))).toEqual(['ball', 'soccer', 'dodge']);
  });
});

describe('$validate-code', () => {
  test('in a value set', async () => {
    const ask = (given: Record<string, string | object>) =>
      post('ValueSet/$validate-code', parametersOf({ url: set, ...given }));
    expect(out(await ask({ coding: { system, code: 'chess' } }), 'result')).toBe(false);
    expect(out(await ask({ coding: { system: 'urn:other', code: 'ball' } }), 'result')).toBe(false);
    expect(out(await ask({ coding: { system, code: 'soccer', version: '0' } }), 'result')).toBe(false);
    const wrong = await ask({ coding: { system, code: 'soccer', display: 'Hockey' } });
    expect([out(wrong, 'result'), out(wrong, 'display')]).toEqual([false, 'Soccer']);
    expect(out(await ask({ coding: { system, code: 'ball', display: 'ballspiel' } }), 'result')).toBe(true);
    const several = { coding: [{ system, code: 'chess' }, { code: 'x' }, { system, code: 'soccer' }] };
    expect(out(await ask({ codeableConcept: several }), 'result')).toBe(true);
    const byText = await get(`ValueSet/play/$validate-code?code=soccer&system=${q(system)}`);
    expect(out(byText, 'result')).toBe(true);
  });

  test('needs only the code systems that concern the code', async () => {
    const other = { system: 'urn:not-here' };
    const wide = { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system }, other] } };
    const ask = (coding: object) => post('ValueSet/$validate-code', parametersOf({ valueSet: wide, coding }));
    expect(out(await ask({ system, code: 'chess' }), 'result')).toBe(true);
    expect(issue(await ask({ system: 'urn:not-here', code: 'x' }))).toBe('not-found');
  });

  test('in a code system', async () => {
    const ask = (path: string) => get(`CodeSystem/${path}`);
    expect(out(await ask(`$validate-code?url=${q(system)}&code=golf`), 'result')).toBe(false);
    expect(out(await ask('play/$validate-code?code=golf'), 'result')).toBe(false);
    const right = await ask('play/$validate-code?code=chess');
    expect([out(right, 'result'), out(right, 'display')]).toEqual([true, 'Chess']);
    const foreign = parametersOf({ url: system, coding: { system: 'urn:x', code: 'chess' } });
    expect(out(await post('CodeSystem/$validate-code', foreign), 'result')).toBe(false);
  });
});

test('$lookup tells names and properties', async () => {
  const found = await get(`CodeSystem/$lookup?system=${q(system)}&code=soccer`);
  expect([out(found, 'name'), out(found, 'version'), out(found, 'display')]).toEqual(['Play', '1.9', 'Soccer']);
  const properties = found.json.parameter.filter(({ name }: any) => name === 'property').map(({ part }: any) => part);
  expect(properties).toContainEqual([
    { name: 'code', valueCode: 'parent' },
    { name: 'value', valueCode: 'ball' },
  ]);
  expect(properties).toContainEqual([
    { name: 'code', valueCode: 'size' },
    { name: 'value', valueInteger: 11 },
  ]);
  const one = await post('CodeSystem/$lookup', parametersOf({ coding: { system, code: 'soccer' }, property: 'size' }));
  expect(one.json.parameter.filter(({ name }: any) => name === 'property')).toHaveLength(1);
});

test('$subsumes in all four ways', async () => {
  const ask = async (a: string, b: string) =>
    out(await get(`CodeSystem/$subsumes?system=${q(system)}&codeA=${a}&codeB=${b}`), 'outcome');
  expect(await ask('soccer', 'chess')).toBe('not-subsumed');
  expect(await ask('ball', 'soccer')).toBe('subsumes');
  expect(await ask('soccer', 'ball')).toBe('subsumed-by');
  expect(await ask('ball', 'ball')).toBe('equivalent');
  const codings = parametersOf({ codingA: { system, code: 'ball' }, codingB: { system, code: 'dodge' } });
  expect(out(await post('CodeSystem/play/$subsumes', codings), 'outcome')).toBe('subsumes');
});

test('$translate forward, backward and without a match', async () => {
  const ask = (query: string) => get(`ConceptMap/$translate?url=${q(map)}&${query}`);
  expect(out(await ask(`code=golf&system=${q(system)}`), 'result')).toBe(false);
  expect(out(await ask(`code=chess&system=${q(system)}`), 'result')).toBe(false);
  expect(out(await ask(`code=soccer&system=${q(system)}&targetsystem=urn:else`), 'result')).toBe(false);
  const forward = await ask(`code=soccer&system=${q(system)}`);
  expect(out(forward, 'result')).toBe(true);
  expect(forward.json.parameter.find(({ name }: any) => name === 'match').part).toEqual([
    { name: 'equivalence', valueCode: 'narrower' },
    { name: 'concept', valueCoding: { system: 'urn:sport', code: 'football', display: 'Football' } },
    { name: 'source', valueUri: map },
  ]);
  const backward = await get(`ConceptMap/play/$translate?code=football&system=urn:sport&reverse=true`);
  const match = backward.json.parameter.find(({ name }: any) => name === 'match').part;
  expect(match).toContainEqual({ name: 'equivalence', valueCode: 'wider' });
  expect(match).toContainEqual({ name: 'concept', valueCoding: { system, code: 'soccer' } });
});
