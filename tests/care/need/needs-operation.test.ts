import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PrivacyHouse } from '../../access/support/privacy-house.ts';
import { food, never, often } from '../screening/support.ts';
import { child, childRef, clinician, mother, openTwoParents } from '../screening/two-parents.ts';

let house: PrivacyHouse;
beforeAll(async () => {
  house = await openTwoParents();
});
afterAll(() => house.shut());

const ask = (who: string, path: string) => house.as(who, 'GET', path);
const named = (json: any, name: string): any[] => (json.parameter ?? []).filter((one: any) => one.name === name);
const parts = (parameter: any): Record<string, any> =>
  Object.fromEntries(parameter.part.map(({ name, ...value }: any) => [name, Object.values(value)[0]]));
const answers = (worried: string, authored: string) => food(worried, never, { subject: childRef, authored });
const appointment = (id: string, start: string, more: object = {}) => ({
  resourceType: 'Appointment',
  id,
  status: 'booked',
  start,
  end: start.replace('T15', 'T16'),
  participant: [
    { actor: childRef, status: 'accepted' },
    { actor: { reference: clinician }, status: 'accepted' },
  ],
  ...more,
});

describe('S2.25 $pre-visit', () => {
  test('S2.25 an overdue screen appears in the pre-visit list, one that was just answered does not', async () => {
    for (const one of [
      appointment('soon', '2026-03-04T15:00:00Z'),
      appointment('late', '2026-04-20T15:00:00Z'),
      appointment('off', '2026-03-03T15:00:00Z', { status: 'cancelled' }),
    ])
      expect((await house.as('system', 'PUT', `/Appointment/${one.id}`, one)).status).toBe(201);
    const before = await ask(clinician, `/Appointment/$pre-visit?actor=${clinician}`);
    expect(before.status).toBe(200);
    const [visit, ...more] = named(before.json, 'visit');
    expect(more).toEqual([]);
    expect(parts(visit)).toMatchObject({ appointment: { reference: 'Appointment/soon' }, patient: childRef });
    const forms = (one: any) =>
      one.part.filter(({ name }: any) => name === 'screen').map((screen: any) => parts(screen));
    expect(forms(visit).map(({ questionnaire, overdue }: any) => [questionnaire.split('/').at(-1), overdue])).toEqual([
      ['hunger-vital-sign', true],
      ['ahc-hrsn', true],
    ]);
    expect(
      (await house.as(mother, 'POST', '/QuestionnaireResponse', answers(often, '2026-03-02T10:00:00Z'))).status,
    ).toBe(201);
    const after = await ask(clinician, '/Appointment/$pre-visit');
    const [now] = named(after.json, 'visit');
    expect(forms(now).map(({ questionnaire }: any) => questionnaire.split('/').at(-1))).toEqual(['ahc-hrsn']);
    expect(now.part.filter(({ name }: any) => name === 'need').map((one: any) => parts(one).stage)).toEqual([
      'positive',
    ]);
    // A need is open: asked again after three months instead of a year.
    const later = await ask(clinician, '/Appointment/$pre-visit?start=2026-06-03');
    expect(named(later.json, 'visit')).toEqual([]);
  });

  test('pages, and refuses what it does not know', async () => {
    const first = await ask('system', '/Appointment/$pre-visit?start=2026-03-01&days=31&_count=1');
    expect(named(first.json, 'visit')).toHaveLength(1);
    const bad = ['days=32', 'start=March', 'actor=nobody', '_count=0', 'colour=red'];
    for (const query of bad)
      expect([query, (await ask(clinician, `/Appointment/$pre-visit?${query}`)).status]).toEqual([query, 400]);
    await house.as('system', 'PUT', '/Appointment/second', appointment('second', '2026-03-05T15:00:00Z'));
    const paged = await ask('system', '/Appointment/$pre-visit?start=2026-03-01&days=31&_count=1');
    const [next] = named(paged.json, 'next');
    const more = await ask(
      'system',
      `/Appointment/$pre-visit?start=2026-03-01&days=31&_count=1&after=${encodeURIComponent(next.valueString)}`,
    );
    expect(parts(named(more.json, 'visit')[0]).appointment.reference).toBe('Appointment/second');
  });
});

describe('S0.10 $needs', () => {
  test('is for who sees the child, and told to nobody else', async () => {
    expect((await ask('RelatedPerson/nobody', `/Patient/${child}/$needs`)).status).toBe(404);
    expect((await ask(clinician, '/Patient/not-there/$needs')).status).toBe(404);
    expect((await ask(clinician, `/Patient/${child}/$needs?state=lost`)).status).toBe(400);
  });

  test('S0.10 a need with no completed activity stays in the register past any closure of its referral', async () => {
    const found = await ask(mother, `/Patient/${child}/$needs?state=open`);
    expect(found.status).toBe(200);
    const [need] = named(found.json, 'need').map(parts);
    expect(need).toMatchObject({
      domain: 'food-insecurity',
      state: 'open',
      stage: 'positive',
      confirmed: false,
      since: '2026-03-02',
    });
    const reason = need?.condition;
    const request = {
      resourceType: 'ServiceRequest',
      id: 'req',
      status: 'active',
      intent: 'order',
      subject: childRef,
      reasonReference: [reason],
    };
    const task = {
      resourceType: 'Task',
      id: 'ref',
      status: 'requested',
      intent: 'order',
      for: childRef,
      focus: { reference: 'ServiceRequest/req' },
      requester: { reference: clinician },
      owner: { reference: 'Organization/wic' },
    };
    expect((await house.as('system', 'PUT', '/ServiceRequest/req', request)).status).toBe(201);
    expect((await house.as('system', 'PUT', '/Task/ref', task)).status).toBe(201);
    const cancelled = { ...task, status: 'cancelled', statusReason: { text: 'The office has moved' } };
    expect((await house.as(clinician, 'PUT', '/Task/ref', cancelled)).status).toBe(200);
    const after = await ask(clinician, `/Patient/${child}/$needs?state=open`);
    // The revoked request counts for nothing; the need stands where it stood.
    expect(named(after.json, 'need').map((one) => parts(one).stage)).toEqual(['positive']);
  });

  test('need-ends-with-a-reason: nothing leaves the register unsaid', async () => {
    const { json } = await ask('system', `/Condition?patient=${child}&category=sdoh`);
    const [concern] = json.entry.map(({ resource }: any) => resource);
    const put = (more: object) => house.as(clinician, 'PUT', `/Condition/${concern.id}`, { ...concern, ...more });
    const clinical = (code: string) => ({
      clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code }] },
    });
    const withdrawn = (code?: string) => ({
      extension: [
        {
          url: 'http://careweave.org/fhir/StructureDefinition/need-withdrawn',
          valueCodeableConcept: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code }] },
        },
      ],
    });
    for (const refused of [clinical('inactive'), clinical('resolved'), withdrawn()]) {
      const answer = await put(refused);
      expect(answer.status).toBe(422);
      expect(answer.text).toContain('need-ends-with-a-reason');
    }
    const gone = await house.as(clinician, 'DELETE', `/Condition/${concern.id}`);
    expect([gone.status, gone.text.includes('deletion-has-reason')]).toEqual([422, true]);
    expect((await put(withdrawn('family-declined'))).status).toBe(200);
    const told = await ask(clinician, `/Patient/${child}/$needs`);
    expect(named(told.json, 'need').map(parts)).toMatchObject([
      { state: 'withdrawn', reason: { coding: [{ code: 'family-declined' }] } },
    ]);
  });
});
