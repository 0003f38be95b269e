import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addFamily, code, type Family, goalOf, openFamily, ref, whole, words } from './support/family.ts';

let at: Family;
beforeAll(async () => {
  at = await openFamily();
}, 60_000);
afterAll(() => at?.house.shut());

const why = words('reason', 'He would rather ride his bike.');
const issue = (answer: { json: any }) => answer.json.issue[0].diagnostics ?? answer.json.issue[0].details?.text;
const outputOf = (task: any, name: string) => task.output?.find(({ type }: any) => type.coding[0].code === name);
const propose = (who: string, ...parameters: object[]) => at.operation(who, `${at.plan}/$propose`, parameters);
const answer = (who: string, task: string, ...parameters: object[]) =>
  at.operation(who, `Task/${task}/$answer-proposal`, parameters);

async function proposed(who: string, ...parameters: object[]): Promise<any> {
  const made = await propose(who, ...parameters);
  if (made.status !== 200) throw new Error(made.text);
  return made.json;
}

describe('who may propose what', () => {
  test.each<[string, () => object[], number]>([
    ['without an action', () => [why], 400],
    ['without a reason', () => [code('action', 'comment')], 400],
    ['to change nothing in particular', () => [code('action', 'change'), why], 400],
    ['to add nothing', () => [code('action', 'add'), why], 400],
    [
      'a line of a kind that plans do not have',
      () => [code('action', 'add'), why, whole('proposed', { resourceType: 'Basic' })],
      422,
    ],
    [
      'a goal without words, which would never be valid',
      () => [code('action', 'add'), why, whole('proposed', { resourceType: 'Goal', lifecycleStatus: 'proposed' })],
      422,
    ],
    ['a parameter that there is not', () => [code('action', 'comment'), why, words('urgency', 'x')], 400],
  ])('refuses %s', async (_, parameters, status) => {
    const refused = await propose(at.mother, ...parameters());
    expect([refused.status, refused.text]).toEqual([status, expect.any(String)]);
  });

  test('another child’s plan is not there for a mother, and neither is a plan that never was', async () => {
    const parameters = [code('action', 'comment'), why];
    const hidden = await propose(at.stranger, ...parameters);
    const absent = await at.operation(at.stranger, 'CarePlan/never-was/$propose', parameters);
    expect([hidden.status, hidden.text]).toEqual([404, absent.text]);
    const about = await propose(
      at.mother,
      code('action', 'add'),
      why,
      whole('proposed', goalOf('Patient/someone', 'x')),
    );
    expect(about.status).toBe(422);
  });

  test('a program proposes nothing of its own', async () => {
    const refused = await propose('system', code('action', 'comment'), why);
    expect([refused.status, issue(refused)]).toEqual([400, expect.stringContaining('onBehalfOf')]);
    const entered = await proposed('system', code('action', 'comment'), why, ref('onBehalfOf', at.mother));
    expect(entered.requester.reference).toBe(at.mother);
  });
});

