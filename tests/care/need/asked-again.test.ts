import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import { screeningJob } from '../../../src/care/need/ask-job.ts';
import type { PrivacyHouse } from '../../access/support/privacy-house.ts';
import { food, never, often } from '../screening/support.ts';
import { childRef, clinician, mother, openTwoParents } from '../screening/two-parents.ts';

/** The schedule becomes Tasks: one for a child, once, and done when the family has answered. */
let house: PrivacyHouse;
const start = '2026-03-02T15:00:00Z';
const base = 'http://careweave.org/fhir';
const hunger = `${base}/Questionnaire/hunger-vital-sign`;
const ahc = `${base}/Questionnaire/ahc-hrsn`;

beforeAll(async () => {
  house = await openTwoParents(start);
  const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
  const lead = {
    member: { reference: clinician },
    role: [{ text: 'Coordinator' }],
    extension: [{ url: `${base}/StructureDefinition/lead-coordinator`, valueBoolean: true }],
  };
  const records = [
    { resourceType: 'CareTeam', id: 'again-team', status: 'active', subject: childRef, participant: [lead] },
    {
      ...{ resourceType: 'CarePlan', id: 'again-plan', status: 'active', intent: 'plan', subject: childRef },
      category: [concept(`${base}/CodeSystem/careplan-category`, 'shared-plan-of-care')],
      careTeam: [{ reference: 'CareTeam/again-team' }],
      extension: [{ url: `${base}/StructureDefinition/no-primary-care-reason`, valueString: 'Has moved here' }],
    },
    {
      ...{ resourceType: 'Appointment', id: 'again-visit', status: 'booked', start: '2026-03-04T15:00:00Z' },
      ...{ end: '2026-03-04T15:30:00Z', participant: [{ actor: childRef, status: 'accepted' }] },
    },
    { resourceType: 'Patient', id: 'again-without-plan', birthDate: '2021-01-05' },
  ];
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const loaded = await house.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (loaded.status !== 200) throw new Error(loaded.text);
  const actor = { kind: 'system', id: 'test', requestId: 'start' } as const;
  await house.store.transact(actor, async (tx) => ok(await tx.enqueue(screeningJob)));
}, 60_000);
afterAll(() => house.shut());

const tasks = async (): Promise<any[]> =>
  ((await house.as('system', 'GET', `/Task?code=screening-due&_sort=_lastUpdated&_count=50`)).json.entry ?? []).map(
    ({ resource }: any) => resource,
  );
const forms = (task: any) => (task.input ?? []).map(({ valueCanonical }: any) => valueCanonical);
const on = async (day: string) => {
  house.at(`${day}T15:00:00Z`);
  await house.worker.drain();
};
const answer = async (day: string, worried = never) => {
  const given = food(worried, never, { subject: childRef, authored: `${day}T15:00:00Z` });
  expect((await house.as(mother, 'POST', '/QuestionnaireResponse', given)).status).toBe(201);
  await house.worker.drain();
};
const ended = (task: any, status: string) =>
  house.as(clinician, 'PUT', `/Task/${task.id}`, {
    ...task,
    status,
    statusReason: { text: 'They do not wish to be asked.' },
  });

describe('S2.25 an overdue screen becomes a Task', () => {
  test('S2.25 by a job, once: one Task for the lead coordinator, which the pre-visit list names beside each form', async () => {
    await on('2026-03-02');
    await on('2026-03-03');
    await on('2026-03-04');
    const [task, ...more] = await tasks();
    expect(more).toEqual([]);
    expect(task).toMatchObject({
      status: 'requested',
      for: childRef,
      owner: { reference: clinician },
      instantiatesCanonical: `${base}/PlanDefinition/social-needs-screening`,
    });
    expect(forms(task)).toEqual([hunger, ahc]);
    const queue = await house.as(clinician, 'GET', `/Task/$work-queue?owner=${clinician}&reason=due`);
    expect(queue.text).toContain(task.id);
    const list = await house.as(clinician, 'GET', '/Appointment/$pre-visit?start=2026-03-04');
    const [visit] = list.json.parameter;
    const screens = visit.part.filter(({ name }: any) => name === 'screen');
    expect(screens).toHaveLength(2);
    for (const { part } of screens)
      expect(part.find(({ name }: any) => name === 'task').valueReference.reference).toBe(`Task/${task.id}`);
  });

  test('a family is not told of it: it stands between the coordinator and the schedule', async () => {
    expect((await house.as(mother, 'GET', '/Task?code=screening-due')).json.entry).toBeUndefined();
  });

  test('S2.25 answered in part it asks for the rest; what was answered elsewhere counts; then it is done by itself', async () => {
    await answer('2026-03-04', often);
    expect((await tasks()).map((one) => [one.status, forms(one)])).toEqual([['requested', [ahc]]]);
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '71802-3' }] },
      subject: childRef,
      effectiveDateTime: '2026-03-04',
      valueCodeableConcept: { text: 'I have a steady place to live' },
    };
    expect((await house.as('system', 'POST', '/Observation', observation)).status).toBe(201);
    await house.worker.drain();
    expect((await tasks()).map(({ status }) => status)).toEqual(['completed']);
  });

  test('S2.25 while the need is open, three months later there is another one, for that form alone', async () => {
    await on('2026-06-04');
    expect(await tasks()).toHaveLength(1);
    await on('2026-06-06');
    const [, second, ...more] = await tasks();
    expect([second.status, forms(second), more]).toEqual(['requested', [hunger], []]);
  });

  test('what somebody has ended is not asked again, until it is due once more', async () => {
    const [, second] = await tasks();
    const put = await ended(second, 'rejected');
    expect([put.status, put.text]).toEqual([200, expect.any(String)]);
    await on('2026-06-08');
    await on('2026-07-08');
    expect(await tasks()).toHaveLength(2);
    await on('2027-06-07');
    const open = (await tasks()).filter(({ status }) => status === 'requested');
    expect(open.map(forms)).toEqual([[hunger, ahc]]);
  });
});
