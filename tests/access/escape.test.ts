import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Answer, TestHttp } from '../support/http.ts';
import { asA, everything, idsOf, leaked, startTwoChildren } from './support/two-children.ts';

/** A token for one child, and all the ways that lead to another. */
let http: TestHttp;
beforeAll(async () => {
  http = await startTwoChildren();
});
afterAll(() => http?.close());

const get = (path: string, as = asA) => http.send('GET', `/fhir/${path}`, { as });
/** What a caller can tell an answer by. */
const told = ({ status, text, headers }: Answer) => {
  const kept = [...headers].filter(([name]) => !['x-request-id', 'date', 'keep-alive'].includes(name));
  return { status, text, headers: kept };
};
const reference = (to: string) => ({ reference: to });
const observation = (id: string, subject: string, more: object = {}) => ({
  resourceType: 'Observation',
  ...(id && { id }),
  status: 'final',
  code: { text: 'x' },
  subject: reference(subject),
  ...more,
});

describe('what comes along', () => {
  test.each([
    ...['focus', 'performer', 'derived-from', 'subject'].map((param) => `Observation?_include=Observation:${param}`),
    ...['Patient?_include=Patient:link', 'Device?_include=Device:patient', 'CareTeam?_include=CareTeam:participant'],
    ...['RelatedPerson?_include=RelatedPerson:patient', 'Composition?_include=Composition:entry'],
    ...['Group?_include=Group:member', 'List?_include=List:item', 'CarePlan?_include=CarePlan:goal'],
    'Task?_include=Task:focus',
  ])('TH-20 what is included lies in the compartment: %s', async (path) => {
    const { status, json } = await get(path);
    expect([status, leaked(json)]).toEqual([200, []]);
    expect(leaked((await get(path, everything)).json)).not.toEqual([]);
  });

  test.each([
    ...['focus', 'performer', 'subject'].map((param) => `Patient?_id=a&_revinclude=Observation:${param}`),
    ...['CareTeam:participant', 'Task:focus', 'Group:member', 'Patient:link', 'List:item'].map(
      (param) => `Patient?_id=a&_revinclude=${param}`,
    ),
    'Observation?_revinclude=Observation:derived-from',
    'Observation?_revinclude=List:item',
    'Goal?_revinclude=CarePlan:goal',
    'Practitioner?_revinclude=Patient:general-practitioner',
    'Practitioner?_revinclude=CareTeam:participant',
  ])('TH-21 who mentions the child is not about it: %s', async (path) => {
    const { status, json } = await get(path);
    expect([status, leaked(json)]).toEqual([200, []]);
  });

  test.each([
    'Patient?_include=*&_revinclude=*',
    'Patient?_include:iterate=*&_revinclude:iterate=*',
    'Observation?_include=*&_include:iterate=*',
    'Observation?_include=Observation:*',
    'Patient?_revinclude=Observation:*&_include:iterate=Observation:*',
    'Practitioner?_revinclude=Patient:general-practitioner&_revinclude:iterate=Observation:subject',
    'Patient?_id=a&_revinclude=Task:focus&_include:iterate=Task:patient&_revinclude:iterate=Observation:subject',
  ])('TH-22 by wildcards and on and on: %s', async (path) => {
    const { status, json } = await get(path);
    expect(leaked(json)).toEqual([]);
    expect([200, 400]).toContain(status);
  });

  test('TH-22 a page link opens for whom it was made only', async () => {
    const { json } = await get('Observation?_count=1', everything);
    const next = json.link
      .find(({ relation }: any) => relation === 'next')
      .url.replace('http://ours.example/fhir/', '');
    expect((await get(next, everything)).status).toBe(200);
    expect(await get(next)).toMatchObject({ status: 400 });
    const own = (await get('Observation?_count=1')).json.link.find(({ relation }: any) => relation === 'next').url;
    expect(await get(own.replace('http://ours.example/fhir/', ''), 'patient/*.cruds#b')).toMatchObject({ status: 400 });
    const everythings = (await get('Patient/a/$everything?_count=1')).json.link[1].url;
    const path = everythings.replace('http://ours.example/fhir/', '');
    expect((await get(path)).status).toBe(200);
    expect((await get(path, 'patient/*.cruds#b')).status).toBe(404);
    expect((await get(path.replace('/a/', '/b/'), asA)).status).toBe(404);
  });
});