describe('a proposal', () => {
  test('waits for the lead coordinator, is seen by who asked and changes nothing', async () => {
    const before = await at.read(at.plan);
    const task = await proposed(at.mother, code('action', 'remove'), ref('target', at.goal), why);
    expect(task).toMatchObject({ status: 'requested', intent: 'proposal', owner: { reference: at.lead } });
    expect(task).toMatchObject({
      requester: { reference: at.mother, display: 'Maren Example' },
      focus: { reference: at.goal },
    });
    expect(task.reasonCode.text).toBe('He would rather ride his bike.');
    const mine = await at.house.as(at.mother, 'GET', `/Task?requester=${at.mother}&intent=proposal`);
    expect(mine.json.entry.map(({ resource }: any) => resource.id)).toContain(task.id);
    const queue = await at.house.as(
      at.lead,
      'GET',
      `/Task/$work-queue?owner=${at.lead}&reason=stuck,due,overdue,unowned`,
    );
    expect(queue.status).toBe(200);
    await at.house.worker.drain();
    expect((await at.read(at.plan)).activity).toEqual(before.activity);
    expect((await at.read(at.plan)).goal).toEqual(before.goal);
    const stranger = await at.house.as(at.stranger, 'GET', `/Task/${task.id}`);
    expect(stranger.status).toBe(404);
    expect((await answer(at.stranger, task.id, code('answer', 'opinion'), words('reason', 'x'))).status).toBe(404);
  });

  test('without a lead is nobody’s, and stands in the queue as that', async () => {
    const other = await addFamily(at.house);
    const { participant: _participant, ...team } = await other.read(`CareTeam/${other.plan.slice(9, -5)}-team`);
    const doctor = { member: { reference: other.doctor }, role: [{ text: 'Doctor' }] };
    await at.house.as('system', 'PUT', `/CareTeam/${team.id}`, { ...team, participant: [doctor] });
    const made = await other.operation(other.mother, `${other.plan}/$propose`, [code('action', 'comment'), why]);
    expect(made.status).toBe(200);
    expect(made.json.owner).toBeUndefined();
    const queue = await at.house.as(other.lead, 'GET', `/Task/$work-queue?patient=${other.child}&reason=unowned`);
    expect(queue.text).toContain(made.json.id);
  });

  test('entered by the coordinator for the mother is the mother’s, and its Provenance says who wrote it', async () => {
    const task = await proposed(at.lead, code('action', 'comment'), why, ref('onBehalfOf', at.mother));
    expect(task.requester.reference).toBe(at.mother);
    const told = await at.house.as('system', 'GET', `/Provenance?target=Task/${task.id}`);
    expect(told.json.entry[0].resource.agent.map(({ who }: any) => who.reference)).toEqual([at.mother, at.lead]);
    const back = await answer(at.mother, task.id, code('answer', 'withdraw'));
    expect([back.status, back.json.status]).toEqual([200, 'cancelled']);
  });
});

describe('a mother of several children with one account', () => {
  test('asks, answers and takes back as the mother of this child, and of no other', async () => {
    const [family, other] = [await addFamily(at.house), await addFamily(at.house)];
    const id = `${family.mother.slice(14)}-person`;
    const link = [family.mother, other.mother].map((reference) => ({ target: { reference } }));
    await at.house.as('system', 'PUT', `/Person/${id}`, { resourceType: 'Person', id, link });
    at.house.access.forget();
    const she = `Person/${id}`;
    const made = await other.operation(she, `${other.plan}/$propose`, [code('action', 'comment'), why]);
    expect([made.status, made.text]).toEqual([200, expect.any(String)]);
    expect(made.json.requester.reference).toBe(other.mother);
    const goal = await other.operation(she, `${other.goal}/$answer-goal`, [code('answer', 'agree')]);
    expect([goal.status, goal.text]).toEqual([200, expect.any(String)]);
    expect(JSON.stringify(await other.read(other.goal))).toContain(other.mother);
    const back = await other.operation(she, `Task/${made.json.id}/$answer-proposal`, [code('answer', 'withdraw')]);
    expect([back.status, back.json.status]).toEqual([200, 'cancelled']);
    expect((await at.operation(she, `${at.plan}/$propose`, [code('action', 'comment'), why])).status).toBe(404);
  });
});

