import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';
import { testTerminology } from '../terminology/support/serve.ts';

let http: TestHttp;
const animals = 'http://codes.example/animals';

beforeAll(async () => {
  const { terms, module } = testTerminology();
  http = await startHttp({ terms, operations: module.operations });
  for (const resource of [
    {
      resourceType: 'CodeSystem',
      id: 'animals',
      url: animals,
      status: 'active',
      content: 'complete',
      concept: [
        {
          code: 'animal',
          concept: [{ code: 'dog', concept: [{ code: 'poodle' }] }, { code: 'cat' }],
        },
        { code: 'stone' },
      ],
    },
    {
      resourceType: 'CodeSystem',
      id: 'part',
      url: 'http://codes.example/part',
      status: 'active',
      content: 'fragment',
      concept: [{ code: 'a' }],
    },
    valueSet('pets', { include: [{ system: animals, concept: [{ code: 'poodle' }, { code: 'cat' }] }] }),
    valueSet('dogs', { include: [{ system: animals, filter: [{ property: 'concept', op: 'is-a', value: 'dog' }] }] }),
    valueSet('elsewhere', { include: [{ system: 'http://codes.example/not-loaded' }] }),
    valueSet('statuses', {
      include: [{ system: 'http://hl7.org/fhir/observation-status', concept: [{ code: 'final' }] }],
    }),
    valueSet('other-statuses', { include: [{ system: animals, concept: [{ code: 'final' }] }] }),
    valueSet('nothing', { include: [{ system: animals, filter: [{ property: 'code', op: '=', value: 'no-such' }] }] }),
    observation('o-animal', { coding: [{ system: animals, code: 'animal' }] }),
    observation('o-dog', { coding: [{ system: animals, code: 'dog', display: 'A dog' }] }),
    observation('o-poodle', { text: 'Ein Püdel', coding: [{ system: animals, code: 'poodle' }] }),
    observation(
      'o-cat',
      {
        coding: [
          { system: 'http://x.example', code: 'dog' },
          { system: animals, code: 'cat' },
        ],
      },
      'amended',
    ),
    observation('o-text', { text: 'dog' }),
    { resourceType: 'Location', id: 'house', name: 'House' },
    { resourceType: 'Location', id: 'floor', name: 'Floor', partOf: { reference: 'Location/house' } },
    { resourceType: 'Location', id: 'room', name: 'Room', partOf: { reference: 'Location/floor' } },
    { resourceType: 'Location', id: 'circle-a', partOf: { reference: 'Location/circle-b' } },
    { resourceType: 'Location', id: 'circle-b', partOf: { reference: 'Location/circle-a' } },
    ...['house', 'floor', 'room', 'circle-a'].map((at) => ({
      resourceType: 'Encounter',
      id: `e-${at}`,
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      location: [{ location: { reference: `Location/${at}` } }],
    })),
    {
      resourceType: 'Patient',
      id: 'typed',
      identifier: [
        {
          type: { text: 'Chart number', coding: [{ system: 'http://t.example', code: 'MR' }] },
          system: 'http://a.example',
          value: '1|2',
        },
      ],
      managingOrganization: { identifier: { system: 'http://org.example', value: '7' } },
    },
    {
      resourceType: 'Patient',
      id: 'untyped',
      identifier: [{ value: '1|2' }],
      managingOrganization: { identifier: { value: '7' } },
    },
    {
      resourceType: 'DocumentReference',
      id: 'xml',
      status: 'current',
      content: [{ attachment: { contentType: 'text/xml; charset=UTF-8' } }],
    },
    {
      resourceType: 'DocumentReference',
      id: 'html',
      status: 'current',
      content: [{ attachment: { contentType: 'text/html' } }],
    },
    ...[
      'http://plan.example/a|1',
      'http://plan.example/a|1.2.3',
      'http://plan.example/a|10',
      'http://plan.example/a',
      'http://plan.example/ab|1',
    ].map((canonical, at) => ({
      resourceType: 'CarePlan',
      id: `c${at}`,
      status: 'active',
      intent: 'plan',
      subject: { reference: 'Patient/typed' },
      instantiatesCanonical: [canonical],
    })),
    {
      resourceType: 'Provenance',
      id: 'v3',
      target: [{ reference: 'Patient/typed/_history/3' }],
      recorded: '2024-01-01T00:00:00Z',
      agent: [{ who: { display: 'x' } }],
    },
    {
      resourceType: 'Provenance',
      id: 'v',
      target: [{ reference: 'Patient/typed' }],
      recorded: '2024-01-01T00:00:00Z',
      agent: [{ who: { display: 'x' } }],
    },
  ]) {
    const put = await http.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, { body: resource });
    if (put.status !== 201) throw new Error(`${resource.id}: ${put.text}`);
  }
});
afterAll(() => http?.close());

