import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { houseMeasures } from './house.ts';
import { valuesOf } from './measure-logic.ts';

/** Which statuses count, and on which days: the shared rules, asked through measures that use them. */

const house = houseMeasures();
const lead = valuesOf(house, 'lead-screening');
const weight = valuesOf(house, 'weight-counseling');

const sct = 'http://snomed.info/sct';
const child: Resource = { resourceType: 'Patient', id: 'child', birthDate: '2024-03-10' };
const about = { id: 'record', subject: { reference: 'Patient/child' } };
const concept = (code: string, system = sct) => ({ coding: [{ system, code }] });

const isExcluded = (record: Resource) => lead([child, record], 'Denominator Exclusion') === true;
const isPregnant = (record: Resource) => {
  const found = weight([child, record], 'Pregnancies in Measurement Period');
  return Array.isArray(found) && found.length > 0;
};

describe('hospice care', () => {
  const stay = (status: string, period: object): Resource => ({
    ...about,
    resourceType: 'Encounter',
    status,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IMP' },
    type: [concept('305336008')],
    period,
  });
  const during = { start: '2026-03-01', end: '2026-03-09' };

  test.each([
    ['planned', false],
    ['arrived', false],
    ['cancelled', false],
    ['entered-in-error', false],
    ['unknown', false],
    ['in-progress', true],
    ['onleave', true],
    ['finished', true],
  ])('a stay that is %s: %s', (status, expected) => expect(isExcluded(stay(status, during))).toBe(expected));

  test.each([
    ['ends the day before', { start: '2025-12-01', end: '2025-12-31' }, false],
    ['ends on the first day', { start: '2025-12-01', end: '2026-01-01' }, true],
    ['goes on since before', { start: '2025-12-01' }, true],
    ['begins on the last day', { start: '2026-12-31' }, true],
    ['begins the day after', { start: '2027-01-01' }, false],
    ['has no start', { end: '2026-03-09' }, false],
    ['is dated by years only', { start: '2025', end: '2025' }, false],
  ])('a stay that %s', (_, period, expected) => expect(isExcluded(stay('finished', period))).toBe(expected));

  const procedure = (status: string, performed: object): Resource => ({
    ...about,
    resourceType: 'Procedure',
    status,
    code: concept('385763009'),
    ...performed,
  });

  test.each([
    ['preparation', false],
    ['not-done', false],
    ['on-hold', false],
    ['stopped', false],
    ['entered-in-error', false],
    ['in-progress', true],
    ['completed', true],
  ])('a service that is %s: %s', (status, expected) =>
    expect(isExcluded(procedure(status, { performedDateTime: '2026-03-01' }))).toBe(expected),
  );

  test.each([
    ['was the day before', { performedDateTime: '2025-12-31' }, false],
    ['was on the first day', { performedDateTime: '2026-01-01' }, true],
    ['reached into the first day', { performedPeriod: { start: '2025-12-20', end: '2026-01-01' } }, true],
    ['was over the day before', { performedPeriod: { start: '2025-12-20', end: '2025-12-31' } }, false],
    ['has only words', { performedString: 'last spring' }, false],
    ['has no day at all', {}, false],
  ])('a service that %s', (_, performed, expected) =>
    expect(isExcluded(procedure('completed', performed))).toBe(expected),
  );

  const order = (more: object): Resource => ({
    ...about,
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    code: concept('385763009'),
    authoredOn: '2026-03-01',
    ...more,
  });

  test.each([
    ...['proposal', 'plan', 'directive', 'option'].map((intent) => [{ intent }, false] as const),
    ...['order', 'original-order', 'reflex-order', 'filler-order', 'instance-order'].map(
      (intent) => [{ intent }, true] as const,
    ),
    ...['draft', 'on-hold', 'revoked', 'entered-in-error', 'unknown'].map((status) => [{ status }, false] as const),
    [{ status: 'completed' }, true] as const,
    [{ doNotPerform: true }, false] as const,
    [{ doNotPerform: false }, true] as const,
    [{ authoredOn: '2025-12-31T23:59:00-08:00' }, false] as const,
    [{ authoredOn: '2026-12-31T23:59:00-08:00' }, true] as const,
  ])('an order with %j: %s', (more, expected) => expect(isExcluded(order(more))).toBe(expected));

  const assessment = (more: object): Resource => ({
    ...about,
    resourceType: 'Observation',
    status: 'final',
    code: concept('45755-6', 'http://loinc.org'),
    effectiveDateTime: '2026-03-01',
    valueCodeableConcept: concept('373066001'),
    ...more,
  });

  test.each([
    [{ status: 'amended' }, true],
    [{ status: 'corrected' }, true],
    [{ status: 'preliminary' }, false],
    [{ status: 'entered-in-error' }, false],
    [{ valueCodeableConcept: concept('LA33-6', 'http://loinc.org') }, true],
    [{ valueCodeableConcept: concept('373067005') }, false],
    [{ valueCodeableConcept: concept('373066001', 'http://example.org/codes') }, false],
    [{ effectiveDateTime: '2025-12-31' }, false],
  ])('an assessment with %j: %s', (more, expected) => expect(isExcluded(assessment(more))).toBe(expected));
});

