import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Family, openFamily } from '../proposal/support/family.ts';
import { referring, text } from './support/referred.ts';

let at: Family;
let of: ReturnType<typeof referring>;
let id: string;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
  const resource = { resourceType: 'Practitioner', id: of.specialist.slice('Practitioner/'.length) };
  await at.house.as('system', 'PUT', `/${of.specialist}`, resource);
  id = await of.refer();
}, 60_000);
afterAll(() => at?.house.shut());

const message = (sender: string, recipient: string[], more: object = {}) => ({
  ...{
    resourceType: 'Communication',
    status: 'completed',
    subject: { reference: at.child },
    sent: '2026-11-21T10:00:00Z',
  },
  ...{ about: [{ reference: `Task/${id}` }], partOf: [{ reference: `Task/${id}` }] },
  sender: { reference: sender },
  ...(recipient.length > 0 && { recipient: recipient.map((reference) => ({ reference })) }),
  payload: [{ contentString: 'Which dose does she take now?' }],
  ...more,
});
const write = (who: string, body: object) => at.house.as(who, 'POST', '/Communication', body);

describe('referral-thread refuses', () => {
  test.each([
    ['who writes in the name of another', () => write(at.doctor, message(of.specialist, [at.doctor]))],
    [
      'a recipient who is no party',
      () => write(at.doctor, message(at.doctor, [of.specialist, 'Practitioner/somebody'])),
    ],
    ['the family of another child as recipient', () => write(at.doctor, message(at.doctor, [at.stranger]))],
    ['a message without a sender', () => write(at.doctor, message(at.doctor, [], { sender: undefined }))],
  ])('%s', async (_, send) => {
    const refused = await send();
    expect([refused.status, text(refused)]).toEqual([422, expect.stringMatching(/^referral-thread: /)]);
  });

  test('PP-51 a referral of another child like one that is not here', async () => {
    const subject = { reference: `${at.child}-other` };
    const foreign = await write(at.doctor, message(at.doctor, [], { subject }));
    const never = [{ reference: 'Task/never-was' }];
    const absent = await write(at.doctor, message(at.doctor, [], { about: never, partOf: never }));
    expect([foreign.status, text(foreign)]).toEqual([422, text(absent)]);
  });
});

test('S4.13 the referrer sees the answer and its reason, and both write to each other about it', async () => {
  const asked = await write(of.specialist, message(of.specialist, [at.doctor]));
  expect([asked.status, text(asked)]).toEqual([201, '']);
  const inResponseTo = [{ reference: `Communication/${asked.json.id}` }];
  const answered = await write(at.doctor, message(at.doctor, [of.specialist], { inResponseTo }));
  expect(answered.status).toBe(201);
  // Who coordinates may write as well, to the parties.
  const coordinated = await write(at.lead, message(at.lead, [at.mother, of.specialist]));
  expect(coordinated.status).toBe(201);
  // And is answered; nobody writes to the coordinator out of nowhere.
  expect((await write(of.specialist, message(of.specialist, [at.lead]))).status).toBe(422);
  const reply = { inResponseTo: [{ reference: `Communication/${coordinated.json.id}` }] };
  expect((await write(of.specialist, message(of.specialist, [at.lead], reply))).status).toBe(201);
  for (const who of [at.doctor, of.specialist]) expect(await of.messages(who, id)).toHaveLength(4);
  const declined = await of.move(of.specialist, id, 'declined', {
    statusReason: { text: 'We see children from six on' },
  });
  expect(declined.status).toBe(200);
  const seen = await at.house.as(at.doctor, 'GET', `/Task?requester=${at.doctor}&status=rejected`);
  expect(seen.json.entry.map(({ resource }: any) => resource.statusReason.text)).toEqual([
    'We see children from six on',
  ]);
  const other = await of.refer();
  await of.move(of.specialist, other, 'accepted');
  expect((await at.house.as(at.doctor, 'GET', `/Task/${other}`)).json.status).toBe('accepted');
});

test('messages about other Tasks, and about none, are not our concern', async () => {
  const call = { resourceType: 'Task', id: 'ring', status: 'requested', intent: 'order', for: { reference: at.child } };
  await at.house.as('system', 'PUT', '/Task/ring', call);
  const about = [{ reference: 'Task/ring' }];
  const anybody = message(at.doctor, ['Practitioner/somebody'], { about, partOf: undefined });
  expect((await write(at.doctor, anybody)).status).toBe(201);
});
