import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { code, type Family, openFamily, whole, words } from './support/family.ts';

/** What a family proposes for the emergency plan is a proposal like every other one: one way to accept and reject, with reasons. */
let at: Family;
const base = 'http://careweave.org/fhir';
beforeAll(async () => {
  at = await openFamily();
}, 60_000);
afterAll(() => at.house.shut());

const issue = (answer: { json: any }) => answer.json.issue[0].diagnostics ?? answer.json.issue[0].details?.text;
const answer = (who: string, task: string, ...more: object[]) => at.operation(who, `${task}/$answer-proposal`, more);
const said = 'He turns blue and does not answer.';
async function propose(who = at.mother): Promise<{ scenario: string; task: string }> {
  const given = [
    words('trigger', 'A long seizure'),
    words('words', said),
    words('family-action', 'Lay him on his side'),
  ];
  const made = await at.operation(who, `${at.child}/$propose-scenario`, given);
  if (made.status !== 200) throw new Error(made.text);
  const [scenario, task] = made.json.parameter.map(({ valueReference }: any) => valueReference.reference);
  return { scenario, task };
}
const step = (kind: string, id: string) => ({
  code: [{ coding: [{ system: `${base}/CodeSystem/scenario-step`, code: kind }] }],
  resource: { reference: `#${id}` },
});
const held = (id: string, description: string) => ({
  ...{ resourceType: 'Task', id, status: 'draft', intent: 'option', description },
});
const steps = {
  contained: [held('a', 'Lay him on his side'), held('b', '911'), held('c', 'Give what the plan says')],
  action: [step('family', 'a'), step('call', 'b'), step('emergency-department', 'c')],
};
const outputs = (task: any) =>
  Object.fromEntries(
    task.output.map(({ type, ...value }: any) => [
      type.coding[0].code,
      (Object.values(value)[0] as any).reference ?? Object.values(value)[0],
    ]),
  );

test('S1.29 it stands among the proposals, with the mother’s words, for the lead coordinator', async () => {
  const { scenario, task } = await propose();
  const proposal = await at.read(task);
  expect(proposal).toMatchObject({
    ...{ status: 'requested', intent: 'proposal', focus: { reference: scenario }, owner: { reference: at.lead } },
    ...{ requester: { reference: at.mother }, basedOn: [{ reference: at.plan }], reasonCode: { text: said } },
  });
  const found = await at.house.as(
    at.lead,
    'GET',
    `/Task?patient=${at.child}&code=${base}/CodeSystem/care-task|plan-change`,
  );
  expect(found.text).toContain(task.slice(5));
  const opinion = await answer(at.mother, task, code('answer', 'opinion'), words('reason', 'It happened twice.'));
  expect([opinion.status, opinion.json.note[0].text]).toEqual([200, 'It happened twice.']);
});

describe('S1.29 is answered as every proposal', () => {
  test('rejected with a reason, which the mother reads; the draft is given up with it', async () => {
    const { scenario, task } = await propose();
    expect((await answer(at.lead, task, code('answer', 'reject'))).status).toBe(400);
    expect((await answer(at.mother, task, code('answer', 'accept'))).status).toBeGreaterThanOrEqual(403);
    const rejected = await answer(
      at.lead,
      task,
      code('answer', 'reject'),
      words('reason', 'It is in the plan already.'),
    );
    expect([rejected.status, rejected.text]).toEqual([200, expect.any(String)]);
    expect((await at.house.as(at.mother, 'GET', `/${task}`)).json).toMatchObject({
      status: 'rejected',
      statusReason: { text: 'It is in the plan already.' },
    });
    expect(await at.read(scenario)).toMatchObject({
      status: 'revoked',
      note: [{ text: 'It is in the plan already.' }],
    });
  });

  test('taken back by the mother, and the draft with it', async () => {
    const { scenario, task } = await propose();
    const back = await answer(at.mother, task, code('answer', 'withdraw'));
    expect([back.status, back.json?.status, back.text]).toEqual([200, 'cancelled', expect.any(String)]);
    expect((await at.read(scenario)).status).toBe('revoked');
  });

  test('accepted only when it is whole: then it is in force, in her words', async () => {
    const { scenario, task } = await propose();
    const bare = await answer(at.lead, task, code('answer', 'accept'));
    expect([bare.status, issue(bare)]).toEqual([422, expect.stringMatching(/emergency-scenario: .*whom to call/)]);
    expect([(await at.read(task)).status, (await at.read(scenario)).status]).toEqual(['requested', 'draft']);
    const completed = { ...(await at.read(scenario)), ...steps, extension: [] };
    const accepted = await answer(at.lead, task, code('answer', 'accept'), whole('completed', completed));
    expect([accepted.status, accepted.text]).toEqual([200, expect.any(String)]);
    expect(outputs(accepted.json)).toEqual({ answer: 'accept', 'answered-by': at.lead, result: scenario });
    const taken = await at.read(scenario);
    expect([taken.status, taken.intent]).toEqual(['active', 'plan']);
    expect(JSON.stringify(taken.extension)).toContain(said);
  });

  test('by plain FHIR the same: who takes the scenario up, or gives it up, has answered', async () => {
    const taken = await propose();
    const draft = await at.read(taken.scenario);
    const active = { ...draft, ...steps, status: 'active', intent: 'plan' };
    expect((await at.house.as(at.lead, 'PUT', `/${taken.scenario}`, active)).status).toBe(200);
    const accepted = await at.read(taken.task);
    expect(accepted.status).toBe('completed');
    expect(outputs(accepted)).toMatchObject({ answer: 'accept', 'answered-by': at.lead });
    const given = await propose();
    const revoked = { ...(await at.read(given.scenario)), status: 'revoked', note: [{ text: 'He is well now.' }] };
    expect((await at.house.as('system', 'PUT', `/${given.scenario}`, revoked)).status).toBe(200);
    expect(await at.read(given.task)).toMatchObject({ status: 'rejected', statusReason: { text: 'He is well now.' } });
    const alone = await propose();
    const unapplied = { ...(await at.read(alone.task)), status: 'completed', output: accepted.output };
    const refused = await at.house.as(at.lead, 'PUT', `/${alone.task}`, unapplied);
    expect([refused.status, issue(refused)]).toEqual([422, expect.stringMatching(/plan-change-applied/)]);
  });

  test('who proposed it and takes it up, or gives it up, themselves has answered nobody: the question is taken back, and says what became of it', async () => {
    const own = await propose(at.lead);
    expect((await at.read(own.task)).requester.reference).toBe(at.lead);
    const active = { ...(await at.read(own.scenario)), ...steps, status: 'active', intent: 'plan' };
    expect((await at.house.as(at.lead, 'PUT', `/${own.scenario}`, active)).status).toBe(200);
    const closed = await at.read(own.task);
    expect(closed).toMatchObject({ status: 'cancelled', statusReason: { text: 'Taken up by who proposed it.' } });
    expect(outputs(closed)).toEqual({ result: own.scenario });
    expect((await at.read(own.scenario)).status).toBe('active');
    const other = await propose(at.lead);
    const revoked = { ...(await at.read(other.scenario)), status: 'revoked', note: [{ text: 'He outgrew it.' }] };
    expect((await at.house.as(at.lead, 'PUT', `/${other.scenario}`, revoked)).status).toBe(200);
    expect(await at.read(other.task)).toMatchObject({ status: 'cancelled', statusReason: { text: 'He outgrew it.' } });
    const { json } = await at.house.as(at.lead, 'GET', '/Task/$work-queue?_count=200');
    for (const { task } of [own, other]) expect(JSON.stringify(json)).not.toContain(task);
  });
});
