import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';

const ours = 'http://careweave.org/fhir/StructureDefinition';
let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
}, 60_000);
afterAll(() => house?.shut());

/** Where a server that has these profiles finds an error in the resource. */
async function errors(resource: { resourceType: string }): Promise<string[]> {
  const { json } = await house.fhir('POST', `/${resource.resourceType}/$validate`, resource);
  const wrong = json.issue.filter(({ severity }: any) => severity === 'error' || severity === 'fatal');
  return wrong.flatMap(({ expression }: any) => expression?.[0] ?? []);
}

const level = (text: string | undefined) => ({
  url: 'http://hl7.org/fhir/us/pco/StructureDefinition/pco-goal-attainment-scaling',
  extension: [
    { url: 'level', valueCoding: { system: 'http://loinc.org', code: 'LA34481-4' } },
    ...(text === undefined ? [] : [{ url: 'progressText', valueString: text }]),
  ],
});
const goal = (more: object) => ({
  ...{ resourceType: 'Goal', meta: { profile: [`${ours}/family-goal`] }, lifecycleStatus: 'active' },
  ...{ description: { text: 'Ride the bus' }, subject: { reference: 'Patient/1' } },
  expressedBy: { reference: 'RelatedPerson/1' },
  ...more,
});
const score = (more: object) => ({
  ...{ resourceType: 'Observation', meta: { profile: [`${ours}/goal-attainment-score`] }, status: 'final' },
  code: { coding: [{ system: 'http://loinc.org', code: '107331-1' }] },
  ...{ subject: { reference: 'Patient/1' }, focus: [{ reference: 'Goal/1' }], effectiveDateTime: '2026-11-23' },
  performer: [{ reference: 'RelatedPerson/1' }],
  valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'LA34481-4' }] },
  ...more,
});
const rating = (more: object) => ({
  ...score({ valueCodeableConcept: undefined, valueInteger: 7 }),
  meta: { profile: [`${ours}/coaching-rating`] },
  code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/coaching-scale', code: 'readiness' }] },
  ...more,
});
const task = (profile: string, code: string, more: object) => ({
  ...{ resourceType: 'Task', meta: { profile: [`${ours}/${profile}`] }, status: 'requested', intent: 'proposal' },
  code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code }] },
  ...{ for: { reference: 'Patient/1' }, requester: { reference: 'RelatedPerson/1' }, focus: { reference: 'Goal/1' } },
  ...{ basedOn: [{ reference: 'CarePlan/1' }], reasonCode: { text: 'x' }, description: 'x' },
  ...{ owner: { reference: 'Practitioner/1' }, encounter: { reference: 'Encounter/1' } },
  restriction: { period: { end: '2026-12-01' } },
  input: [{ type: { text: 'action' }, valueCode: 'comment' }],
  ...more,
});

describe('the profiles of goals, scores, proposals and decisions', () => {
  test.each<[string, { resourceType: string }, string]>([
    ['six levels', goal({ extension: Array.from({ length: 6 }, (_, at) => level(`level ${at}`)) }), 'Goal'],
    ['a level without words', goal({ extension: [level(undefined)] }), 'Goal'],
    [
      'a score of another kind',
      score({ code: { coding: [{ system: 'http://loinc.org', code: '1-8' }] } }),
      'Observation.code',
    ],
    ['a score of no goal', score({ focus: undefined }), 'Observation.focus'],
    ['a score at no day', score({ effectiveDateTime: undefined }), 'Observation.effective'],
    [
      'a score at another level',
      score({ valueCodeableConcept: { coding: [{ system: 'http://loinc.org', code: 'x' }] } }),
      'Observation.value',
    ],
    ['a proposal that is an order', task('plan-change', 'plan-change', { intent: 'order' }), 'Task.intent'],
    ['a proposal without words', task('plan-change', 'plan-change', { reasonCode: {} }), 'Task.reasonCode'],
    ['a rating in words', rating({ valueInteger: undefined, valueString: 'very' }), 'Observation.value'],
    ['a rating on no scale', rating({ code: { text: 'mood' } }), 'Observation.code'],
    ['a rating of no goal', rating({ focus: undefined }), 'Observation.focus'],
    ['a step of nobody', task('action-step', 'action-step', { owner: undefined }), 'Task.owner'],
    ['a step of another kind', task('action-step', 'coaching', {}), 'Task.code'],
    ['a decision of nobody', task('meeting-decision', 'meeting-decision', { owner: undefined }), 'Task.owner'],
    [
      'a decision without a day',
      task('meeting-decision', 'meeting-decision', { restriction: undefined }),
      'Task.restriction',
    ],
  ])('refuse %s', async (_, resource, place) => {
    expect(await errors(resource)).toContainEqual(expect.stringMatching(new RegExp(`^${place}`)));
  });

  test.each<[string, { resourceType: string }]>([
    ['a goal with levels', goal({ extension: [level('x')] })],
    ['a score', score({})],
    ['a rating', rating({})],
    ['a step', task('action-step', 'action-step', { intent: 'plan' })],
    ['a proposal', task('plan-change', 'plan-change', {})],
    ['a decision', task('meeting-decision', 'meeting-decision', { intent: 'plan' })],
  ])('take %s', async (_, resource) => {
    expect(await errors(resource)).toEqual([]);
  });
});