function valueSet(id: string, compose: object) {
  return { resourceType: 'ValueSet', id, url: `http://sets.example/${id}`, version: '1', status: 'active', compose };
}

function observation(id: string, code: object, status = 'final') {
  return { resourceType: 'Observation', id, status, code, subject: { reference: 'Patient/typed' } };
}

async function ids(path: string, headers?: Record<string, string>): Promise<string[]> {
  const answer = await http.send('GET', `/fhir/${path}`, { headers });
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  const entries: any[] = answer.json.entry ?? [];
  return entries
    .filter(({ search }) => search.mode === 'match')
    .map(({ resource }) => resource.id)
    .sort();
}

const query = (name: string, value: string) => `${name}=${encodeURIComponent(value)}`;

describe('what cannot be answered is a 400 that names the parameter and repeats no value', () => {
  test.each([
    ['an unknown value set', 'Observation', 'code:in', 'http://sets.example/secret', 'not-found'],
    ['an unknown version of a value set', 'Observation', 'code:in', 'http://sets.example/pets|secret', 'not-found'],
    ['an unknown ValueSet here', 'Observation', 'code:not-in', 'ValueSet/secret', 'not-found'],
    ['a value set of a system that is not loaded', 'Observation', 'code:in', 'ValueSet/elsewhere', 'not-found'],
    ['what is no reference to a value set', 'Observation', 'code:in', 'secret', 'value'],
    ['a reference to something else', 'Observation', 'code:in', 'Patient/secret', 'value'],
    ['an unknown system', 'Observation', 'code:below', 'http://secret.example|x', 'not-found'],
    ['an unknown code', 'Observation', 'code:above', `${animals}|secret`, 'not-found'],
    ['a code without a system', 'Observation', 'code:below', 'secret', 'value'],
    ['a system without a code', 'Observation', 'code:below', `${animals}|`, 'value'],
    ['a part of a code system', 'Observation', 'code:below', 'http://codes.example/part|a', 'not-supported'],
    ['a value set of what has no codes', 'Patient', 'identifier:in', 'ValueSet/secret', 'invalid'],
    ['a value set of a boolean', 'Patient', 'active:in', 'ValueSet/secret', 'invalid'],
    ['of-type of what is no identifier', 'Observation', 'code:of-type', 'a|b|secret', 'invalid'],
    ['of-type without a system', 'Patient', 'identifier:of-type', '|MR|secret', 'value'],
    ['of-type without a value', 'Patient', 'identifier:of-type', 'http://t.example|MR|', 'value'],
    ['of-type of two parts', 'Patient', 'identifier:of-type', 'MR|secret', 'value'],
    ['the text of a code that has none', 'Patient', 'gender:text', 'secret', 'invalid'],
    ['a string with advanced text handling', 'Patient', 'name:text', 'secret', 'not-supported'],
    ['an identifier of a canonical', 'CarePlan', 'instantiates-canonical:identifier', 'secret', 'invalid'],
    ['an identifier of nothing', 'Patient', 'organization:identifier', '|', 'value'],
    ['a hierarchy of what has none', 'Observation', 'subject:below', 'Patient/secret', 'value'],
    ['a hierarchy of a version', 'Encounter', 'location:below', 'Location/secret/_history/1', 'value'],
    ['above a canonical', 'CarePlan', 'instantiates-canonical:above', 'http://secret.example|1', 'invalid'],
    ['below a urn', 'Observation', '_source:below', 'urn:oid:1.2.3', 'value'],
    ['above no URL', 'Observation', '_source:above', 'secret', 'value'],
    [
      'above a URL of too many parts',
      'Observation',
      '_source:above',
      `http://secret.example${'/a'.repeat(101)}`,
      'too-costly',
    ],
  ])('%s', async (_name, type, name, value, code) => {
    const answer = await http.send('GET', `/fhir/${type}?${query(name, value)}`);
    expect(answer.status).toBe(400);
    expect(answer.json.issue[0]).toMatchObject({ severity: 'error', code });
    expect(answer.json.issue[0].details?.text ?? answer.json.issue[0].diagnostics).toContain(name.split(':')[0]);
    expect(answer.text).not.toContain('secret');
  });

  test('lenient: left out and named', async () => {
    const answer = await http.send('GET', `/fhir/Observation?${query('code:in', 'ValueSet/none')}`, {
      headers: { Prefer: 'handling=lenient' },
    });
    expect(answer.status).toBe(200);
    expect(answer.json.entry.at(-1)).toMatchObject({ search: { mode: 'outcome' } });
    expect(answer.text).toContain('code:in');
    expect(answer.json.entry).toHaveLength(6);
  });

  test('lenient, and past a bound: refused all the same, for leaving it out would widen the search', async () => {
    const asked = query('_source:above', `http://secret.example${'/a'.repeat(101)}`);
    const answer = await http.send('GET', `/fhir/Observation?${asked}`, { headers: { Prefer: 'handling=lenient' } });
    expect(answer.status).toBe(400);
    const behind = query('_has:Observation:subject:code:in', 'ValueSet/none');
    const named = await http.send('GET', `/fhir/Patient?${behind}`, { headers: { Prefer: 'handling=lenient' } });
    expect(named.text).toContain('_has:Observation:subject:code:in');
  });

  test('a caller who may not search the resources of a hierarchy', async () => {
    const answer = await http.send('GET', '/fhir/Patient?link:below=Location/house', { as: 'reader' });
    expect(answer.status).toBe(403);
  });

  test('without a terminology', async () => {
    const bare = await startHttp();
    const answer = await bare.send('GET', `/fhir/Observation?${query('code:in', 'ValueSet/pets')}`);
    await bare.close();
    expect(answer.status).toBe(400);
    expect(answer.json.issue[0].code).toBe('not-supported');
  });
});

