import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PrivacyHouse } from '../access/support/privacy-house.ts';
import { food, never, often } from '../care/screening/support.ts';
import { child, childRef, clinician as coordinator, mother, openTwoParents } from '../care/screening/two-parents.ts';

/**
 * A mother says that food does not last. That is a concern, not a diagnosis; she and the coordinator talk, and ask WIC. WIC has no place, then one;
 * the child is enrolled, the mother is asked again, and only then the need is resolved. Everybody asks through the public API, each with their own
 * eyes: what WIC does not need it does not see.
 */
const wic = 'Practitioner/wic-worker';
let house: PrivacyHouse;
/** As `ServiceRequest/…` and `Task/…`, once the coordinator has sent them. */
let requestId = '';
let taskId = '';

const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const named = (json: any, name: string): any[] => (json.parameter ?? []).filter((one: any) => one.name === name);
const parts = (parameter: any): Record<string, any> =>
  Object.fromEntries(parameter.part.map(({ name, ...value }: any) => [name, Object.values(value)[0]]));
const get = (who: string, path: string) => house.as(who, 'GET', path);
const list = async (who: string, path: string): Promise<any[]> =>
  ((await get(who, path)).json.entry ?? []).map(({ resource }: any) => resource);
/** The one need of the child, as somebody sees it. */
async function need(who: string): Promise<Record<string, any>> {
  const { status, json } = await get(who, `/Patient/${child}/$needs`);
  expect(status).toBe(200);
  const [one, ...more] = named(json, 'need');
  expect(more).toEqual([]);
  return { ...parts(one), count: parts(named(json, 'count')[0]) };
}
/** Reads, changes, puts back, as a client does. */
async function change(who: string, reference: string, more: object): Promise<{ status: number; text: string }> {
  const before = (await get(who, `/${reference}`)).json;
  return house.as(who, 'PUT', `/${reference}`, { ...before, ...more });
}
const done = (answer: { status: number; text: string }) =>
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
const own = (code: string) => concept('http://careweave.org/fhir/CodeSystem/referral-status', code);

beforeAll(async () => {
  house = await openTwoParents('2026-03-02T15:00:00Z');
  const clinic = { reference: 'Organization/clinic' };
  const partner = { reference: 'Organization/wic' };
  const signer = (party: object) => ({
    type: { system: 'http://terminology.hl7.org/CodeSystem/contractsignertypecodes', code: 'COVPTY' },
    party,
    signature: [
      {
        type: [{ system: 'urn:iso-astm:E1762-95:2013', code: '1.2.840.10065.1.12.1.1' }],
        when: '2026-01-01T12:00:00Z',
        who: party,
      },
    ],
  });
  const resources = [
    { resourceType: 'Organization', id: 'clinic', active: true, name: 'Example Clinic' },
    {
      resourceType: 'Organization',
      id: 'wic',
      active: true,
      type: [concept('http://careweave.org/fhir/CodeSystem/partner-kind', 'community-organization')],
      name: 'Example WIC office',
    },
    { resourceType: 'Practitioner', id: 'wic-worker', active: true, name: [{ family: 'Sedge' }] },
    {
      resourceType: 'PractitionerRole',
      id: 'wic-role',
      active: true,
      practitioner: { reference: wic },
      organization: partner,
    },
    {
      resourceType: 'PractitionerRole',
      id: 'clinic-role',
      active: true,
      practitioner: { reference: coordinator },
      organization: clinic,
    },
    {
      resourceType: 'Contract',
      id: 'wic-agreement',
      status: 'executed',
      type: concept('http://careweave.org/fhir/CodeSystem/agreement', 'data-sharing'),
      applies: { start: '2026-01-01', end: '2027-12-31' },
      signer: [signer(clinic), signer(partner)],
    },
    {
      resourceType: 'Appointment',
      id: 'summer-visit',
      status: 'booked',
      start: '2026-08-20T15:00:00Z',
      end: '2026-08-20T15:30:00Z',
      participant: [{ actor: childRef, status: 'accepted' }],
    },
  ];
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  done(await house.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry }));
  house.access.forget();
}, 60_000);
afterAll(() => house?.shut());