describe('an answer', () => {
  test('S2.26 a rejected goal of the family stays visible with the reason, and the one who asked reads it', async () => {
    const goal = goalOf(at.child, 'Sleep at grandmother’s');
    const task = await proposed(at.mother, code('action', 'add'), why, whole('proposed', goal));
    const bare = await answer(at.lead, task.id, code('answer', 'reject'));
    expect([bare.status, issue(bare)]).toEqual([400, expect.stringContaining('says why')]);
    expect((await answer(at.mother, task.id, code('answer', 'reject'), words('reason', 'x'))).status).toBe(422);
    const rejected = await answer(
      at.lead,
      task.id,
      code('answer', 'reject'),
      words('reason', 'The pump needs training first.'),
    );
    expect([rejected.status, rejected.json.status]).toEqual([200, 'rejected']);
    const seen = (await at.house.as(at.mother, 'GET', `/Task/${task.id}`)).json;
    expect(seen).toMatchObject({ status: 'rejected', statusReason: { text: 'The pump needs training first.' } });
    expect(seen.contained[0].description.text).toBe('Sleep at grandmother’s');
    const again = await answer(at.lead, task.id, code('answer', 'accept'));
    expect([again.status, issue(again)]).toEqual([422, expect.stringContaining('rejected does not become completed')]);
  });

  test('accepting adds the line, the plan and the answer in one transaction, with who asked as author and who accepted as verifier', async () => {
    const goal = goalOf(at.child, 'Ride his bike', { expressedBy: { reference: at.mother } });
    const task = await proposed(at.mother, code('action', 'add'), why, whole('proposed', goal));
    const accepted = await answer(at.lead, task.id, code('answer', 'accept'));
    expect([accepted.status, accepted.json.status]).toEqual([200, 'completed']);
    const made = outputOf(accepted.json, 'result').valueReference.reference;
    expect(await at.read(made)).toMatchObject({
      description: { text: 'Ride his bike' },
      subject: { reference: at.child },
    });
    expect((await at.read(at.plan)).goal.map(({ reference }: any) => reference)).toEqual([at.goal, made]);
    const told = (await at.house.as('system', 'GET', `/Provenance?target=${made}`)).json.entry[0].resource;
    expect(told.agent.map(({ type, who }: any) => [type.coding[0].code, who.reference])).toEqual([
      ['author', at.mother],
      ['verifier', at.lead],
    ]);
    const targets = told.target.map(({ reference }: any) => reference.split('/_history/')[0]);
    expect(new Set(targets)).toEqual(new Set([made, at.plan, `Task/${task.id}`]));
    const state = await at.house.as(at.lead, 'GET', `/${made}/$attainment`);
    expect(state.json.parameter).toContainEqual({ name: 'negotiated', valueBoolean: true });
  });

  test('two who accept at once add the line once, and who comes later is told', async () => {
    const other = await addFamily(at.house);
    const made = await other.operation(other.mother, `${other.plan}/$propose`, [
      code('action', 'add'),
      why,
      whole('proposed', goalOf(other.child, 'Swim')),
    ]);
    const say = (who: string, which: string) =>
      other.operation(who, `Task/${made.json.id}/$answer-proposal`, [code('answer', which), words('reason', 'x')]);
    const both = await Promise.all([say(other.lead, 'accept'), say(other.doctor, 'accept')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
    const goals = await at.house.as('system', 'GET', `/Goal?patient=${other.child}`);
    expect(goals.json.entry).toHaveLength(2);
    for (const which of ['accept', 'reject', 'withdraw']) {
      const late = await say(which === 'withdraw' ? other.mother : other.lead, which);
      expect([late.status, issue(late)]).toEqual([422, expect.stringContaining('that is completed')]);
    }
    const task = await other.read(`Task/${made.json.id}`);
    const changed = await at.house.as('system', 'PUT', `/Task/${task.id}`, {
      ...task,
      output: task.output.slice(0, 1),
    });
    expect([changed.status, issue(changed)]).toEqual([422, expect.stringContaining('plan-change-kept')]);
  });

  test('a program answers in somebody’s name only, and nobody in their own name for themselves', async () => {
    const task = await proposed(at.mother, code('action', 'comment'), why);
    expect((await answer('system', task.id, code('answer', 'accept'))).status).toBe(400);
    expect((await answer(at.lead, task.id, code('answer', 'accept'), ref('by', at.doctor))).status).toBe(400);
    expect((await answer('system', task.id, code('answer', 'accept'), ref('by', at.mother))).status).toBe(422);
    const accepted = await answer('system', task.id, code('answer', 'accept'), ref('by', at.doctor));
    expect([accepted.status, outputOf(accepted.json, 'answered-by').valueReference.reference]).toEqual([
      200,
      at.doctor,
    ]);
    const own = await proposed(at.lead, code('action', 'comment'), why);
    const refused = await answer(at.lead, own.id, code('answer', 'accept'));
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringContaining('who did not ask')]);
  });

  test('an answer that a proposal gives in somebody else’s name is not taken over', async () => {
    const forged = {
      url: 'http://hl7.org/fhir/StructureDefinition/goal-acceptance',
      extension: [
        { url: 'individual', valueReference: { reference: at.doctor } },
        { url: 'status', valueCode: 'agree' },
      ],
    };
    const goal = goalOf(at.child, 'Forged', { extension: [forged] });
    const task = await proposed(at.mother, code('action', 'add'), why, whole('proposed', goal));
    const refused = await answer(at.lead, task.id, code('answer', 'accept'));
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringContaining('goal-acceptance-voice')]);
    expect((await at.read(`Task/${task.id}`)).status).toBe('requested');
  });

  test('opinions of several are kept with name and time, also of two who speak at once', async () => {
    const task = await proposed(at.mother, code('action', 'comment'), why);
    await Promise.all([
      answer(at.doctor, task.id, code('answer', 'opinion'), code('opinion', 'agree'), words('reason', 'Good idea')),
      answer(at.lead, task.id, code('answer', 'opinion'), words('reason', 'When?')),
      answer(at.mother, task.id, code('answer', 'opinion'), words('reason', 'Soon')),
    ]);
    const { note } = await at.read(`Task/${task.id}`);
    expect(note.map(({ text }: any) => text).sort()).toEqual(['Good idea', 'Soon', 'When?']);
    const agreed = note.find(({ text }: any) => text === 'Good idea');
    expect(agreed).toMatchObject({ authorReference: { reference: at.doctor, display: 'Dunmore' } });
    expect(agreed.extension[0].valueCode).toBe('agree');
    expect(agreed.time).toBe('2026-11-23T17:00:00.000Z');
    const cut = { ...(await at.read(`Task/${task.id}`)), note: [agreed] };
    const refused = await at.house.as('system', 'PUT', `/Task/${task.id}`, cut);
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringContaining('plan-change-kept')]);
  });

  test('taking out a line that is accepted leaves the goal itself', async () => {
    const other = await addFamily(at.house);
    const made = await other.operation(other.mother, `${other.plan}/$propose`, [
      code('action', 'remove'),
      ref('target', other.goal),
      why,
    ]);
    const done = await other.operation(other.lead, `Task/${made.json.id}/$answer-proposal`, [code('answer', 'accept')]);
    expect(done.status).toBe(200);
    expect((await other.read(other.plan)).goal).toBeUndefined();
    expect((await other.read(other.goal)).lifecycleStatus).toBe('active');
    await at.house.worker.drain();
    expect((await other.read(other.plan)).goal).toBeUndefined();
  });
});

