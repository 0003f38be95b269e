import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';

const now = new Date('2026-11-23T09:00:00Z');
const clock = { now: () => now };
let http: TestHttp;

beforeAll(async () => {
  const { checks, effects, conclusions, operations } = createCare({ clock }).module;
  http = await startHttp({ operations }, { checks, effects, conclusions, clock });
});
afterAll(() => http.close());

let children = 0;
/** A child of its own, with these records of three hospitals and of our own. */
async function childWith(...resources: ((child: { reference: string }, id: (name: string) => string) => Resource)[]) {
  children += 1;
  const id = `child-${children}`;
  const child = { reference: `Patient/${id}` };
  const named = (name: string) => `${id}-${name}`;
  await a.put(http.store, a.coordinator, { ...a.patient, id });
  for (const make of resources) {
    const resource = make(child, named);
    await a.put(http.store, resource.meta?.source ? a.syncActor : a.coordinator, resource);
  }
  const composed = await http.send('POST', `/fhir/Patient/${id}/$compose-shared-plan`);
  expect(composed.status).toBe(200);
  return { id, child, planId: composed.json.id as string, named };
}

const penicillin = {
  coding: [{ system: 'http://snomed.info/sct', code: '91936005', display: 'Allergy to penicillin' }],
};
const clinicalStatus = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' }],
};
const allergy =
  (name: string, site: string, more: object = {}) =>
  (patient: object, id: (name: string) => string) =>
    a.mirrored(
      { resourceType: 'AllergyIntolerance', id: id(name), patient, code: penicillin, clinicalStatus, ...more },
      site,
    );
const request =
  (name: string, words: string, site?: string, more: object = {}) =>
  (subject: object, id: (name: string) => string) => {
    const resource = a.request(id(name), words, { subject, ...more });
    return site === undefined ? resource : a.mirrored(resource, site);
  };

interface Told {
  id: string;
  state: string;
  kind: string;
  about: string;
  sources: string[];
  records: string[];
  choices: string[];
  suggested?: string;
}
async function rows(id: string, query = ''): Promise<Told[]> {
  const { status, json } = await http.send('GET', `/fhir/CarePlan/$reconcile?patient=Patient/${id}${query}`);
  expect({ status, json }).toMatchObject({ status: 200 });
  return ((json.parameter ?? []) as any[]).filter(({ name }) => name === 'row').map(toldRow);
}
function toldRow({ part }: { part: any[] }): Told {
  const of = (name: string) => part.filter((one) => one.name === name);
  const suggested = of('suggested')[0]?.valueCode;
  return {
    id: of('id')[0].valueString,
    state: of('state')[0].valueString,
    kind: of('kind')[0].valueCode,
    about: of('about')[0].valueCode,
    sources: of('source')
      .map(({ valueString }) => valueString)
      .sort(),
    records: of('member').map((one) => one.part[0].valueReference.reference),
    choices: of('choice').map(({ valueCode }) => valueCode),
    ...(suggested && { suggested }),
  };
}
function decide(id: string, decisions: Record<string, unknown>[], as = 'all') {
  const part = (decision: Record<string, unknown>) =>
    Object.entries(decision).flatMap(([name, value]) => {
      const isReference = ['keep', 'drop', 'owner', 'goal'].includes(name);
      return [value]
        .flat()
        .map((one) => ({ name, ...(isReference ? { valueReference: { reference: one } } : { valueString: one }) }));
    });
  const parameter = [
    { name: 'patient', valueString: `Patient/${id}` },
    ...decisions.map((decision) => ({ name: 'decision', part: part(decision) })),
  ];
  return http.send('POST', '/fhir/CarePlan/$accept-reconciliation', {
    as,
    body: { resourceType: 'Parameters', parameter },
  });
}
const read = async (reference: string) => (await http.send('GET', `/fhir/${reference}`)).json;
const everything = () =>
  http.store
    .query<{ count: string }>(
      'SELECT (SELECT count(*) FROM resource) + (SELECT count(*) FROM resource_history) AS count',
    )
    .then(([row]) => Number(row?.count));

