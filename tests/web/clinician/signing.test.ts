import { describe, expect, test } from '@jest/globals';
import { leadCoordinatorUrl } from '../../../src/fhir/plan-view/team.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { coSign, coSignReviewed, recordReview, signingOf } from '../../../src/web/clinician/signing.ts';
import type { Ask, FhirClient } from '../../../src/web/shared/fhir-client.ts';

const canonical = 'http://careweave.org/fhir';
const scopes = 'patient/*.rs patient/CarePlan.u patient/Task.cu patient/Communication.c'.split(' ');
const plan: Resource & r4.CarePlan = {
  resourceType: 'CarePlan',
  id: 'plan',
  meta: { versionId: '4' },
  status: 'active',
  intent: 'plan',
  subject: { reference: 'Patient/child' },
  careTeam: [{ reference: 'CareTeam/team' }],
};
const person = (id: string, npi?: string): Resource => ({
  resourceType: 'Practitioner',
  id,
  name: [{ text: `Dr. ${id}` }],
  ...(npi !== undefined && { identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: npi }] }),
});
const task = (owner: string, more: object = {}): Resource => ({
  resourceType: 'Task',
  id: `for-${owner}`,
  meta: { versionId: '2' },
  status: 'requested',
  intent: 'plan',
  code: { coding: [{ system: `${canonical}/CodeSystem/care-task`, code: 'co-sign' }] },
  focus: { reference: 'CarePlan/plan' },
  owner: { reference: `Practitioner/${owner}` },
  ...more,
});
const team = (participant: object[]): Resource => ({
  resourceType: 'CareTeam',
  id: 'team',
  status: 'active',
  participant,
});
const primaryCare = (member: string, more: object = {}) => ({
  role: [{ coding: [{ system: `${canonical}/CodeSystem/care-team-role`, code: 'primary-care' }] }],
  member: { reference: member },
  ...more,
});
const around = [plan, person('ours', '1'), person('ehr', '1'), person('other', '2'), person('none')];
const seen = (resources: Resource[], fhirUser: string, granted = scopes) => {
  const { mayReview, task: asked } = signingOf(plan, [...around, ...resources], { fhirUser, scopes: granted });
  return { mayReview, task: asked?.id };
};

describe('the buttons of a reader', () => {
  test('are not there for somebody else, for what is closed, and for another plan', () => {
    const nothing = { mayReview: false, task: undefined };
    expect(seen([task('ours')], 'Practitioner/other')).toEqual(nothing);
    expect(seen([task('none')], 'Practitioner/other')).toEqual(nothing);
    expect(seen([task('ours', { status: 'completed' })], 'Practitioner/ehr')).toEqual(nothing);
    expect(seen([task('ours', { focus: { reference: 'CarePlan/another' } })], 'Practitioner/ehr')).toEqual(nothing);
    expect(
      seen([team([primaryCare('Practitioner/ours', { period: { end: '2026-01-01' } })])], 'Practitioner/ours'),
    ).toEqual(nothing);
  });

  test('need what the launch granted', () => {
    expect(seen([task('ours')], 'Practitioner/ehr', ['patient/*.rs'])).toEqual({ mayReview: false, task: undefined });
    expect(seen([task('ours')], 'Practitioner/ehr', ['patient/*.rs', 'patient/Task.u'])).toEqual({
      mayReview: false,
      task: 'for-ours',
    });
    expect(seen([task('ours')], 'Practitioner/ehr', ['patient/Task.u?code=x'])).toEqual({
      mayReview: false,
      task: undefined,
    });
  });

  test('are there for who is asked, here or as the EHR’s record of the same clinician', () => {
    expect(seen([task('ours')], 'Practitioner/ours')).toEqual({ mayReview: true, task: 'for-ours' });
    expect(seen([task('ours')], 'Practitioner/ehr')).toEqual({ mayReview: true, task: 'for-ours' });
  });

  test('to review are there for the primary care clinician and for the lead', () => {
    const lead = {
      extension: [{ url: leadCoordinatorUrl, valueBoolean: true }],
      member: { reference: 'Practitioner/other' },
    };
    expect(seen([team([primaryCare('Practitioner/ours')])], 'Practitioner/ehr').mayReview).toBe(true);
    expect(seen([team([lead])], 'Practitioner/other').mayReview).toBe(true);
    expect(seen([team([{ member: { reference: 'Practitioner/other' } }])], 'Practitioner/other').mayReview).toBe(false);
  });
});

describe('what is sent', () => {
  const recorder = (current: Resource = plan) => {
    const sent: Ask[] = [];
    const client: FhirClient = {
      ask: async (requests) => {
        sent.push(...requests);
        return requests.map(() => ({ ok: true, value: undefined }));
      },
      transact: async () => ({ ok: true, value: { resourceType: 'Bundle', type: 'transaction-response' } }),
      get: async () => ({ ok: true, value: current }),
      all: async () => ({ ok: true, value: [] }),
    };
    return { client, sent };
  };
  const asked = { planId: 'plan', version: '4', task: task('ours') as Resource & r4.Task };
  const now = new Date('2026-11-23T15:00:00Z');

  test('signs the version that was read, of the Task that was read', async () => {
    const { client, sent } = recorder();
    await coSign(client, asked, now);
    expect(sent).toEqual([
      {
        method: 'PUT',
        url: 'Task/for-ours',
        ifVersion: '2',
        resource: {
          ...task('ours'),
          status: 'completed',
          executionPeriod: { end: now.toISOString() },
          focus: { reference: 'CarePlan/plan/_history/4' },
        },
      },
    ]);
  });

  test('records who agreed and who was given a copy, and nothing that was left empty', async () => {
    const { client, sent } = recorder();
    await recordReview(client, asked, { agreed: ['Practitioner/ours'], copyTo: [], next: '', note: '  ' });
    const parameter = [
      { name: 'agreed', valueReference: { reference: 'Practitioner/ours' } },
      { name: 'version', valueString: '4' },
    ];
    expect(sent).toEqual([
      { method: 'POST', url: 'CarePlan/plan/$review', resource: { resourceType: 'Parameters', parameter } },
    ]);
  });

  test('after a review signs the plan with that review, and not one that somebody else has changed', async () => {
    const review = {
      url: `${canonical}/StructureDefinition/plan-review`,
      extension: [{ url: 'held', valueDate: '2026-11-23' }],
    };
    const reviewed = { ...plan, meta: { versionId: '5' }, extension: [review] };
    const signing = { ...asked, mayReview: true, family: [], before: plan };
    const fine = recorder(reviewed);
    expect((await coSignReviewed(fine.client, signing, now)).ok).toBe(true);
    expect(fine.sent[0]?.resource?.focus).toEqual({ reference: 'CarePlan/plan/_history/5' });
    const changed = recorder({ ...reviewed, title: 'Another' });
    expect(await coSignReviewed(changed.client, signing, now)).toEqual({
      ok: false,
      trouble: { kind: 'conflict', sentence: '' },
    });
    expect(changed.sent).toEqual([]);
  });
});