describe('a line that has changed since', () => {
  const changed = async (family: Omit<Family, 'house'>, more: object) => {
    const seen = (await at.house.as(family.mother, 'GET', `/${family.goal}`)).json;
    const made = await family.operation(family.mother, `${family.plan}/$propose`, [
      code('action', 'change'),
      ref('target', family.goal),
      whole('proposed', { ...seen, ...more }),
      why,
    ]);
    if (made.status !== 200) throw new Error(made.text);
    return made.json.id as string;
  };

  test('in the same place is a conflict that names it, and nothing is overwritten', async () => {
    const family = await addFamily(at.house);
    const task = await changed(family, { description: { text: 'Walk to school with Ada' } });
    const goal = await family.read(family.goal);
    await at.house.as(family.doctor, 'PUT', `/${family.goal}`, { ...goal, description: { text: 'Walk 800 m' } });
    const refused = await family.operation(family.lead, `Task/${task}/$answer-proposal`, [code('answer', 'accept')]);
    expect(refused.status).toBe(409);
    expect(refused.json.issue[0].expression).toEqual(['Goal.description.text']);
    expect((await family.read(family.goal)).description.text).toBe('Walk 800 m');
    expect((await family.read(`Task/${task}`)).status).toBe('requested');
  });

  test('elsewhere is kept, with what the proposer was never told', async () => {
    const family = await addFamily(at.house);
    const father = `${family.goal.slice(5)}-father`;
    const person = { resourceType: 'RelatedPerson', id: father, patient: { reference: family.child } };
    await at.house.as('system', 'PUT', `/RelatedPerson/${father}`, person);
    const noted = await family.read(family.goal);
    noted.note.push({ authorReference: { reference: `RelatedPerson/${father}` }, text: 'not for the mother' });
    const written = await at.house.as('system', 'PUT', `/${family.goal}`, noted);
    expect([written.status, written.text]).toEqual([200, expect.any(String)]);
    const task = await changed(family, { description: { text: 'Walk to school with Ada' } });
    expect(JSON.stringify(await family.read(`Task/${task}`))).not.toContain('not for the mother');
    const goal = await family.read(family.goal);
    await at.house.as(family.doctor, 'PUT', `/${family.goal}`, { ...goal, startDate: '2026-12-01' });
    const accepted = await family.operation(family.lead, `Task/${task}/$answer-proposal`, [code('answer', 'accept')]);
    expect(accepted.status).toBe(200);
    expect(await family.read(family.goal)).toMatchObject({
      description: { text: 'Walk to school with Ada' },
      startDate: '2026-12-01',
      note: [{ text: 'Likes the dog' }, { text: 'not for the mother' }],
    });
  });

  test('a line that has gone from the plan is a conflict too', async () => {
    const family = await addFamily(at.house);
    const task = await changed(family, { startDate: '2027-01-01' });
    const { goal: _goal, ...plan } = await family.read(family.plan);
    expect((await at.house.as('system', 'PUT', `/${family.plan}`, plan)).status).toBe(200);
    const refused = await family.operation(family.lead, `Task/${task}/$answer-proposal`, [code('answer', 'accept')]);
    expect([refused.status, issue(refused)]).toEqual([409, expect.stringContaining('no longer in the plan')]);
  });
});

