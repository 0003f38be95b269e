import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, openFamily, words } from '../../proposal/support/family.ts';
import { referring, text } from '../support/referred.ts';

/** A family sees what was asked for its child, and seldom the Task by which it is done. By the request it says the same. */
let at: Family;
let of: ReturnType<typeof referring>;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
}, 60_000);
afterAll(() => at?.house.shut());

const untold = { task: { meta: undefined } };
const requestOf = async (id: string): Promise<string> => (await at.read(`Task/${id}`)).focus.reference;
const withdraw = (who: string, request: string, ...parameters: object[]) =>
  at.operation(who, `${request}/$withdraw`, parameters);
const attended = (who: string, request: string, wasThere: boolean) =>
  at.operation(who, `${request}/$attendance`, [{ name: 'attended', valueBoolean: wasThere }]);

describe('a referral whose Task the family was not told', () => {
  test('PP-51 is not there for another family, in the words of a request that never was', async () => {
    const request = await requestOf(await of.refer(untold));
    const answers = [
      await withdraw(at.stranger, request, words('reason', 'x')),
      await withdraw(at.stranger, 'ServiceRequest/never-was', words('reason', 'x')),
      await attended(at.stranger, request, true),
    ];
    expect(answers.map((one) => [one.status, text(one)])).toEqual(
      answers.map(() => [404, 'There is no such ServiceRequest.']),
    );
  });

  test('D9 is not taken back without a reason, by staff, or when nobody was asked', async () => {
    const id = await of.refer(untold);
    const request = await requestOf(id);
    expect((await withdraw(at.mother, request)).status).toBe(400);
    expect((await withdraw(at.doctor, request, words('reason', 'x'))).status).toBe(403);
    const order = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      subject: { reference: at.child },
    };
    const alone = (await at.house.as(at.doctor, 'POST', '/ServiceRequest', order)).json.id;
    const none = await withdraw(at.mother, `ServiceRequest/${alone}`, words('reason', 'x'));
    expect([none.status, text(none)]).toEqual([422, expect.stringMatching(/Nobody is asked to do this now/)]);
    expect(await of.state(id)).toBe('sent');
  });

  test('D9 one with a label of its own is left alone, and the answer is that of a request nobody was asked for', async () => {
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }];
    const id = await of.refer({ task: { meta: { security } } });
    const answer = await withdraw(at.mother, await requestOf(id), words('reason', 'x'));
    expect([answer.status, text(answer)]).toEqual([422, expect.stringMatching(/Nobody is asked to do this now/)]);
    expect(await of.state(id)).toBe('sent');
  });

  test('D9 is withdrawn by its request, with the reason, in the name of the mother; and the Task stays untold', async () => {
    const id = await of.refer(untold);
    expect((await of.move(of.specialist, id, 'accepted')).status).toBe(200);
    const request = await requestOf(id);
    const answer = await withdraw(at.mother, request, words('reason', 'We are moving away'));
    expect([answer.status, answer.json.resourceType, text(answer)]).toEqual([200, 'ServiceRequest', '']);
    expect(await of.state(id)).toBe('cancel-requested');
    expect((await at.read(`Task/${id}`)).statusReason).toEqual({ text: 'We are moving away' });
    const { json } = await at.house.as('system', 'GET', `/Provenance?target=Task/${id}`);
    expect(json.entry.map(({ resource }: any) => resource.agent[0].who.reference)).toContain(at.mother);
    expect((await at.house.as(at.mother, 'GET', `/Task/${id}`)).status).toBe(404);
    expect((await of.move(of.specialist, id, 'cancelled', { statusReason: { text: 'As asked' } })).status).toBe(200);
  });

  test('D9 takes what the family says of an appointment', async () => {
    const id = await of.refer(untold);
    for (const state of ['accepted', 'scheduled', 'no-show'] as const) await of.move(of.specialist, id, state);
    const said = await attended(at.mother, await requestOf(id), true);
    expect([said.status, text(said)]).toEqual([200, '']);
    expect(await of.state(id)).toBe('no-show');
    expect(await of.about(id)).toMatchObject([{ owner: { reference: of.specialist } }]);
  });
});
