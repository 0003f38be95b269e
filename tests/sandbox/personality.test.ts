import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { bundleText, childId, entries, issueCode, startTown, type Town } from './town.ts';

let town: Town;
let ada: string;
beforeAll(async () => {
  town = await startTown(parseJson(bundleText) as Resource);
  ada = await childId(town, town.vendor, 'A1');
});
afterAll(() => town.sandbox.close());

const json = (method: string, body: object) => ({ method, body: JSON.stringify(body) });

describe('the vendor refuses', () => {
  test.each([
    ['CarePlan?patient=x', 400, 'required'],
    ['Observation?patient=x', 400, 'required'],
    ['Patient', 400, 'required'],
    ['Patient?name=Ada', 400, 'required'],
    ['Patient?birthdate=2020-03-01', 400, 'required'],
    ['Condition?patient=x&_count=many', 400, 'value'],
    ['metadata2', 404, 'not-supported'],
    ['MeasureReport', 404, 'not-supported'],
    ['_history', 404, 'not-supported'],
    ['Patient/x/_history', 405, 'not-supported'],
    ['Patient/x/_history/1', 405, 'not-supported'],
    ['Patient/x', 404, 'not-found'],
    ['Condition?_page=none', 410, 'expired'],
  ])('GET %s with %d %s', async (path, status, code) => {
    const answer = await town.ask(town.vendor, path);
    expect([answer.status, answer.body.resourceType, issueCode(answer.body)]).toEqual([
      status,
      'OperationOutcome',
      code,
    ]);
  });

  test.each(['CarePlan', 'Goal', 'CareTeam', 'Flag', 'Observation', 'Patient'])('to create a %s', async (type) => {
    const answer = await town.ask(town.vendor, type, json('POST', { resourceType: type }));
    expect([answer.status, issueCode(answer.body)]).toEqual([405, 'not-supported']);
  });

  test.each([
    ['PUT', 'DocumentReference/x'],
    ['PUT', 'ServiceRequest/x'],
    ['PUT', 'CarePlan/x'],
    ['DELETE', 'ServiceRequest/x'],
    ['PATCH', 'Condition/x'],
    ['POST', ''],
  ])('%s %s', async (method, path) => {
    const answer = await town.ask(town.vendor, path, { method, body: method === 'DELETE' ? undefined : '{}' });
    expect([answer.status, issueCode(answer.body)]).toEqual([405, 'not-supported']);
  });

  test('a document for an unknown patient, of an unaccepted kind, without content, or that is no resource', async () => {
    const document = (subject: string, content: object[]) => ({
      resourceType: 'DocumentReference',
      status: 'current',
      subject: { reference: subject },
      content,
    });
    const page = [{ attachment: { contentType: 'text/html', data: 'aGk=' } }];
    const attempts: [object | string, number, string | undefined][] = [
      [document('Patient/unknown', page), 422, 'business-rule'],
      [document(`Patient/${ada}`, [{ attachment: { contentType: 'video/mp4', data: 'aGk=' } }]), 422, 'business-rule'],
      [
        { resourceType: 'DocumentReference', status: 'current', subject: { reference: `Patient/${ada}` } },
        422,
        'structure',
      ],
      [{ resourceType: 'Patient' }, 400, 'invalid'],
      ['not json', 400, 'invalid'],
    ];
    for (const [body, status, code] of attempts) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await town.ask(town.vendor, 'DocumentReference', { method: 'POST', body: text });
      expect([answer.status, issueCode(answer.body)]).toEqual([status, code]);
    }
  });

  test('an update of a Condition without If-Match, and a stale one', async () => {
    const id = entries((await town.ask(town.vendor, `Condition?patient=${ada}`)).body)[0]?.id;
    const condition = (await town.ask(town.vendor, `Condition/${id}`)).body;
    expect((await town.ask(town.vendor, `Condition/${id}`, json('PUT', condition))).status).toBe(400);
    const stale = { ...json('PUT', condition), headers: { 'if-match': 'W/"0"' } };
    expect((await town.ask(town.vendor, `Condition/${id}`, stale)).status).toBe(412);
    const current = { ...json('PUT', condition), headers: { 'if-match': 'W/"1"' } };
    const updated = await town.ask(town.vendor, `Condition/${id}`, current);
    expect([updated.status, updated.text]).toEqual([200, '']);
    expect(updated.headers.get('etag')).toMatch(/^W\/".+"$/);
  });
});