describe('what is asked through', () => {
  test.each([
    ['Observation?focus:Patient.family=Birch', 'Observation?focus:Patient.family=Nobody'],
    ['Observation?focus:Patient.identifier=mrn-b', 'Observation?focus:Patient.identifier=mrn-x'],
    ['Observation?performer:Patient.family=Birch', 'Observation?performer:Patient.family=Nobody'],
    ['Observation?derived-from:Observation.status=final', 'Observation?derived-from:Observation.status=amended'],
    ['Patient?link:Patient.family=Birch', 'Patient?link:Patient.family=Nobody'],
    ['Patient?_has:Observation:focus:status=final', 'Patient?_has:Observation:focus:status=amended'],
    ['Patient?_has:Task:focus:status=requested', 'Patient?_has:Task:focus:status=failed'],
    ['Patient?_has:CareTeam:participant:_id=b-team', 'Patient?_has:CareTeam:participant:_id=x-team'],
    ['Patient?_has:Group:member:_id=b-and-a', 'Patient?_has:Group:member:_id=x-and-a'],
    ['Patient?_filter=link.family eq "Birch"', 'Patient?_filter=link.family eq "Nobody"'],
    ['Observation?_list=b-list', 'Observation?_list=x-list'],
    ['Observation?_id=b-lab&_total=accurate', 'Observation?_id=x-lab&_total=accurate'],
    ['Observation?_id=b-lab&_summary=count', 'Observation?_id=x-lab&_summary=count'],
    ['Patient?identifier=mrn-b&_total=accurate', 'Patient?identifier=mrn-x&_total=accurate'],
    ['Patient?_text=Birch', 'Patient?_text=Nobody'],
    ['Patient?_content=Birch', 'Patient?_content=Nobody'],
    ['Patient?family=Birch&_sort=family', 'Patient?family=Nobody&_sort=family'],
    ['CarePlan?goal.lifecycle-status=active', 'CarePlan?goal.lifecycle-status=rejected'],
    ['Patient/b/Observation', 'Patient/x/Observation'],
    ['Patient/b/*', 'Patient/x/*'],
    ['Practitioner/doctor/Patient?_id=b', 'Practitioner/doctor/Patient?_id=x'],
  ])('TH-23 %s is answered as if there were no such child', async (asked, absent) => {
    const [one, other] = [await get(asked), await get(absent)];
    expect([one.status, one.json.entry ?? [], one.json.total]).toEqual([
      other.status,
      other.json.entry ?? [],
      other.json.total,
    ]);
    expect(one.json.entry ?? []).toEqual([]);
  });

  test.each([
    ...['patient=b', 'patient=Patient/b', 'subject=Patient/b', 'subject:Patient=b', 'subject=b', 'patient:Patient=b'],
    ...['patient=http://ours.example/fhir/Patient/b', 'subject=http://ours.example/fhir/Patient/b'],
    ...['patient.identifier=mrn-b', 'subject:Patient.identifier=http://mrn.example|mrn-b', 'subject.family=Birch'],
    ...['patient=a&patient=b', 'patient=b&subject=a', 'patient:missing=true', 'subject:missing=true'],
  ])('TH-24 Observation?%s finds nothing', async (query) => {
    for (const path of [`Observation?${query}&_total=accurate`, `Patient/a/Observation?${query}&_total=accurate`]) {
      const { status, json } = await get(path);
      expect([path, status, json.total, idsOf(json)]).toEqual([path, 200, 0, []]);
    }
    const all = await get(`Patient/a/Observation?${query}`, everything);
    expect(leaked(all.json).filter((name) => name !== 'Observation/b-measured')).toEqual([]);
  });

  test.each([
    'patient=b,a',
    'subject=a,b',
    'patient=Patient/a,Patient/b',
    'subject:not=Patient/a',
    'patient:not=b',
    '',
  ])('TH-24 Observation?%s finds the own ones at most', async (query) => {
    for (const path of [
      `Observation?${query}`,
      `Patient/a/Observation?${query}`,
      `Patient/a/*?_type=Observation&${query}`,
    ]) {
      const { status, json } = await get(path);
      expect([path, leaked(json)]).toEqual([path, []]);
      // References have no :not, and say so.
      expect(status).toBe(query.includes(':not') ? 400 : 200);
    }
  });

  test('TH-25 a form, a query and both: all parameters hold', async () => {
    const form = (path: string, text: string, headers: Record<string, string> = {}) =>
      http.send('POST', `/fhir/${path}`, {
        as: asA,
        text,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      });
    for (const [path, text] of [
      ['Observation/_search?patient=b', 'patient=a'],
      ['Observation/_search?patient=a', 'patient=b'],
      ['Observation/_search', 'patient=b'],
      ['Patient/a/Observation/_search', 'patient=b'],
      ['Patient/b/Observation/_search', 'patient=a'],
      ['_search?_type=Observation', 'patient=b'],
    ] as const) {
      const { status, json } = await form(path, text);
      expect([path, status, json.entry ?? []]).toEqual([path, 200, []]);
    }
    expect(idsOf((await form('Observation/_search', 'patient=a')).json)).toEqual(['a-lab', 'a-measured', 'a-vital']);
    const forced = { 'X-HTTP-Method-Override': 'GET', 'X-HTTP-Method': 'PUT' };
    expect(leaked((await form('Observation/_search', 'patient=a;patient=b', forced)).json)).toEqual([]);
    expect(leaked((await get('Observation?patient=a;subject=b')).json)).toEqual([]);
  });

  test.each([
    'observation?patient=a',
    'OBSERVATION/b-lab',
    'Observation/B-LAB',
    'patient/b',
    'Patient/b/',
    'Patient//b',
    'Patient/./b',
    'Patient/%62',
    '?_type=Observation&_type=Patient&_id=b',
  ])('TH-25 %s is not another way in', async (path) => {
    const { status, json } = await get(path);
    expect([status === 200 ? leaked(json) : [], [200, 400, 404].includes(status)]).toEqual([[], true]);
  });
});