describe('plain FHIR obeys the same', () => {
  const put = (who: string, task: any) => at.house.as(who, 'PUT', `/Task/${task.id}`, task);
  const part = (name: string, value: object) => ({
    type: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/plan-proposal', code: name }] },
    ...value,
  });
  const answered = (which: string, by: string) => [
    part('answer', { valueCode: which }),
    part('answered-by', { valueReference: { reference: by } }),
  ];

  test.each<[string, string, () => object]>([
    ['plan-change-answer', 'completed without an answer', () => ({ status: 'completed' })],
    [
      'plan-change-answer',
      'rejected without a reason',
      () => ({
        status: 'rejected',
        statusReason: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'other' }] },
        output: answered('reject', at.lead),
      }),
    ],
    [
      'plan-change-answer',
      'answered in somebody else’s name',
      () => ({ status: 'rejected', statusReason: { text: 'x' }, output: answered('reject', at.doctor) }),
    ],
    ['plan-change-answer', 'taken back by a clinician', () => ({ status: 'cancelled', statusReason: { text: 'x' } })],
    ['plan-change-answer', 'in a state that proposals do not have', () => ({ status: 'in-progress' })],
    [
      'plan-change-applied',
      'accepted without the change',
      () => ({ status: 'completed', output: answered('accept', at.lead) }),
    ],
    ['plan-change-kept', 'with other words', () => ({ reasonCode: { text: 'other words' } })],
    ['plan-change-kept', 'by somebody else', () => ({ requester: { reference: at.lead } })],
    ['plan-change-kept', 'as another Task', () => ({ code: { text: 'x' } })],
    ['plan-change-shape', 'as an order', () => ({ intent: 'order' })],
  ])('%s refuses a proposal %s', async (rule, _, more) => {
    const task = await proposed(at.mother, code('action', 'remove'), ref('target', at.goal), why);
    const refused = await put(at.lead, { ...task, meta: undefined, ...more() });
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringContaining(rule)]);
  });

  test('a mother creates one by plain FHIR, and takes it back', async () => {
    const { id: _id, meta: _meta, owner: _owner, ...task } = await proposed(at.mother, code('action', 'comment'), why);
    const made = await at.house.as(at.mother, 'POST', '/Task', task);
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const bad = await at.house.as(at.mother, 'POST', '/Task', { ...task, reasonCode: undefined });
    expect(issue(bad)).toContain('plan-change-shape');
    const back = await put(at.mother, { ...made.json, status: 'cancelled', statusReason: { text: 'no more' } });
    expect([back.status, (await at.read(`Task/${made.json.id}`)).status]).toEqual([200, 'cancelled']);
  });

  test('a proposal is not deleted', async () => {
    const { id } = await proposed(at.mother, code('action', 'comment'), why);
    const refused = await at.house.as('system', 'DELETE', `/Task/${id}`);
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringContaining('plan-change-kept')]);
  });

  test('a transaction that makes the change and answers is taken', async () => {
    const family = await addFamily(at.house);
    const made = await family.operation(family.mother, `${family.plan}/$propose`, [
      code('action', 'remove'),
      ref('target', family.goal),
      why,
    ]);
    const { goal: _goal, ...plan } = await family.read(family.plan);
    const task = { ...made.json, status: 'completed', output: answered('accept', family.lead) };
    const entry = [plan, task].map((resource) => ({
      resource,
      request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
    }));
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await at.house.as(family.lead, 'POST', '', bundle)).status).toBe(200);
  });
});