describe('what is asked', () => {
  test.each([
    ['', 'patient'],
    ['?patient=Group/x', 'patient'],
    ['?patient=x&kind=worse', 'kind'],
    ['?patient=x&stale-months=0', 'stale-months'],
    ['?patient=x&decided=perhaps', 'decided'],
    ['?patient=x&unheard=1', 'unheard'],
  ])('refuses %s and names it', async (query, named) => {
    const answer = await http.send('GET', `/fhir/CarePlan/$reconcile${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json.issue[0].details.text).toContain(named);
  });

  test('comes in pages of one order, and a page of what has changed says so', async () => {
    const { id } = await childWith(
      ...['Swim', 'Speech', 'Brace'].map((words) => request(words.toLowerCase(), words, 'summit')),
    );
    const path = `/fhir/CarePlan/$reconcile?patient=Patient/${id}`;
    const whole = await rows(id);
    expect(whole.length).toBeGreaterThan(3);
    const paged: Told[] = [];
    for (let after: string | undefined, page = 0; page < 10; page += 1) {
      const { json } = await http.send('GET', `${path}&_count=2${after === undefined ? '' : `&after=${after}`}`);
      const told = json.parameter.filter(({ name }: any) => name === 'row').map(toldRow);
      expect(told.length).toBeLessThanOrEqual(2);
      paged.push(...told);
      after = json.parameter.find(({ name }: any) => name === 'next')?.valueString;
      if (after === undefined) break;
    }
    expect(paged).toEqual(whole);
    expect((await http.send('GET', `${path}&after=never`)).status).toBe(409);
    for (const count of ['0', '1001', 'many']) {
      expect((await http.send('GET', `${path}&_count=${count}`)).status).toBe(400);
    }
  });

  test('is for those who may change the plan: another child’s token finds no such child, as if there were none', async () => {
    const { id } = await childWith(allergy('a', 'lakeside'), allergy('b', 'summit'));
    const answers = [id, 'never-was'].map((one) =>
      http.send('GET', `/fhir/CarePlan/$reconcile?patient=${one}`, { as: 'child-a' }),
    );
    const [theirs, none] = await Promise.all(answers);
    expect(theirs?.status).toBe(404);
    expect(theirs?.json).toEqual(none?.json);
    expect((await decide(id, [{ row: 'x', state: 'y', choice: 'same' }], 'child-a')).status).toBe(404);
    expect((await http.send('GET', `/fhir/CarePlan/$reconcile?patient=${id}`, { as: 'goals' })).status).toBe(403);
  });
});

describe('S3.13 the same allergy from three EHRs', () => {
  test('S3.13 shows once with three sources, is accepted in one transaction, and is not asked again', async () => {
    const { id, named } = await childWith(
      allergy('a', 'harbor'),
      allergy('b', 'lakeside', { recordedDate: '2026-05-01' }),
      allergy('c', 'summit', {
        meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'PHY' }] },
      }),
    );
    const [row, ...more] = await rows(id);
    expect(more).toEqual([]);
    const records = ['a', 'b', 'c'].map((name) => `AllergyIntolerance/${named(name)}`);
    expect(row).toMatchObject({
      kind: 'duplicate',
      about: 'allergy',
      sources: ['harbor', 'lakeside', 'summit'],
      records,
      suggested: 'same',
    });
    const before = await Promise.all(records.map(read));
    const answer = await decide(id, [{ row: row?.id, state: row?.state, choice: 'same' }]);
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    const [written] = answer.json.parameter.filter(({ name }: any) => name === 'written');
    const ours = await read(written.valueReference.reference.split('/_history')[0]);
    expect(ours).toMatchObject({
      resourceType: 'AllergyIntolerance',
      code: penicillin,
      recordedDate: '2026-05-01',
      meta: { security: [{ code: 'PHY' }] },
    });
    expect(ours.extension.map(({ valueReference }: any) => valueReference.reference).sort()).toEqual(records);
    expect(await Promise.all(records.map(read))).toEqual(before);
    const decided = answer.json.parameter.find(({ name }: any) => name === 'decided');
    const provenance = await read(decided.part.find(({ name }: any) => name === 'provenance').valueReference.reference);
    expect(provenance.activity.coding.map(({ code }: any) => code)).toEqual(['same', 'duplicate']);
    expect(provenance.entity.map(({ what }: any) => what.reference)).toEqual(records.map((one) => `${one}/_history/1`));
    expect(provenance.target).toContainEqual({ reference: `AllergyIntolerance/${ours.id}` });
    expect(await rows(id)).toEqual([]);
    // A hospital says something else now: then it is asked again, with ours among the records.
    const changed = allergy('b', 'lakeside', { criticality: 'high' })({ reference: `Patient/${id}` }, named);
    await a.put(http.store, a.syncActor, changed);
    const [again] = await rows(id);
    expect(again?.records).toHaveLength(4);
  });
});

const opposed = () =>
  childWith(
    request('up', 'Encourage extra fluids', 'lakeside'),
    request('down', 'Fluid restriction 800 mL a day', 'summit'),
    (subject, id) => a.goal(id('goal'), 'Drink enough', { subject }),
  );
const conflictOf = async (id: string) => (await rows(id, '&kind=conflict'))[0];
const activities = async (planId: string) =>
  ((await read(`CarePlan/${planId}`)).activity ?? []).map(({ reference }: any) => reference.reference) as string[];

describe('a conflict', () => {
  test('D19 is never merged by itself: without a choice, a kept side and a reason nothing is written', async () => {
    const { id, named } = await opposed();
    const row = await conflictOf(id);
    expect(row).toMatchObject({ about: 'activity', sources: ['lakeside', 'summit'] });
    expect(row?.suggested).toBeUndefined();
    const before = await everything();
    const base = { row: row?.id, state: row?.state };
    const up = `ServiceRequest/${named('up')}`;
    const answers = await Promise.all([
      decide(id, [{ ...base, choice: 'same', keep: up }]),
      decide(id, [{ ...base, choice: 'keep-one', reason: 'Nephrology decides' }]),
      decide(id, [{ ...base, choice: 'keep-one', keep: 'ServiceRequest/other', reason: 'Nephrology decides' }]),
      decide(id, [{ ...base, choice: 'link-goal', reason: 'x' }]),
      decide(id, [{ ...base, choice: 'drop', reason: 'x' }]),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422]);
    expect((await decide(id, [{ ...base, choice: 'perhaps' }])).status).toBe(400);
    expect((await decide(id, [{ row: row?.id, choice: 'apart', reason: 'x' }])).status).toBe(400);
    expect((await decide(id, [])).status).toBe(400);
    expect(await everything()).toBe(before);
  });

  test('D19 one side is kept, the other leaves the plan and stays in the record; composing does not bring it back', async () => {
    const { id, planId, named } = await opposed();
    const [up, down] = [`ServiceRequest/${named('up')}`, `ServiceRequest/${named('down')}`];
    expect(await activities(planId)).toEqual(expect.arrayContaining([up, down]));
    const row = await conflictOf(id);
    const kept = { row: row?.id, state: row?.state, choice: 'keep-one', keep: down, reason: 'Nephrology decides' };
    expect((await decide(id, [kept])).status).toBe(200);
    await http.send('POST', `/fhir/Patient/${id}/$compose-shared-plan`);
    expect(await activities(planId)).toContain(down);
    expect(await activities(planId)).not.toContain(up);
    expect(await read(up)).toMatchObject({ status: 'active', meta: { versionId: '1' } });
    expect(await conflictOf(id)).toBeUndefined();
    const told = await http.send('GET', `/fhir/CarePlan/$reconcile?patient=${id}&decided=true`);
    const decision = told.json.parameter.find(({ name }: any) => name === 'decision');
    expect(decision.part).toEqual(
      expect.arrayContaining([
        { name: 'choice', valueCode: 'keep-one' },
        { name: 'by', valueString: 'test-all' },
      ]),
    );
  });

  test('D19 has changed since it was asked: 409, and nothing is written of the other decisions either', async () => {
    const { id, planId, named, child } = await opposed();
    const [row, orphan] = [await conflictOf(id), (await rows(id, '&kind=orphan'))[1]];
    const down = { ...a.request(named('down'), 'Fluid restriction 900 mL a day', { subject: child }) };
    await a.put(http.store, a.syncActor, a.mirrored(down, 'summit'));
    const before = await everything();
    const plan = await read(`CarePlan/${planId}`);
    const answer = await decide(id, [
      { row: orphan?.id, state: orphan?.state, choice: 'apart', reason: 'No goal is needed' },
      { row: row?.id, state: row?.state, choice: 'keep-one', keep: `ServiceRequest/${named('up')}`, reason: 'x' },
    ]);
    expect(answer.status).toBe(409);
    expect(await everything()).toBe(before);
    expect(await read(`CarePlan/${planId}`)).toEqual(plan);
    expect(await rows(id, '&kind=orphan')).toContainEqual(orphan);
  });

  test('two people decide at once: one is told that it has changed', async () => {
    const { id, named } = await opposed();
    const row = await conflictOf(id);
    const wish = (side: string) => ({
      row: row?.id,
      state: row?.state,
      choice: 'keep-one',
      keep: `ServiceRequest/${named(side)}`,
      reason: 'x',
    });
    const answers = await Promise.all([decide(id, [wish('up')]), decide(id, [wish('down')])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('two people find at once that records are the same: one record of ours stands for them, not two', async () => {
    const { id } = await childWith(allergy('a', 'lakeside'), allergy('b', 'summit'));
    const [row] = await rows(id);
    const wish = { row: row?.id, state: row?.state, choice: 'same' };
    const answers = await Promise.all([1, 2, 3].map(() => decide(id, [wish])));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect((await http.send('GET', `/fhir/AllergyIntolerance?patient=${id}`)).json.entry).toHaveLength(3);
  });

  test('kept apart with a reason, it is not asked again until one side changes; taken back, it is', async () => {
    const { id, named, child } = await opposed();
    const row = await conflictOf(id);
    const wish = { row: row?.id, state: row?.state, choice: 'apart', reason: 'One is for fever days' };
    const answer = await decide(id, [wish]);
    expect(answer.status).toBe(200);
    expect(await conflictOf(id)).toBeUndefined();
    const provenance = answer.json.parameter[0].part.find(({ name }: any) => name === 'provenance').valueReference
      .reference;
    const { reason, target } = await read(provenance);
    expect(reason).toEqual([{ text: 'One is for fever days' }]);
    expect(target).toHaveLength(2);
    // A note changes nothing of what was decided about; the order itself does.
    const noted = a.request(named('up'), 'Encourage extra fluids', { subject: child, note: [{ text: 'Seen' }] });
    await a.put(http.store, a.syncActor, a.mirrored(noted, 'lakeside'));
    expect(await conflictOf(id)).toBeUndefined();
    const other = a.request(named('up'), 'Push fluids, 2 L a day', { subject: child });
    await a.put(http.store, a.syncActor, a.mirrored(other, 'lakeside'));
    expect(await conflictOf(id)).toBeDefined();
    await a.put(http.store, a.syncActor, a.mirrored(noted, 'lakeside'));
    expect(await conflictOf(id)).toBeUndefined();
    await http.send('DELETE', `/fhir/${provenance.split('/_history')[0]}`);
    expect(await conflictOf(id)).toBeDefined();
  });
});

describe('activities written out in two hospitals’ plans', () => {
  const written = (site: string, description: string) => (subject: object, id: (name: string) => string) =>
    a.mirrored(
      a.hospitalPlan(id(site), { subject, activity: [{ detail: { status: 'in-progress', description } }] }),
      site,
    );

  test('D19 are known by their hospitals; found the same, one goes on and nobody waits for the other', async () => {
    const { id, planId } = await childWith(
      written('lakeside', 'Stander, 60 minutes a day'),
      written('summit', 'Stander 60 minutes a day'),
    );
    const [row, ...more] = await rows(id, '&kind=duplicate');
    expect(more).toEqual([]);
    expect(row).toMatchObject({ about: 'activity', sources: ['lakeside', 'summit'] });
    const answer = await decide(id, [{ row: row?.id, state: row?.state, choice: 'same', keep: row?.records[0] }]);
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    const [kept, other] = await Promise.all((row?.records ?? []).map(read));
    expect(kept.status).toBe('in-progress');
    expect(other).toMatchObject({ status: 'cancelled', statusReason: { coding: [{ code: 'duplicate' }] } });
    await http.send('POST', `/fhir/Patient/${id}/$compose-shared-plan`);
    expect(await activities(planId)).toEqual([row?.records[0]]);
    expect(await rows(id, '&kind=duplicate')).toEqual([]);
  });
});

describe('what lacks something', () => {
  test('D19 an owner is assigned: to a Task of ours in it, to a hospital’s order by a Task beside it', async () => {
    await a.put(http.store, a.coordinator, { resourceType: 'Practitioner', id: 'nurse' });
    const { id, named, planId } = await childWith(request('theirs', 'Swallow study', 'lakeside'), (child, name) =>
      a.task(name('ours'), 'Call the school', { for: child }),
    );
    const found = await rows(id, '&kind=missing-owner');
    expect(found.map(({ records }) => records[0])).toEqual([
      `ServiceRequest/${named('theirs')}`,
      `Task/${named('ours')}`,
    ]);
    const wish = ({ id: row, state }: Told, owner: string) => ({ row, state, choice: 'assign-owner', owner });
    const nobody = await decide(id, [wish(found[0] as Told, 'Practitioner/never-was')]);
    expect(nobody.status).toBe(422);
    const answer = await decide(
      id,
      found.map((row) => wish(row, 'Practitioner/nurse')),
    );
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    expect(await read(`Task/${named('ours')}`)).toMatchObject({ owner: { reference: 'Practitioner/nurse' } });
    const beside = (await http.send('GET', `/fhir/Task?based-on=ServiceRequest/${named('theirs')}`)).json.entry[0]
      .resource;
    expect(beside).toMatchObject({ owner: { reference: 'Practitioner/nurse' }, status: 'requested' });
    expect(await activities(planId)).toContain(`Task/${beside.id}`);
    expect(await rows(id, '&kind=missing-owner')).toEqual([]);
  });

  test('D19 an activity is linked to a goal: ours in it, a hospital’s by one of ours in the plan', async () => {
    const { id, named, planId } = await childWith(
      request('theirs', 'Physical therapy', 'lakeside'),
      request('ours', 'Swimming class'),
      (subject, name) => a.goal(name('walk'), 'Walk to school', { subject }),
    );
    const found = await rows(id, '&kind=orphan');
    expect(found).toHaveLength(2);
    const wish = ({ id: row, state }: Told, goal: string) => ({ row, state, choice: 'link-goal', goal });
    expect((await decide(id, [wish(found[0] as Told, 'Goal/never-was')])).status).toBe(422);
    const answer = await decide(
      id,
      found.map((row) => wish(row, `Goal/${named('walk')}`)),
    );
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    expect(await rows(id, '&kind=orphan')).toEqual([]);
    const listed = await activities(planId);
    expect(listed).not.toContain(`ServiceRequest/${named('theirs')}`);
    const copy = (await Promise.all(listed.map(read))).find(
      ({ intent, code }) => intent === 'plan' && code?.text === 'Physical therapy',
    );
    expect(copy.extension).toHaveLength(2);
  });

  test('D19 what is stale leaves the plan with a reason, or is written into it anew', async () => {
    const { id, named, planId } = await childWith(
      request('old', 'Sweat test', 'lakeside', { authoredOn: '2024-01-01' }),
      request('older', 'Hearing test', 'summit', { authoredOn: '2023-01-01' }),
    );
    const found = await rows(id, '&kind=stale');
    expect(found).toHaveLength(2);
    expect(await rows(id, '&kind=stale&stale-months=36')).toHaveLength(1);
    const [first, second] = found as [Told, Told];
    expect((await decide(id, [{ row: first.id, state: first.state, choice: 'drop' }])).status).toBe(422);
    const answer = await decide(id, [
      { row: first.id, state: first.state, choice: 'drop', reason: 'Was done elsewhere' },
      { row: second.id, state: second.state, choice: 're-create' },
    ]);
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    const listed = await activities(planId);
    expect(listed).not.toContain(`ServiceRequest/${named('old')}`);
    expect(listed).not.toContain(`ServiceRequest/${named('older')}`);
    expect(listed).toHaveLength(1);
    expect(await rows(id, '&kind=stale')).toEqual([]);
  });
});

describe('a person whose app was opened for this child', () => {
  test('asks and decides, and what is written is told as theirs', async () => {
    const child = { reference: 'Patient/child-a' };
    const own = (resource: Resource, site: string) => a.mirrored({ ...resource, subject: child }, site);
    const order = (id: string, words: string) => a.request(id, words, { subject: child });
    await a.put(http.store, a.coordinator, { ...a.patient, id: 'child-a' });
    await a.put(
      http.store,
      a.syncActor,
      own(order('a-up', 'Push fluids'), 'lakeside'),
      own(order('a-down', 'Limit fluids'), 'summit'),
    );
    await a.put(
      http.store,
      a.syncActor,
      own(order('a-x', 'Eye test'), 'lakeside'),
      own(order('a-y', 'Eye test'), 'summit'),
    );
    expect((await http.send('POST', '/fhir/Patient/child-a/$compose-shared-plan', { as: 'child-a' })).status).toBe(200);
    const found = await rows('child-a');
    const wanted = (kind: string) => found.find((one) => one.kind === kind);
    const [conflict, twice] = [wanted('conflict'), wanted('duplicate')];
    const answer = await decide(
      'child-a',
      [
        {
          row: conflict?.id,
          state: conflict?.state,
          choice: 'keep-one',
          keep: 'ServiceRequest/a-down',
          reason: 'Asked the kidney clinic',
        },
        { row: twice?.id, state: twice?.state, choice: 'same' },
      ],
      'child-a',
    );
    expect({ status: answer.status, issue: answer.json.issue?.[0].diagnostics }).toEqual({ status: 200 });
    const provenance = await read(answer.json.parameter[0].part[2].valueReference.reference);
    expect(provenance.agent[0].who).toEqual({ reference: 'Practitioner/x' });
    expect(JSON.stringify(provenance.extension)).toContain('Patient/child-a');
  });
});