describe('what a Bundle brings', () => {
  const send = (type: string, ...entry: object[]) =>
    http.send('POST', '/fhir', { as: asA, body: { resourceType: 'Bundle', type, entry } });
  const request = (method: string, url: string, more: object = {}) => ({ request: { method, url, ...more } });

  test.each([
    'Patient/b',
    'Observation/b-lab',
    'Observation/b-lab/_history',
    'Observation/b-lab/_history/1',
    'Patient/b/$everything',
    'Observation/b-lab/$meta',
  ])('TH-26 GET %s in a batch is as if it were not there', async (url) => {
    const { status, json } = await send('batch', request('GET', url), request('GET', url.replace('/b', '/x')));
    expect(status).toBe(200);
    const [hidden, absent] = json.entry.map(({ response }: any) => response);
    expect(hidden).toEqual(absent);
    expect(hidden.status).toMatch(/^404/);
  });

  test('TH-26 searches in a batch and in a transaction find the own ones only', async () => {
    for (const type of ['batch', 'transaction']) {
      const { status, json } = await send(
        type,
        request('GET', 'Observation?patient=b'),
        request('GET', 'Observation?_include=*'),
      );
      expect([type, status, leaked(json)]).toEqual([type, 200, []]);
      expect(json.entry[1].resource.entry.length).toBeGreaterThan(2);
    }
  });

  test('TH-26 a reference by criteria does not find another child, and says what it says of one that is not there', async () => {
    const with_ = (criteria: string) =>
      send('transaction', { ...request('POST', 'Observation'), resource: observation('', `Patient?${criteria}`) });
    const [hidden, absent] = [await with_('identifier=mrn-b'), await with_('identifier=mrn-x')];
    expect(told(hidden)).toEqual(told(absent));
    expect(hidden.status).toBe(412);
    expect((await with_('identifier=mrn-a')).status).toBe(200);
    await http.send('DELETE', '/fhir/Observation?code:text=x', { as: everything });
  });

  test.each<[string, object]>([
    ['a foreign fullUrl', { fullUrl: 'http://ours.example/fhir/Patient/b', ...request('GET', 'Patient/b') }],
    ['an absolute address', request('GET', 'http://ours.example/fhir/Patient/b')],
    ['a way up', request('GET', 'Patient/a/../b')],
    [
      'a Bundle in a Bundle',
      {
        ...request('POST', ''),
        resource: { resourceType: 'Bundle', type: 'batch', entry: [request('GET', 'Patient/b')] },
      },
    ],
    ['a change of the other', { ...request('PUT', 'Observation/b-lab'), resource: observation('b-lab', 'Patient/a') }],
    ['its removal', request('DELETE', 'Observation/b-lab')],
    ['a record about the other', { ...request('POST', 'Observation'), resource: observation('', 'Patient/b') }],
  ])('TH-26 %s is refused, and undoes a transaction', async (_name, entry) => {
    const before = (await get('Observation/b-lab', everything)).text;
    const one = await send('batch', entry);
    expect(leaked(one.json)).toEqual([]);
    if (one.status === 200) expect(one.json.entry[0].response.status).toMatch(/^4/);
    const made = {
      ...request('POST', 'Goal'),
      resource: {
        resourceType: 'Goal',
        lifecycleStatus: 'active',
        description: { text: 'x' },
        subject: reference('Patient/a'),
      },
    };
    const whole = await send('transaction', made, entry);
    expect([whole.status >= 400 && whole.status < 500, leaked(whole.json)]).toEqual([true, []]);
    expect(idsOf((await get('Goal')).json)).toEqual(['a-goal']);
    expect((await get('Observation/b-lab', everything)).text).toBe(before);
  });

  test('TH-26 what is deleted and made anew under its id is not another way in', async () => {
    const two = await send('transaction', request('DELETE', 'Observation/b-vital'), {
      ...request('PUT', 'Observation/b-vital'),
      resource: observation('b-vital', 'Patient/a'),
    });
    expect(two.status).toBeGreaterThanOrEqual(400);
    expect((await get('Observation/b-vital', everything)).json.subject).toEqual(reference('Patient/b'));
  });
});

