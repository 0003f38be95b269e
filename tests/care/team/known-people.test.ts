import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Family, openFamily, ref, words } from '../proposal/support/family.ts';
import { referring, text } from '../referral/support/referred.ts';

/** Tasks are given to, and care teams have, people who are here. */
let at: Family;
let of: ReturnType<typeof referring>;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
}, 60_000);
afterAll(() => at?.house.shut());

const nobody = 'Practitioner/never-was';
const task = (owner: string) => ({
  ...{ resourceType: 'Task', status: 'requested', intent: 'order', description: 'Call the school.' },
  ...{ for: { reference: at.child }, owner: { reference: owner } },
});
const inTransaction = (...resources: any[]) => {
  const entry = resources.map((resource) => {
    const url = resource.id === undefined ? resource.resourceType : `${resource.resourceType}/${resource.id}`;
    return { resource, request: { method: resource.id === undefined ? 'POST' : 'PUT', url } };
  });
  return { resourceType: 'Bundle', type: 'transaction', entry };
};
const gone = async (who: string) => expect((await at.house.as('system', 'DELETE', `/${who}`)).status).toBeLessThan(300);
const practitioner = (id: string) => ({ resourceType: 'Practitioner', id, name: [{ family: 'Invented' }] });
const refused = expect.stringMatching(/^known-people: /);

test.each(['Practitioner', 'PractitionerRole', 'Organization', 'HealthcareService'])(
  'a Task for a %s that never was is refused, by every way in',
  async (type) => {
    const wrong = task(`${type}/never-was`);
    const good = await at.house.as(at.lead, 'POST', '/Task', task(at.doctor));
    const address = `/Task/${good.json.id}`;
    const patch = [{ op: 'replace', path: '/owner/reference', value: `${type}/never-was` }];
    const tried = [
      await at.house.as(at.lead, 'POST', '/Task', wrong),
      await at.house.as(at.lead, 'PUT', address, { ...wrong, id: good.json.id }),
      await at.house.as(at.lead, 'PATCH', address, patch, { 'Content-Type': 'application/json-patch+json' }),
      await at.house.as(at.lead, 'POST', '', inTransaction(wrong)),
      await at.house.as(at.lead, 'POST', '/Task', task(`${at.house.url}/fhir/${type}/never-was`)),
    ];
    expect(tried.map((one) => [one.status, text(one)])).toEqual(tried.map(() => [422, refused]));
    expect(tried[0]?.json.issue[0].expression).toEqual(['Task.owner']);
    expect((await at.house.as(at.lead, 'GET', address)).json.owner.reference).toBe(at.doctor);
  },
);

test('who comes in the same transaction is here', async () => {
  const sent = await at.house.as('system', 'POST', '', inTransaction(practitioner('comes-too')));
  expect(sent.status).toBe(200);
  const made = await at.house.as(at.lead, 'POST', '/Task', task('Practitioner/comes-too'));
  expect(made.status).toBe(201);
});

test('a Task of somebody who has left goes on, and is not given to them anew', async () => {
  await at.house.as('system', 'PUT', '/Practitioner/leaves', practitioner('leaves'));
  const made = await at.house.as(at.lead, 'POST', '/Task', task('Practitioner/leaves'));
  await gone('Practitioner/leaves');
  const url = `/Task/${made.json.id}`;
  const goesOn = await at.house.as(at.lead, 'PUT', url, { ...made.json, note: [{ text: 'Called.' }] });
  expect([goesOn.status, text(goesOn)]).toEqual([200, '']);
  const anew = await at.house.as(at.lead, 'POST', '/Task', task('Practitioner/leaves'));
  expect([anew.status, text(anew)]).toEqual([422, refused]);
});

test('a care team takes in nobody who is not here', async () => {
  const team = await at.read(`${at.plan}`).then(({ careTeam }) => at.read(careTeam[0].reference));
  const member = { member: { reference: nobody }, role: [{ text: 'Helper' }] };
  const participant = [...team.participant, member];
  const wrong = await at.house.as(at.lead, 'PUT', `/CareTeam/${team.id}`, { ...team, participant });
  expect([wrong.status, text(wrong)]).toEqual([422, refused]);
  expect(wrong.json.issue[0].expression).toEqual(['CareTeam.participant.member']);
  const right = [...team.participant, { ...member, member: { reference: at.doctor } }];
  expect((await at.house.as(at.lead, 'PUT', `/CareTeam/${team.id}`, { ...team, participant: right })).status).toBe(200);
});

test('whoever signs in takes a Task, with a record in the directory or without', async () => {
  const open = await at.house.as('system', 'POST', '/Task', { ...task(nobody), owner: undefined });
  const me = 'Practitioner/no-record';
  const took = await at.house.as(me, 'PUT', `/Task/${open.json.id}`, {
    ...open.json,
    status: 'accepted',
    owner: { reference: me },
  });
  expect([took.status, text(took)]).toEqual([200, '']);
});

test('a question to a requester who has left is nobody’s, and is asked', async () => {
  const id = await of.refer({});
  await gone(at.doctor);
  const asked = await of.move(of.specialist, id, 'more-information', { statusReason: { text: 'Since when?' } });
  expect([asked.status, text(asked)]).toEqual([200, '']);
  const [question] = await of.about(id);
  expect(question).toMatchObject({ description: 'Since when?', status: 'requested' });
  expect(question.owner).toBeUndefined();
  await at.house.as('system', 'PUT', `/${at.doctor}`, practitioner(at.doctor.slice(13)));
});

test('what a family says of an appointment is asked of nobody where the performer has left', async () => {
  const id = await of.refer({});
  const day = { start: '2026-11-23', end: '2026-11-23' };
  for (const [state, more] of [['accepted'], ['scheduled', { executionPeriod: day }]] as const)
    expect((await of.move(of.specialist, id, state, more)).status).toBe(200);
  await gone(of.specialist);
  const said = await at.operation(at.mother, `Task/${id}/$attendance`, [{ name: 'attended', valueBoolean: true }]);
  expect([said.status, text(said)]).toEqual([200, '']);
  const check = (await of.about(id)).find(({ code }) => code.text === 'Attendance');
  expect(check).toMatchObject({ status: 'requested' });
  expect(check.owner).toBeUndefined();
  await at.house.as('system', 'PUT', `/${of.specialist}`, practitioner(of.specialist.slice(13)));
});

test('a family’s proposal is nobody’s where the lead has left', async () => {
  await gone(at.lead);
  const proposed = await at.operation(at.mother, `${at.plan}/$propose`, [
    { name: 'action', valueCode: 'comment' },
    ref('target', at.goal),
    words('reason', 'She walks half of the way now.'),
  ]);
  expect([proposed.status, text(proposed)]).toEqual([200, '']);
  expect(proposed.json.owner).toBeUndefined();
});
