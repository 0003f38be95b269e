import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
  await house.fhir('PUT', '/Patient/child', { resourceType: 'Patient', id: 'child', name: [{ family: 'Example' }] });
  await house.fhir('PUT', '/Goal/walk', goal('walk'));
  await house.fhir('PUT', '/Condition/palsy', {
    resourceType: 'Condition',
    id: 'palsy',
    subject: child,
    code: { text: 'Cerebral palsy' },
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
  });
});
afterAll(() => house.shut());

const child = { reference: 'Patient/child' };
function goal(id: string) {
  return {
    resourceType: 'Goal',
    id,
    lifecycleStatus: 'active',
    description: { text: 'Walk to school' },
    subject: child,
  };
}
const legacy = (more: object = {}) => ({
  resourceType: 'CarePlan',
  status: 'active',
  intent: 'plan',
  subject: child,
  created: '2025-02-01',
  activity: [
    {
      progress: [{ text: 'Going well' }],
      detail: {
        kind: 'ServiceRequest',
        code: { text: 'Physical therapy' },
        status: 'in-progress',
        scheduledString: 'Tuesdays',
        dailyAmount: { value: 1.5 },
        goal: [{ reference: 'Goal/walk' }],
      },
    },
    { detail: { status: 'not-started', description: 'Ask the school for a ramp', performer: [child] } },
    { detail: { kind: 'MedicationRequest', status: 'scheduled', code: { text: 'Baclofen 5 mg' } } },
  ],
  ...more,
});
const send = (body: unknown) => house.fhir('POST', '/CarePlan/$import', body);
const of = ({ json }: { json: any }, name: string) => (json.parameter as any[]).filter((one) => one.name === name);
const read = async (reference: string) => (await house.fhir('GET', `/${reference.split('/_history')[0]}`)).json;
async function count(type: string) {
  return (await house.fhir('GET', `/${type}?_summary=count`)).json.total as number;
}

describe('CarePlan/$import', () => {
  test.each([
    ['nothing', { resourceType: 'Parameters' }, 400],
    ['another resource', goal('x'), 400],
    ['a plan of a child who is not here', legacy({ subject: { reference: 'Patient/never-was' } }), 404],
    ['a plan that is no CarePlan by FHIR', legacy({ status: 'whatever' }), 422],
    [
      'a plan that pretends to come from a hospital',
      legacy({ meta: { source: 'urn:careweave:site:x#CarePlan/1' } }),
      400,
    ],
  ])('refuses %s and writes nothing', async (_name, body, status) => {
    const before = await Promise.all(['CarePlan', 'Task', 'ServiceRequest', 'Provenance'].map(count));
    expect((await send(body)).status).toBe(status);
    expect(await Promise.all(['CarePlan', 'Task', 'ServiceRequest', 'Provenance'].map(count))).toEqual(before);
  });

  test('D2 S4.27 makes of each written-out activity a request or a Task, and keeps what was sent word for word', async () => {
    const sent = legacy();
    const answer = await send(sent);
    expect({ status: answer.status, issue: answer.json.issue }).toEqual({ status: 200 });
    const [therapy, ramp, medicine] = await Promise.all(
      of(answer, 'activity').map(({ valueReference }) => read(valueReference.reference)),
    );
    expect(therapy).toMatchObject({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'plan',
      code: { text: 'Physical therapy' },
      note: [{ text: 'Tuesdays' }],
      extension: [{ valueReference: { reference: 'Goal/walk' } }],
    });
    expect(ramp).toMatchObject({
      resourceType: 'Task',
      status: 'ready',
      description: 'Ask the school for a ramp',
      owner: child,
    });
    expect(medicine).toMatchObject({ resourceType: 'Task', code: { text: 'Baclofen 5 mg' } });
    const plan = await read(of(answer, 'plan')[0].valueReference.reference);
    expect(plan.activity).toMatchObject([
      { progress: [{ text: 'Going well' }], reference: { reference: `ServiceRequest/${therapy.id}` } },
      { reference: { reference: `Task/${ramp.id}` } },
      { reference: { reference: `Task/${medicine.id}` } },
    ]);
    expect(JSON.stringify(plan)).not.toContain('"detail"');
    const quoted = async (target: string) => {
      const { json } = await house.fhir('GET', `/Provenance?target=${target}`);
      return Buffer.from(json.entry[0].resource.contained[0].data, 'base64').toString();
    };
    expect(JSON.parse(await quoted(`ServiceRequest/${therapy.id}`))).toEqual(sent.activity[0]?.detail);
    expect(JSON.parse(await quoted(`CarePlan/${plan.id}`))).toEqual(sent);
  });

  test('S4.27 lists what is missing of our profile; a plan that has it all claims it', async () => {
    const poor = await send(legacy({ description: 'Poor' }));
    expect(of(poor, 'conforms')[0].valueBoolean).toBe(false);
    const missing = of(poor, 'missing')
      .map(({ valueString }) => valueString)
      .join('\n');
    for (const element of ['category', 'title', 'period', 'author', 'addresses', 'goal'])
      expect(missing).toContain(element);
    expect((await read(of(poor, 'plan')[0].valueReference.reference)).meta.profile).toBeUndefined();
    const rich = await send(
      legacy({
        title: 'Therapy plan',
        category: [{ text: 'Therapy' }],
        period: { start: '2025-02-01' },
        author: { display: 'Dr. Example' },
        addresses: [{ reference: 'Condition/palsy' }],
        goal: [{ reference: 'Goal/walk' }],
      }),
    );
    expect(of(rich, 'missing')).toEqual([]);
    expect(of(rich, 'conforms')[0].valueBoolean).toBe(true);
    const kept = await read(of(rich, 'plan')[0].valueReference.reference);
    expect(kept.meta.profile).toEqual(['http://careweave.org/fhir/StructureDefinition/imported-plan']);
  });

  test('takes the same plan once, however it was numbered there', async () => {
    const plan = legacy({ description: 'Once' });
    expect((await send(plan)).status).toBe(200);
    const tasks = await count('Task');
    expect((await send({ ...plan, id: 'elsewhere' })).status).toBe(409);
    expect(await count('Task')).toBe(tasks);
  });

  test('a second active shared plan is refused as ever, and none of its Tasks is left', async () => {
    const shared = {
      coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code: 'shared-plan-of-care' }],
    };
    await house.fhir('POST', '/Patient/child/$compose-shared-plan');
    const tasks = await count('Task');
    const answer = await send(legacy({ category: [shared], description: 'Second' }));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('one-active-shared-plan');
    expect(await count('Task')).toBe(tasks);
  });
});
