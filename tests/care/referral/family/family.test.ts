import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, openFamily, words } from '../../proposal/support/family.ts';
import { referring, text } from '../support/referred.ts';

let at: Family;
let of: ReturnType<typeof referring>;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
}, 60_000);
afterAll(() => at?.house.shut());

const yes = { name: 'attended', valueBoolean: true };
const no = { name: 'attended', valueBoolean: false };
const withdraw = (who: string, id: string, ...parameters: object[]) =>
  at.operation(who, `Task/${id}/$withdraw`, parameters);
const attendance = (who: string, id: string, ...parameters: object[]) =>
  at.operation(who, `Task/${id}/$attendance`, parameters);

describe('what a family may not', () => {
  test('PP-51 another family finds nothing, in the same words as for a Task that never was', async () => {
    const id = await of.refer();
    for (const name of ['$withdraw', '$attendance']) {
      const there = await at.operation(
        at.stranger,
        `Task/${id}/${name}`,
        [yes, words('reason', 'x')].slice(name === '$withdraw' ? 1 : 0, name === '$withdraw' ? 2 : 1),
      );
      const never = await at.operation(
        at.stranger,
        `Task/never-was/${name}`,
        name === '$withdraw' ? [words('reason', 'x')] : [yes],
      );
      expect([there.status, text(there)]).toEqual([404, text(never)]);
    }
    expect(await of.state(id)).toBe('sent');
    expect(await of.messages('system', id)).toEqual([]);
  });

  test('a referral that was not told to the family is not there for it', async () => {
    const id = await of.refer({ task: { meta: undefined } });
    expect((await withdraw(at.mother, id, words('reason', 'x'))).status).toBe(404);
  });

  test('staff say it in the Task; and a Task that is no referral has nothing to take back', async () => {
    const id = await of.refer();
    expect((await withdraw(at.doctor, id, words('reason', 'x'))).status).toBe(403);
    expect((await attendance(at.doctor, id, yes)).status).toBe(403);
    const call = {
      resourceType: 'Task',
      id: 'call',
      status: 'requested',
      intent: 'order',
      for: { reference: at.child },
    };
    await at.house.as('system', 'PUT', '/Task/call', { ...call, owner: { reference: at.mother } });
    const none = await withdraw(at.mother, 'call', words('reason', 'x'));
    expect([none.status, text(none)]).toEqual([422, 'This Task is no referral.']);
  });

  test('without a reason, or a yes or no, nothing happens', async () => {
    const id = await of.refer();
    expect((await withdraw(at.mother, id)).status).toBe(400);
    expect((await withdraw(at.mother, id, words('reason', '  '))).status).toBe(400);
    expect((await attendance(at.mother, id)).status).toBe(400);
    expect((await attendance(at.mother, id, { name: 'attended', valueString: 'perhaps' })).status).toBe(400);
    expect(await of.state(id)).toBe('sent');
  });
});

describe('D9 withdrawal', () => {
  test('D9 the family asks for it with a reason, from whatever is open; the performer confirms', async () => {
    const id = await of.refer();
    expect((await of.move(of.specialist, id, 'accepted')).status).toBe(200);
    const asked = await withdraw(at.mother, id, words('reason', 'We are moving away'));
    expect([asked.status, asked.json.statusReason]).toEqual([200, { text: 'We are moving away' }]);
    expect(await of.state(id)).toBe('cancel-requested');
    // It was the mother, not the server.
    const { json } = await at.house.as('system', 'GET', `/Provenance?target=Task/${id}`);
    const authors = json.entry.map(({ resource }: any) => resource.agent[0].who.reference);
    expect(authors.sort()).toEqual([at.doctor, of.specialist, at.mother].sort());
    expect((await of.move(of.specialist, id, 'cancelled')).status).toBe(200);
    const again = await withdraw(at.mother, id, words('reason', 'x'));
    expect([again.status, text(again)]).toEqual([
      422,
      expect.stringMatching(/is cancelled does not become cancel-requested/),
    ]);
  });

  test('D9 a plain update of what the family was told does the same', async () => {
    const id = await of.refer();
    const { businessStatus: _was, ...told } = (await at.house.as(at.mother, 'GET', `/Task/${id}`)).json;
    const words = { status: 'in-progress', statusReason: { text: 'Not now' } };
    const coding = [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code: '5.2' }];
    const put = await at.house.as(at.mother, 'PUT', `/Task/${id}`, { ...told, ...words, businessStatus: { coding } });
    expect([put.status, text(put)]).toEqual([200, '']);
    expect(await of.state(id)).toBe('cancel-requested');
    expect(await at.read(`Task/${id}`)).toMatchObject({
      requester: { reference: at.doctor },
      owner: { reference: of.specialist },
    });
  });
});

describe('D9 attendance told by the family', () => {
  const visit = async (...states: Parameters<typeof of.move>[2][]) => {
    const id = await of.refer();
    for (const state of ['accepted', 'scheduled', ...states] as const) await of.move(of.specialist, id, state);
    return id;
  };

  test('D9 “we were there” against a no-show stands beside it, and asks the performer', async () => {
    const id = await visit('no-show');
    const said = await attendance(at.mother, id, yes, words('note', 'We waited for an hour'));
    expect([said.status, text(said)]).toEqual([200, '']);
    expect(await of.state(id)).toBe('no-show');
    const [message] = await of.messages(at.doctor, id);
    expect(message).toMatchObject({
      sender: { reference: at.mother },
      category: [{ coding: [{ code: 'attended' }] }],
      payload: [{ contentString: 'We were at the appointment.' }, { contentString: 'We waited for an hour' }],
    });
    expect(await of.about(id)).toMatchObject([
      {
        status: 'requested',
        owner: { reference: of.specialist },
        description: expect.stringMatching(/says that the child was there/),
      },
    ]);
  });

  test('D9 “we could not go” asks whoever referred what was in the way; where both agree nobody is asked', async () => {
    const open = await visit();
    await attendance(at.mother, open, no);
    expect(await of.about(open)).toMatchObject([{ owner: { reference: at.doctor } }]);
    const missed = await visit('no-show');
    await attendance(at.mother, missed, no);
    const held = await visit('visit-done');
    await attendance(at.mother, held, yes);
    expect([await of.about(missed), await of.about(held)]).toEqual([[], []]);
    await attendance(at.mother, held, no);
    expect(await of.about(held)).toMatchObject([{ owner: { reference: of.specialist } }]);
    expect(await of.state(held)).toBe('visit-done');
  });
});