describe('the vendor answers', () => {
  test('a search by change time as if it had not been asked, with a warning that says so', async () => {
    const { body } = await town.ask(town.vendor, `Condition?patient=${ada}&_lastUpdated=gt2999-01-01`);
    expect(entries(body)).toHaveLength(1);
    expect(JSON.stringify(entries(body, 'outcome'))).toContain('_lastUpdated');
    expect((body.link as { url: string }[])[0]?.url).not.toContain('_lastUpdated');
    const strict = { headers: { prefer: 'handling=strict' } };
    expect((await town.ask(town.vendor, `Condition?patient=${ada}&_lastUpdated=gt2999-01-01`, strict)).status).toBe(
      400,
    );
  });

  test('an empty search with a warning instead of nothing', async () => {
    const { status, body } = await town.ask(town.vendor, `Procedure?patient=${ada}`);
    expect([status, body.total, entries(body).length, entries(body, 'outcome').length]).toEqual([200, 0, 0, 1]);
  });

  test('plans under the category certified vendors use, and under the plan own category', async () => {
    for (const category of ['assess-plan', '736353004']) {
      const { body } = await town.ask(town.vendor, `CarePlan?patient=${ada}&category=${category}`);
      expect(entries(body).map((plan) => plan.title)).toEqual(['Asthma plan of Ada']);
    }
  });

  test('a patient search by identifier, by name with birth date, by id, and a search by POST', async () => {
    for (const query of ['identifier=urn:lakeside:mrn|A1', 'name=Ada&birthdate=2020-03-01', `_id=${ada}`]) {
      const { body } = await town.ask(town.vendor, `Patient?${query}`);
      expect(entries(body).map((patient) => patient.id)).toEqual([ada]);
    }
    const form = { method: 'POST', body: new URLSearchParams({ identifier: 'B2' }) };
    expect(entries((await town.ask(town.vendor, 'Patient/_search', form)).body)).toHaveLength(1);
  });

  test('the roster as a group that can be read and found by name', async () => {
    const roster = (await town.ask(town.vendor, 'Group/roster')).body;
    expect(roster.member).toContainEqual({ entity: { reference: `Patient/${ada}` } });
    expect(roster.quantity).toBe(2);
    expect(entries((await town.ask(town.vendor, 'Group?name=Roster')).body).map((group) => group.id)).toEqual([
      'roster',
    ]);
  });

  test('a create with 201, no body, Location and a weak ETag; decimals come back as written', async () => {
    const text = `{"resourceType":"ServiceRequest","status":"active","intent":"order","contained":[{"resourceType":"Specimen","id":"s"}],"specimen":[{"reference":"#s"}],"subject":{"reference":"Patient/${ada}"},"quantityQuantity":{"value":1.10}}`;
    const made = await town.ask(town.vendor, 'ServiceRequest', {
      method: 'POST',
      body: text,
      headers: { 'if-none-exist': 'identifier=x' },
    });
    expect([made.status, made.text]).toEqual([201, '']);
    expect(made.headers.get('etag')).toMatch(/^W\/".+"$/);
    const location = String(made.headers.get('location'));
    expect(location).toMatch(new RegExp(`^${town.vendor.base}/ServiceRequest/[\\w-]+$`));
    expect((await town.ask(town.vendor, location)).text).toContain('"value":1.10');
    const weights = await town.ask(town.vendor, `Observation?patient=${ada}&category=vital-signs`);
    expect(weights.text).toContain('"value":12.50');
  });
});

describe('pages', () => {
  test('are at most 50 long, and next links bring the rest without repeats', async () => {
    const first = await town.ask(town.vendor, `Observation?patient=${ada}&category=vital-signs&_count=4`);
    expect([entries(first.body).length, first.body.total]).toEqual([4, 6]);
    const next = (first.body.link as { relation: string; url: string }[]).find((link) => link.relation === 'next');
    const second = await town.ask(town.vendor, String(next?.url));
    expect(second.body.link).not.toContainEqual(expect.objectContaining({ relation: 'next' }));
    const ids = [...entries(first.body), ...entries(second.body)].map((one) => one.id);
    expect(new Set(ids).size).toBe(6);
    const many = await town.ask(town.vendor, `Observation?patient=${ada}&category=vital-signs&_count=500`);
    expect((many.body.link as { url: string }[])[0]?.url).toContain('_count=50');
  });
});