describe('what is written', () => {
  const put = (id: string, subject: string, as = asA) =>
    http.send('PUT', `/fhir/Observation/${id}`, { as, body: observation(id, subject) });
  const patch = (path: string, operations: object[], as = asA) =>
    http.send('PATCH', `/fhir/${path}`, {
      as,
      body: operations,
      headers: { 'Content-Type': 'application/json-patch+json' },
    });

  test('TH-27 no record is moved from one child to another, by whichever way', async () => {
    expect((await put('mine', 'Patient/a', everything)).status).toBe(201);
    const before = (await get('Observation/mine')).text;
    const value = 'Patient/b';
    expect((await put('mine', value)).status).toBe(403);
    expect((await put('mine', 'http://ours.example/fhir/Patient/b')).status).toBe(403);
    expect((await patch('Observation/mine', [{ op: 'replace', path: '/subject/reference', value }])).status).toBe(403);
    expect((await patch('Observation/mine', [{ op: 'remove', path: '/subject' }])).status).toBe(403);
    const moved = await http.send('PUT', '/fhir/Observation?_id=mine', { as: asA, body: observation('mine', value) });
    expect(moved.status).toBe(403);
    expect((await get('Observation/mine')).text).toBe(before);
    // Performed by the child, about another.
    const about = observation('', value, { performer: [reference('Patient/a')] });
    expect((await http.send('POST', '/fhir/Observation', { as: asA, body: about })).status).toBe(403);
    await http.send('DELETE', '/fhir/Observation/mine', { as: everything });
  });

  test('TH-27 an id that is taken by what is hidden answers like one that is free', async () => {
    for (const way of [
      (id: string) => put(id, 'Patient/a'),
      (id: string) => http.send('DELETE', `/fhir/Observation/${id}`, { as: asA }),
      (id: string) => patch(`Observation/${id}`, [{ op: 'test', path: '/status', value: 'final' }]),
      (id: string) => patch(`Observation/${id}`, [{ op: 'test', path: '/status', value: 'amended' }]),
      (id: string) =>
        http.send('PUT', `/fhir/Observation/${id}`, {
          as: asA,
          body: observation(id, 'Patient/a'),
          headers: { 'If-Match': 'W/"7"' },
        }),
      (id: string) =>
        http.send('PUT', `/fhir/Observation/${id}`, {
          as: asA,
          body: observation(id, 'Patient/a'),
          headers: { 'If-None-Match': '*' },
        }),
    ]) {
      const [hidden, free] = [await way('b-lab'), await way('x-lab')];
      expect(told(hidden)).toEqual(told(free));
      expect(hidden.status).toBe(404);
    }
  });

  test('TH-27 conditional writes do not find what is hidden', async () => {
    const body = observation('', 'Patient/a');
    const once = (criteria: string) =>
      http.send('POST', '/fhir/Observation', { as: asA, body, headers: { 'If-None-Exist': criteria } });
    expect([(await once('_id=b-lab')).status, (await once('_id=x-lab')).status]).toEqual([201, 201]);
    expect((await http.send('DELETE', '/fhir/Observation?_id=b-lab', { as: asA })).status).toBe(204);
    const kept = [{ op: 'test', path: '/status', value: 'final' }];
    expect((await patch('Observation?_id=b-lab', kept)).status).toBe(404);
    expect((await get('Observation/b-lab', everything)).status).toBe(200);
    await http.send('DELETE', '/fhir/Observation?code:text=x', { as: everything });
  });

  test('TH-28 of a record that was about another child, each sees what was about it while it still is', async () => {
    await put('moved', 'Patient/b', everything);
    await put('moved', 'Patient/a', everything);
    const { json } = await get('Observation/moved/_history');
    expect(json.entry.map(({ resource }: any) => resource.meta.versionId)).toEqual(['2']);
    expect(json.total).toBeUndefined();
    expect(told(await get('Observation/moved/_history/1'))).toEqual(told(await get('Observation/x/_history/1')));
    expect((await get('Observation/moved/_history/2')).status).toBe(200);
    const [formerly, never] = [
      await get('Observation/moved', 'patient/*.rs#b'),
      await get('Observation/x', 'patient/*.rs#b'),
    ];
    expect(told(formerly)).toEqual(told(never));
    expect((await get('Observation/moved/_history', 'patient/*.rs#b')).status).toBe(404);
    for (const path of ['_history', 'Observation/_history']) {
      const versions = (await get(`${path}?_count=500`)).json.entry.map(
        ({ resource }: any) => `${resource?.id} ${resource?.meta.versionId}`,
      );
      expect(versions).toContain('moved 2');
      expect(versions).not.toContain('moved 1');
      expect(versions.filter((name: string) => /^b[ -]/.test(name))).toEqual([]);
    }
    await http.send('DELETE', '/fhir/Observation/moved', { as: everything });
    expect((await get('Observation/moved', 'patient/*.rs#b')).status).toBe(404);
    expect((await get('Observation/moved')).status).toBe(410);
  });
});