describe('D10 from a positive food screen to WIC and back', () => {
  test('the mother answers; a concern stands there, unconfirmed, and open in the register', async () => {
    const answered = food(often, often, { subject: childRef, authored: '2026-03-02T15:00:00Z' });
    const kept = await house.as(mother, 'POST', '/QuestionnaireResponse/$submit', {
      resourceType: 'Parameters',
      parameter: [{ name: 'resource', resource: answered }],
    });
    done(kept);
    expect(await need(coordinator)).toMatchObject({
      domain: 'food-insecurity',
      state: 'open',
      stage: 'positive',
      confirmed: false,
      count: { screened: 1, positive: 1, referred: 0, accepted: 0, served: 0, resolved: 0 },
    });
    expect((await need(mother)).stage).toBe('positive');
  });

  test('nobody makes a diagnosis of it without a talk; after the talk it is confirmed, with a goal and a request', async () => {
    const [concern] = await list(coordinator, `/Condition?patient=${child}&category=sdoh`);
    const diagnosis = concept('http://terminology.hl7.org/CodeSystem/condition-category', 'problem-list-item');
    const hasty = await change(coordinator, `Condition/${concern.id}`, { category: [...concern.category, diagnosis] });
    expect([hasty.status, hasty.text.includes('social-need-not-a-diagnosis')]).toEqual([422, true]);
    done(
      await change(coordinator, `Condition/${concern.id}`, {
        verificationStatus: concept('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
        asserter: { reference: mother },
      }),
    );
    const leave = {
      resourceType: 'Consent',
      id: 'wic-leave',
      extension: [{ url: 'http://careweave.org/fhir/StructureDefinition/redisclosure-warned', valueBoolean: true }],
      status: 'active',
      scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
      category: [concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'IDSCL')],
      patient: childRef,
      dateTime: '2026-03-03',
      performer: [{ reference: mother }],
      organization: [{ reference: 'Organization/clinic' }],
      policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
      provision: {
        type: 'permit',
        period: { start: '2026-03-01', end: '2026-12-31' },
        actor: [
          {
            role: concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
            reference: { reference: 'Organization/wic' },
          },
        ],
        purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'TREAT' }],
        class: ['Patient', 'Task', 'ServiceRequest'].map((code) => ({
          system: 'http://hl7.org/fhir/resource-types',
          code,
        })),
      },
    };
    const request = {
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      category: [concept('http://hl7.org/fhir/us/core/CodeSystem/us-core-category', 'sdoh')],
      code: { text: 'Enrollment in WIC' },
      subject: childRef,
      requester: { reference: coordinator },
      performer: [{ reference: 'Organization/wic' }],
      reasonReference: [{ reference: `Condition/${concern.id}` }],
    };
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: concept('http://hl7.org/fhir/CodeSystem/task-code', 'fulfill'),
      description: 'Enrollment in WIC',
      focus: { reference: 'urn:uuid:3c4f8d5e-6a0b-4f0e-9a65-0c7f4d1f7a11' },
      for: childRef,
      authoredOn: '2026-03-03T15:00:00Z',
      requester: { reference: coordinator },
      owner: { reference: 'Organization/wic' },
    };
    const given = await house.as('system', 'PUT', '/Consent/wic-leave', leave);
    expect([given.status, given.text]).toEqual([201, given.text]);
    house.access.forget();
    const entry = [
      {
        resource: request,
        fullUrl: 'urn:uuid:3c4f8d5e-6a0b-4f0e-9a65-0c7f4d1f7a11',
        request: { method: 'POST', url: 'ServiceRequest' },
      },
      { resource: task, request: { method: 'POST', url: 'Task' } },
    ];
    const sent = await house.as(coordinator, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    done(sent);
    [requestId, taskId] = sent.json.entry.map(({ response }: any) =>
      response.location.split('/').slice(-4, -2).join('/'),
    );
    house.access.forget();
    expect(await need(coordinator)).toMatchObject({ stage: 'referred', confirmed: true });
  });

  test('WIC sees its Task and the child’s name, and neither the answers nor the concern', async () => {
    expect((await list(wic, '/Task')).map(({ id }) => `Task/${id}`)).toEqual([taskId]);
    for (const type of ['QuestionnaireResponse', 'Observation', 'Condition', 'Provenance'])
      expect([type, await list(wic, `/${type}?_total=accurate`)]).toEqual([type, []]);
    expect(
      (await get(wic, `/Patient/${child}/$needs`)).json.parameter?.filter(({ name }: any) => name === 'need') ?? [],
    ).toEqual([]);
  });

  test('accepted, then on the waiting list: a waiting list is not yet a yes', async () => {
    house.at('2026-03-04T15:00:00Z');
    done(await change(wic, taskId, { status: 'accepted' }));
    expect((await need(coordinator)).stage).toBe('accepted');
    done(
      await change(wic, taskId, {
        status: 'on-hold',
        businessStatus: own('waitlisted'),
        statusReason: { text: 'No place before May' },
      }),
    );
    const waiting = await need(coordinator);
    expect([waiting.state, waiting.stage]).toEqual(['open', 'referred']);
    expect((await get(coordinator, `/${requestId}`)).json.status).toBe('on-hold');
    const hasty = await change(coordinator, taskId, { status: 'completed', businessStatus: undefined });
    expect([hasty.status, hasty.text.includes('referral-move')]).toEqual([422, true]);
  });

  test('a place is free, the child is enrolled, the coordinator closes the loop: the need stays open', async () => {
    house.at('2026-05-04T15:00:00Z');
    done(await change(wic, taskId, { status: 'accepted', businessStatus: undefined, statusReason: undefined }));
    done(
      await change(wic, taskId, {
        status: 'completed',
        output: [{ type: { text: 'Enrollment' }, valueString: 'Enrolled since 4 May' }],
      }),
    );
    done(await change(coordinator, taskId, { businessStatus: own('requester-acknowledged') }));
    expect((await get(coordinator, `/${requestId}`)).json.status).toBe('completed');
    const enrolled = {
      resourceType: 'Procedure',
      status: 'completed',
      code: { text: 'Enrollment in WIC' },
      subject: childRef,
      basedOn: [{ reference: requestId }],
      performedDateTime: '2026-05-04',
    };
    expect((await house.as(coordinator, 'POST', '/Procedure', enrolled)).status).toBe(201);
    const served = await need(coordinator);
    expect(served).toMatchObject({
      state: 'open',
      stage: 'served',
      outcome: { reference: expect.stringMatching(/^Procedure\//) },
    });
    expect(served.count).toMatchObject({ served: 1, resolved: 0 });
  });

  test('the visit in summer brings up that she is to be asked again, three months after the last time', async () => {
    const { json } = await get(coordinator, '/Appointment/$pre-visit?start=2026-08-17');
    const [visit] = named(json, 'visit');
    const screens = visit.part.filter(({ name }: any) => name === 'screen').map(parts);
    expect(screens).toContainEqual({
      questionnaire: 'http://careweave.org/fhir/Questionnaire/hunger-vital-sign',
      due: '2026-06-02',
      overdue: true,
    });
  });

  test('asked again, there is no risk: no program closes the need by that, the talk does', async () => {
    house.at('2026-08-20T15:00:00Z');
    const again = food(never, never, { subject: childRef, authored: '2026-08-20T14:00:00Z' });
    expect((await house.as(mother, 'POST', '/QuestionnaireResponse', again)).status).toBe(201);
    expect(await need(coordinator)).toMatchObject({ state: 'open', stage: 'served', count: { screened: 2 } });
    const [concern] = await list(coordinator, `/Condition?patient=${child}&category=sdoh`);
    const clinicalStatus = concept('http://terminology.hl7.org/CodeSystem/condition-clinical', 'resolved');
    const unsaid = await change(coordinator, `Condition/${concern.id}`, { clinicalStatus });
    expect([unsaid.status, unsaid.text.includes('need-ends-with-a-reason')]).toEqual([422, true]);
    done(await change(coordinator, `Condition/${concern.id}`, { clinicalStatus, abatementDateTime: '2026-08-20' }));
    for (const who of [coordinator, mother])
      expect(await need(who)).toMatchObject({
        state: 'resolved',
        stage: who === coordinator ? 'resolved' : expect.any(String),
      });
    expect((await need(coordinator)).count).toEqual({
      screened: 2,
      positive: 1,
      referred: 1,
      accepted: 1,
      served: 1,
      resolved: 1,
    });
    // One need from the first answer to the last: nothing was written twice.
    expect(await list('system', `/Condition?patient=${child}`)).toHaveLength(1);
  });
});
