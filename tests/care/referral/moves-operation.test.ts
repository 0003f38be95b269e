import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, openFamily } from '../proposal/support/family.ts';
import { referring, text } from './support/referred.ts';

let at: Family;
let of: ReturnType<typeof referring>;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
}, 60_000);
afterAll(() => at?.house.shut());

const ask = (who: string, id: string) => at.house.as(who, 'GET', `/Task/${id}/$referral-moves`);
const partsOf = (answer: { json: any }, name: string) => answer.json.parameter.filter((one: any) => one.name === name);
const nextOf = (answer: { json: any }): string[] => partsOf(answer, 'move').map(({ part }: any) => part[0].valueCode);

describe('referral-moves', () => {
  test('PP-51 what the caller may not see is answered like what never was', async () => {
    const id = await of.refer({ task: { meta: undefined } });
    const answers = [await ask(at.stranger, id), await ask(at.stranger, 'never-was')];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(text(answers[0] as never)).toBe(text(answers[1] as never));
  });

  test('a Task that is no referral has no moves', async () => {
    const task = {
      resourceType: 'Task',
      id: 'plain',
      status: 'requested',
      intent: 'order',
      for: { reference: at.child },
    };
    expect((await at.house.as('system', 'PUT', '/Task/plain', task)).status).toBe(201);
    expect((await ask(at.doctor, 'plain')).status).toBe(422);
  });

  test('D9 each party is told its own moves, with what says them, and each of them is taken', async () => {
    const id = await of.refer();
    const asked = await ask(at.doctor, id);
    expect(partsOf(asked, 'state')[0].valueCode).toBe('sent');
    expect(nextOf(asked).sort()).toEqual(['cancel-requested', 'cancelled', 'entered-in-error']);
    expect(partsOf(asked, 'reroute')[0].valueBoolean).toBe(true);
    const performer = await ask(of.specialist, id);
    expect(nextOf(performer)).toEqual(expect.arrayContaining(['accepted', 'declined', 'seen', 'waitlisted']));
    expect(nextOf(performer)).not.toContain('cancelled');
    const declined = partsOf(performer, 'move').find(({ part }: any) => part[0].valueCode === 'declined');
    const values = Object.fromEntries(declined.part.map(({ name, ...value }: any) => [name, Object.values(value)[0]]));
    expect(values).toMatchObject({ status: 'rejected', reason: true });
    const { json: task } = await at.house.as(of.specialist, 'GET', `/Task/${id}`);
    const after = {
      ...task,
      status: values.status,
      businessStatus: values.businessStatus,
      statusReason: { text: 'No place' },
    };
    expect((await at.house.as(of.specialist, 'PUT', `/Task/${id}`, after)).status).toBe(200);
    expect(await of.state(id)).toBe('declined');
    expect(nextOf(await ask(of.specialist, id))).toEqual(['entered-in-error']);
  });

  test('D9 a family is offered to withdraw, and nothing else', async () => {
    const id = await of.refer();
    expect(nextOf(await ask(at.mother, id))).toEqual(['cancel-requested']);
  });
});