describe('the open personality', () => {
  test('lists patients, updates, deletes, sorts and includes', async () => {
    const listed = (await town.ask(town.open, 'Patient?_count=10')).body;
    expect(entries(listed)).toHaveLength(2);
    const plan = entries((await town.ask(town.open, 'CarePlan')).body)[0];
    const changed = await town.ask(town.open, `CarePlan/${plan?.id}`, json('PUT', { ...plan, title: 'Changed' }));
    expect([changed.status, changed.body.title]).toEqual([200, 'Changed']);
    expect((await town.ask(town.open, `CarePlan/${plan?.id}`)).body.title).toBe('Changed');
    const sorted = entries((await town.ask(town.open, 'Observation?_sort=-date&_count=2')).body);
    expect(sorted.map((one) => one.effectiveDateTime)).toEqual(['2026-06-01', '2026-05-01']);
    const including = (await town.ask(town.open, 'CarePlan?_include=CarePlan:subject&_count=1')).body;
    expect(entries(including, 'include').map((one) => one.resourceType)).toEqual(['Patient']);
    expect((await town.ask(town.open, `CarePlan/${plan?.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await town.ask(town.open, `CarePlan/${plan?.id}`)).status).toBe(404);
  });

  test('honours If-None-Exist, and refuses an update of what is not there', async () => {
    const patient = { resourceType: 'Patient', identifier: [{ system: 'urn:x', value: '7' }] };
    const make = () =>
      town.ask(town.open, 'Patient', { ...json('POST', patient), headers: { 'if-none-exist': 'identifier=urn:x|7' } });
    const first = await make();
    const second = await make();
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.id).toBe(first.body.id);
    expect((await town.ask(town.open, 'Patient/none', json('PUT', { ...patient, id: 'none' }))).status).toBe(404);
    expect((await town.ask(town.open, 'Group/roster')).body.quantity).toBe(3);
  });
});

describe('a transaction', () => {
  const refused = async (bundle: object | string, scope?: string) => {
    const body = typeof bundle === 'string' ? bundle : JSON.stringify(bundle);
    const answer = await town.ask(town.open, '', { method: 'POST', body, scope });
    return [answer.status, issueCode(answer.body)];
  };
  const withEntry = (resource: object, request: object) => ({
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
      { resource, request },
    ],
  });

  test('is refused whole when one entry is not valid, conditional, an update, or not covered by the scopes', async () => {
    const before = (await town.ask(town.open, 'Patient?_summary=count')).body.total;
    const post = { method: 'POST', url: 'x' };
    const condition = { resourceType: 'Condition', subject: { display: 'someone' } };
    expect(await refused(withEntry({ resourceType: 'Condition' }, post))).toEqual([422, 'structure']);
    expect(await refused(withEntry({ resourceType: 'Nonsense' }, post))).toEqual([422, 'structure']);
    expect(await refused(withEntry(condition, { ...post, ifNoneExist: 'code=1' }))).toEqual([422, 'not-supported']);
    expect(await refused(withEntry(condition, { method: 'PUT', url: 'Condition/1' }))).toEqual([422, 'not-supported']);
    expect(await refused(withEntry(condition, post), 'system/Patient.cruds')).toEqual([403, 'forbidden']);
    expect(await refused({ resourceType: 'Bundle', type: 'batch' })).toEqual([400, 'invalid']);
    expect(await refused('nonsense')).toEqual([400, 'invalid']);
    expect((await town.ask(town.open, 'Patient?_summary=count')).body.total).toBe(before);
  });

  test('stores all its entries, with references between them resolved and digits kept', async () => {
    const before = Number((await town.ask(town.open, 'Patient?_summary=count')).body.total);
    const { status, body } = await town.ask(town.open, '', { method: 'POST', body: bundleText });
    const lines = body.entry as { response: { status: string; location: string } }[];
    expect([status, body.type, lines.length]).toEqual([200, 'transaction-response', 13]);
    expect((await town.ask(town.open, 'Patient?_summary=count')).body.total).toBe(before + 2);
    const plan = await town.ask(town.open, String(lines[2]?.response.location));
    expect(plan.body.subject).toEqual({
      reference: String(lines[1]?.response.location.slice(town.open.base.length + 1)),
    });
    expect((await town.ask(town.open, String(lines.at(-1)?.response.location))).text).toContain('12.50');
  });
});

describe('the capability statement', () => {
  test('says exactly what the gate allows', async () => {
    const statement = (await (await fetch(`${town.vendor.base}/metadata`)).json()) as {
      rest: { resource: { type: string; interaction: { code: string }[]; searchParam?: { name: string }[] }[] }[];
    };
    const types = statement.rest[0]?.resource ?? [];
    const of = (type: string) => types.find((one) => one.type === type);
    expect(of('CarePlan')?.interaction.map((one) => one.code)).toEqual(['read', 'search-type']);
    expect(of('DocumentReference')?.interaction.map((one) => one.code)).toEqual(['read', 'search-type', 'create']);
    expect(JSON.stringify(statement)).not.toContain('_lastUpdated');
    for (const { type, interaction } of types) {
      const searchable = interaction.some((one) => one.code === 'search-type');
      expect([type, (await town.ask(town.vendor, `${type}?_id=x`)).status]).toEqual([type, searchable ? 200 : 405]);
    }
  });
});