describe('a condition on the days of the period', () => {
  const pregnancy = (more: object): Resource => ({
    ...about,
    resourceType: 'Condition',
    clinicalStatus: concept('active', 'http://terminology.hl7.org/CodeSystem/condition-clinical'),
    code: concept('77386006'),
    onsetDateTime: '2025-06-01',
    ...more,
  });
  const clinical = (code: string) => ({
    clinicalStatus: concept(code, 'http://terminology.hl7.org/CodeSystem/condition-clinical'),
  });
  const verified = (code: string) => ({
    verificationStatus: concept(code, 'http://terminology.hl7.org/CodeSystem/condition-ver-status'),
  });

  test.each<[object, boolean]>([
    [clinical('active'), true],
    [clinical('recurrence'), true],
    [clinical('relapse'), true],
    [{ clinicalStatus: undefined }, true],
    [clinical('inactive'), false],
    [clinical('remission'), false],
    [clinical('resolved'), false],
    [verified('confirmed'), true],
    [verified('unconfirmed'), true],
    [verified('refuted'), false],
    [verified('entered-in-error'), false],
    [{ abatementDateTime: '2025-12-31' }, false],
    [{ abatementDateTime: '2026-01-01' }, true],
    [{ abatementPeriod: { start: '2025-12-30', end: '2026-01-01' } }, true],
    [{ abatementString: 'some time ago' }, false],
    [{ ...clinical('resolved'), onsetDateTime: '2025-12-31' }, false],
    [{ ...clinical('resolved'), onsetDateTime: '2026-01-01' }, true],
    [{ onsetDateTime: '2027-01-01' }, false],
    [{ onsetDateTime: undefined, onsetPeriod: { start: '2025-06-01' } }, true],
    [{ onsetDateTime: undefined, recordedDate: '2026-12-31' }, true],
    [{ onsetDateTime: undefined, onsetString: 'last year' }, false],
  ])('%j: %s', (more, expected) => expect(isPregnant(pregnancy(more))).toBe(expected));
});

test.each([
  ['registered', false],
  ['preliminary', false],
  ['cancelled', false],
  ['unknown', false],
  ['final', true],
  ['amended', true],
  ['corrected', true],
])('a result that is %s counts: %s', (status, expected) => {
  const result: Resource = {
    ...about,
    resourceType: 'Observation',
    status,
    code: concept('77307-7', 'http://loinc.org'),
    effectiveDateTime: '2025-03-10',
    valueQuantity: { value: 1.1, unit: 'ug/dL' },
  };
  expect(lead([child, result], 'Blood Lead Tested by Second Birthday')).toBe(expected);
});
