import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, openFamily, ref, words } from '../proposal/support/family.ts';
import { referring, text } from './support/referred.ts';

let at: Family;
let of: ReturnType<typeof referring>;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
  for (const id of ['specialist', 'second'])
    await at.house.as('system', 'PUT', `/${at.doctor}-${id}`, {
      ...{ resourceType: 'Practitioner', id: `${at.doctor}-${id}`.slice('Practitioner/'.length) },
    });
}, 60_000);
afterAll(() => at?.house.shut());

const reroute = (who: string, id: string, ...parameters: object[]) =>
  at.operation(who, `Task/${id}/$reroute`, parameters);
const second = () => ref('owner', `${at.doctor}-second`);
const because = words('reason', 'They have a place next week');
const requestOf = async (id: string) => at.read((await at.read(`Task/${id}`)).focus.reference);

describe('referral-reroute refuses', () => {
  test('PP-51 what the caller may not see, in the words for what never was', async () => {
    const id = await of.refer({ task: { meta: undefined } });
    const answers = [await reroute(at.stranger, id, second()), await reroute(at.stranger, 'never-was', second())];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(text(answers[0] as never)).toBe(text(answers[1] as never));
  });

  test('nobody to ask, the same as before, no reason for what is open, and what has begun or is over', async () => {
    const id = await of.refer();
    expect((await reroute(at.doctor, id, because)).status).toBe(400);
    expect(text(await reroute(at.doctor, id, ref('owner', of.specialist), because))).toMatch(
      /somebody else than before/,
    );
    expect(text(await reroute(at.doctor, id, second()))).toMatch(/said in words/);
    await of.move(of.specialist, id, 'accepted');
    expect(text(await reroute(at.doctor, id, second(), because))).toMatch(/that is accepted is not passed on/);
    expect(await of.state(id)).toBe('accepted');
  });

  test('D9 whoever was asked: to take back what was sent is for the requester; and then nothing is half done', async () => {
    const id = await of.refer();
    const refused = await reroute(of.specialist, id, second(), because);
    expect([refused.status, text(refused)]).toEqual([
      422,
      expect.stringMatching(/does not become cancelled by its performer/),
    ]);
    const { focus } = await at.read(`Task/${id}`);
    expect((await at.read(`Task?focus=${focus.reference}`)).entry).toHaveLength(1);
  });
});

test('D9 what was declined stays as it was, and is named by the new Task', async () => {
  const id = await of.refer({ task: { description: 'Murmur since birth', priority: 'urgent' } });
  await of.move(of.specialist, id, 'declined', { statusReason: { text: 'From six on' } });
  const made = await reroute(at.doctor, id, second());
  expect([made.status, text(made)]).toEqual([200, '']);
  const before = await at.read(`Task/${id}`);
  expect(made.json).toMatchObject({
    ...{ status: 'requested', description: 'Murmur since birth', priority: 'urgent', focus: before.focus },
    ...{ requester: { reference: at.doctor }, owner: { reference: `${at.doctor}-second` }, for: before.for },
    extension: [
      { url: 'http://hl7.org/fhir/StructureDefinition/task-replaces', valueReference: { reference: `Task/${id}` } },
    ],
  });
  expect(made.json).not.toHaveProperty('statusReason');
  expect(before).toMatchObject({ status: 'rejected', statusReason: { text: 'From six on' } });
  // What is open again needs nobody's attention where it was declined.
  const clocks = await at.house.store.query('SELECT task_id FROM task_clock WHERE task_id = ANY ($1)', [
    [id, made.json.id],
  ]);
  expect(clocks).toEqual([{ task_id: made.json.id }]);
});

test('D9 what nobody has begun is cancelled with the reason in the same step, and its request stays open', async () => {
  const id = await of.refer();
  const made = await reroute(at.doctor, id, second(), because);
  expect([made.status, text(made)]).toEqual([200, '']);
  expect(await at.read(`Task/${id}`)).toMatchObject({
    status: 'cancelled',
    statusReason: { text: 'They have a place next week' },
  });
  expect((await requestOf(id)).status).toBe('active');
});
