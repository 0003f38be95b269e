import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, openFamily } from '../proposal/support/family.ts';
import { referring, text } from './support/referred.ts';

/** A cardiology clinic is asked by a child's doctor. Its people are named by their roles, or by the clinic alone. */
let at: Family;
let of: ReturnType<typeof referring>;
let heart: string;
let colleague: string;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
  heart = `Organization/${at.child.slice('Patient/'.length)}-heart`;
  colleague = `${at.doctor}-colleague`;
  const put = async (reference: string, more: object = {}) => {
    const [resourceType = '', id = ''] = reference.split('/');
    const answer = await at.house.as('system', 'PUT', `/${reference}`, { resourceType, id, ...more });
    if (answer.status !== 201) throw new Error(answer.text);
  };
  const role = (who: string, organization: string) => ({
    active: true,
    practitioner: { reference: who },
    organization: { reference: organization },
  });
  await put(heart, { name: 'Heart clinic', active: true });
  await put(`${heart}-other`, { name: 'Practice', active: true });
  await put(colleague);
  await put(specialistRole(), role(of.specialist, heart));
  await put(`${specialistRole()}-colleague`, role(colleague, heart));
  await put(`${specialistRole()}-doctor`, role(at.doctor, `${heart}-other`));
}, 60_000);
afterAll(() => at?.house.shut());

const specialistRole = () => `PractitionerRole/${heart.slice('Organization/'.length)}-role`;
const done = { output: [{ type: { text: 'Report' }, valueString: 'All is well' }] };
const completed = async (owner: string, more: object = {}): Promise<string> => {
  const id = await of.refer({ owner, task: more });
  for (const state of ['accepted', 'completed'] as const)
    expect((await of.move(of.specialist, id, state, state === 'completed' ? done : {})).status).toBe(200);
  return id;
};

describe('D9 the loop is closed by whoever asked', () => {
  test('D9 not by the performer who is named by a role', async () => {
    const id = await completed(specialistRole());
    const refused = await of.move(of.specialist, id, 'loop-closed');
    expect([refused.status, text(refused)]).toEqual([
      422,
      expect.stringMatching(/completed does not become loop-closed by its performer or a member of staff/),
    ]);
    expect(await of.state(id)).toBe('completed');
    expect((await of.move(at.doctor, id, 'loop-closed')).status).toBe(200);
  });

  test('D9 nor by anybody of the organization that was asked', async () => {
    const id = await completed(heart);
    for (const who of [of.specialist, colleague]) expect((await of.move(who, id, 'loop-closed')).status).toBe(422);
    expect(await of.state(id)).toBe('completed');
    expect((await of.move(at.doctor, id, 'loop-closed')).status).toBe(200);
  });

  test('D9 nor does a colleague of the performer cancel or send in the name of whoever asked', async () => {
    const id = await of.refer({ owner: heart });
    const why = { statusReason: { text: 'x' } };
    expect((await of.move(colleague, id, 'cancelled', why)).status).toBe(422);
    expect((await of.move(colleague, id, 'cancel-requested', why)).status).toBe(422);
    expect((await of.move(colleague, id, 'accepted')).status).toBe(200);
  });
});

describe('D9 staff whom the Task does not name', () => {
  test('D9 coordinate: they write down what either party said', async () => {
    const id = await of.refer({ owner: heart });
    expect((await of.move(at.lead, id, 'accepted')).status).toBe(200);
    expect((await of.move(at.lead, id, 'completed', done)).status).toBe(200);
    expect((await of.move(at.lead, id, 'loop-closed')).status).toBe(200);
  });

  test('D9 of an organization that asks itself, do both', async () => {
    const id = await of.refer({ owner: heart, task: { requester: { reference: heart } } });
    expect((await of.move(colleague, id, 'accepted')).status).toBe(200);
    expect((await of.move(colleague, id, 'completed', done)).status).toBe(200);
    expect((await of.move(colleague, id, 'loop-closed')).status).toBe(200);
  });

  test('D9 who is named by a role as requester answers for the request alone', async () => {
    const id = await of.refer({ task: { requester: { reference: `${specialistRole()}-doctor` } } });
    const refused = await of.move(at.doctor, id, 'accepted');
    expect([refused.status, text(refused)]).toEqual([
      422,
      expect.stringMatching(/sent does not become accepted by its requester or a member of staff/),
    ]);
    expect((await of.move(at.doctor, id, 'cancelled', { statusReason: { text: 'x' } })).status).toBe(200);
  });
});