describe('operations', () => {
  test.each(['Patient/b/$everything', 'Observation/b-lab/$meta', 'Observation/b-lab/$validate'])(
    'TH-29 %s is as if it were not there',
    async (path) => {
      const [hidden, absent] = [await get(path), await get(path.replace('/b', '/x'))];
      expect(told(hidden)).toEqual(told(absent));
      expect(hidden.status).toBe(404);
    },
  );

  test('TH-29 $everything, $meta of a type, $docref and $meta-add give and take what is the own only', async () => {
    expect(leaked((await get('Patient/a/$everything')).json)).toEqual([]);
    const types = (await get('Patient/a/$everything', 'patient/Patient.r patient/Goal.r#a')).json;
    expect(idsOf(types)).toEqual(['a', 'a-goal']);
    expect(idsOf((await get('Patient/$everything')).json)).toEqual(idsOf((await get('Patient/a/$everything')).json));
    expect((await get('DocumentReference/$docref?patient=b')).json.entry).toBeUndefined();
    expect(idsOf((await get('DocumentReference/$docref?patient=a')).json)).toEqual(['a-document']);
    const meta = { resourceType: 'Parameters', parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 'x' }] } }] };
    for (const id of ['b-lab', 'x-lab'])
      expect((await http.send('POST', `/fhir/Observation/${id}/$meta-add`, { as: asA, body: meta })).status).toBe(404);
    expect((await get('Observation/b-lab', everything)).json.meta.tag).toBeUndefined();
  });

  test('TH-34 a linked record is another record: no way leads across', async () => {
    expect(idsOf((await get('Patient')).json)).toEqual(['a']);
    expect((await get('Patient/b')).status).toBe(404);
    expect(leaked((await get('Patient?_include=Patient:link&_revinclude=Patient:link')).json)).toEqual([]);
    expect(leaked((await get('Patient/a/Patient')).json)).toEqual([]);
    expect(leaked((await get('Patient/a/*')).json)).toEqual([]);
  });
});