describe('value sets', () => {
  test('by canonical, by version, by id, by our own URL', async () => {
    for (const set of [
      'http://sets.example/pets',
      'http://sets.example/pets|1',
      'ValueSet/pets',
      `${http.url}/fhir/ValueSet/pets`,
    ])
      expect(await ids(`Observation?${query('code:in', set)}`)).toEqual(['o-cat', 'o-poodle']);
  });
  test('not in: also what has no code at all', async () => {
    expect(await ids(`Observation?${query('code:not-in', 'ValueSet/pets')}`)).toEqual(['o-animal', 'o-dog', 'o-text']);
  });
  test('several sets are alternatives; for not-in, none of them', async () => {
    const both = 'ValueSet/pets,ValueSet/dogs';
    expect(await ids(`Observation?${query('code:in', both)}`)).toEqual(['o-cat', 'o-dog', 'o-poodle']);
    expect(await ids(`Observation?${query('code:not-in', both)}`)).toEqual(['o-animal', 'o-text']);
  });
  test('an empty set: nothing is in it, everything is not', async () => {
    expect(await ids(`Observation?${query('code:in', 'ValueSet/nothing')}`)).toEqual([]);
    expect(await ids(`Observation?${query('code:not-in', 'ValueSet/nothing')}`)).toHaveLength(5);
  });
  test('elements of type code are of the system of their own value set', async () => {
    expect(await ids(`Observation?${query('status:in', 'ValueSet/statuses')}`)).toHaveLength(4);
    expect(await ids(`Observation?${query('status:in', 'ValueSet/other-statuses')}`)).toEqual([]);
    expect(await ids(`Observation?${query('status', 'http://hl7.org/fhir/observation-status|amended')}`)).toEqual([
      'o-cat',
    ]);
    expect(await ids(`Observation?${query('status', 'http://other.example|amended')}`)).toEqual([]);
  });
  test('behind chains and within transactions', async () => {
    expect(await ids(`Patient?${query('_has:Observation:subject:code:in', 'ValueSet/pets')}`)).toEqual(['typed']);
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: `Observation?${query('code:in', 'ValueSet/pets')}` } }],
    };
    const answer = await http.send('POST', '/fhir', { body: batch });
    expect(answer.json.entry[0].resource.entry).toHaveLength(2);
  });
  test('as criteria of a conditional create', async () => {
    const body = observation('x', { coding: [{ system: animals, code: 'stone' }] });
    const criteria = query('code:below', `${animals}|poodle`);
    const answer = await http.send('POST', '/fhir/Observation', { body, headers: { 'If-None-Exist': criteria } });
    expect(answer.status).toBe(200);
    expect(answer.json.id).toBe('o-poodle');
  });
});

describe('subsumption', () => {
  test('below: the code and what it subsumes; above: the code and what subsumes it', async () => {
    expect(await ids(`Observation?${query('code:below', `${animals}|dog`)}`)).toEqual(['o-dog', 'o-poodle']);
    expect(await ids(`Observation?${query('code:above', `${animals}|dog`)}`)).toEqual(['o-animal', 'o-dog']);
    expect(await ids(`Observation?${query('code:below', `${animals}|stone`)}`)).toEqual([]);
  });
  test('below a MIME type: the same with parameters', async () => {
    expect(await ids(`DocumentReference?${query('contenttype:below', 'text/xml')}`)).toEqual(['xml']);
    expect(await ids(`DocumentReference?${query('contenttype', 'text/xml')}`)).toEqual([]);
    expect(await ids(`DocumentReference?${query('contenttype:below', 'text/html')}`)).toEqual(['html']);
    expect(await ids(`DocumentReference?${query('contenttype:below', 'text/html; charset=x')}`)).toEqual([]);
  });
});

describe('text, type, identifier', () => {
  test('the text of a concept and the displays of its codings, from their beginning, without accents and case', async () => {
    expect(await ids('Observation?code:text=EIN%20PUD')).toEqual(['o-poodle']);
    expect(await ids('Observation?code:text=a%20dog')).toEqual(['o-dog']);
    expect(await ids('Observation?code:text=dog')).toEqual(['o-text']);
    expect(await ids('Observation?combo-code:text=a%20dog')).toEqual(['o-dog']);
    expect(await ids('Observation?category:text=a%20dog')).toEqual([]);
    expect(await ids('Patient?identifier:text=chart')).toEqual(['typed']);
  });
  test('an identifier of a type', async () => {
    expect(await ids(`Patient?${query('identifier:of-type', 'http://t.example|MR|1\\|2')}`)).toEqual(['typed']);
    expect(await ids(`Patient?${query('identifier:of-type', 'http://t.example|SS|1\\|2')}`)).toEqual([]);
    expect(await ids(`Patient?${query('identifier:of-type', 'http://a.example|MR|1\\|2')}`)).toEqual([]);
  });
  test('the identifier of a reference, as a token', async () => {
    expect(await ids(`Patient?${query('organization:identifier', '7')}`)).toEqual(['typed', 'untyped']);
    expect(await ids(`Patient?${query('organization:identifier', 'http://org.example|7')}`)).toEqual(['typed']);
    expect(await ids(`Patient?${query('organization:identifier', '|7')}`)).toEqual(['untyped']);
    expect(await ids(`Patient?${query('organization:identifier', 'http://org.example|')}`)).toEqual(['typed']);
    expect(await ids(`Patient?${query('organization', '7')}`)).toEqual([]);
  });
});

describe('references', () => {
  test('a version is that version; without one, any', async () => {
    expect(await ids('Provenance?target=Patient/typed/_history/3')).toEqual(['v3']);
    expect(await ids('Provenance?target=Patient/typed/_history/4')).toEqual([]);
    expect(await ids('Provenance?target=Patient/typed')).toEqual(['v', 'v3']);
  });
  test('hierarchies, circles included', async () => {
    expect(await ids('Encounter?location:below=floor')).toEqual(['e-floor', 'e-room']);
    expect(await ids('Encounter?location:above=Location/floor')).toEqual(['e-floor', 'e-house']);
    expect(await ids('Encounter?location:below=circle-b')).toEqual(['e-circle-a']);
    expect(await ids('Encounter?location:above=circle-b')).toEqual(['e-circle-a']);
    expect(await ids('Encounter?location:below=no-such')).toEqual([]);
  });
  test('a canonical in any version, or in those below one', async () => {
    const below = (value: string) => ids(`CarePlan?${query('instantiates-canonical:below', value)}`);
    expect(await below('http://plan.example/a')).toEqual(['c0', 'c1', 'c2', 'c3']);
    expect(await below('http://plan.example/a|1')).toEqual(['c0', 'c1']);
    expect(await below('http://plan.example/a|1.2')).toEqual(['c1']);
  });
});
