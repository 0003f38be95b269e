import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { dayNumber, isoDay } from './histories.ts';
import { houseMeasures } from './house.ts';
import { valuesOf } from './measure-logic.ts';

const house = houseMeasures();
const yearly = valuesOf(house, 'well-child-visits');

const patient = (birthDate: string): Resource => ({ resourceType: 'Patient', id: 'child', birthDate });
let made = 0;
function coverage(start: string | undefined, end?: string, more: object = {}): Resource {
  made += 1;
  return {
    resourceType: 'Coverage',
    id: `coverage-${made}`,
    status: 'active',
    beneficiary: { reference: 'Patient/child' },
    payor: [{ display: 'Example Plan' }],
    period: { ...(start && { start }), ...(end && { end }) },
    ...more,
  };
}
const enrollment = (...coverages: Resource[]) => yearly([patient('2020-05-05'), ...coverages], 'Enrollment');

describe('enrollment through the year 2026', () => {
  test.each<[string, string | null, Resource[]]>([
    ['nothing is known without any Coverage', null, []],
    ['a Coverage without a start cannot be placed', null, [coverage(undefined, '2026-12-31')]],
    ['a Coverage that starts in some month cannot be placed', null, [coverage('2026-01')]],
    ['a Coverage that ends in some month cannot be placed', null, [coverage('2025-01-01', '2026-12')]],
    ['a draft is none', null, [coverage('2025-01-01', undefined, { status: 'draft' })]],
    ['one entered in error is none', null, [coverage('2025-01-01', undefined, { status: 'entered-in-error' })]],
    ['a cancelled one without an end is none', null, [coverage('2025-01-01', undefined, { status: 'cancelled' })]],
    [
      'self-pay is none',
      null,
      [
        coverage('2025-01-01', undefined, {
          type: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/coverage-selfpay', code: 'pay' }],
          },
        }),
      ],
    ],
    ['from before, without an end', 'continuous', [coverage('2025-06-01')]],
    ['exactly the year', 'continuous', [coverage('2026-01-01', '2026-12-31')]],
    [
      'a cancelled one counts until its end',
      'continuous',
      [coverage('2026-01-01', '2026-12-31', { status: 'cancelled' })],
    ],
    ['two that touch', 'continuous', [coverage('2025-01-01', '2026-06-30'), coverage('2026-07-01')]],
    ['two that overlap', 'continuous', [coverage('2025-01-01', '2026-08-30'), coverage('2026-07-01')]],
    ['one within another', 'continuous', [coverage('2025-01-01'), coverage('2026-03-01', '2026-04-01')]],
    ['the same one twice', 'continuous', [coverage('2026-01-01', '2026-12-31'), coverage('2026-01-01', '2026-12-31')]],
    ['a gap of 45 days', 'continuous', [coverage('2025-01-01', '2026-03-31'), coverage('2026-05-16')]],
    ['a gap of 46 days', 'interrupted', [coverage('2025-01-01', '2026-03-31'), coverage('2026-05-17')]],
    ['a gap of 45 days at the start', 'continuous', [coverage('2026-02-15')]],
    ['a gap of 46 days at the start', 'interrupted', [coverage('2026-02-16')]],
    [
      'two short gaps',
      'interrupted',
      [coverage('2025-01-01', '2026-03-31'), coverage('2026-04-02', '2026-06-30'), coverage('2026-07-02')],
    ],
    ['a gap at the start and another', 'interrupted', [coverage('2026-01-02', '2026-06-30'), coverage('2026-07-02')]],
    ['not covered on the last day', 'interrupted', [coverage('2025-01-01', '2026-12-30')]],
    ['ended before the year', 'interrupted', [coverage('2024-01-01', '2025-12-31')]],
    ['begins after the year', 'interrupted', [coverage('2027-01-01')]],
    [
      'a gap that a third one fills',
      'continuous',
      [coverage('2025-01-01', '2026-03-31'), coverage('2026-08-01'), coverage('2026-04-01', '2026-07-31')],
    ],
  ])('%s', (_, expected, coverages) => {
    expect(enrollment(...coverages)).toBe(expected);
    expect(enrollment(...coverages.toReversed())).toBe(expected);
  });

  test('agrees with counting the days one by one', () => {
    const [first, last] = [dayNumber('2026-01-01'), dayNumber('2026-12-31')];
    const found = new Set<string>();
    const near = fc.oneof(fc.integer({ min: -60, max: 430 }), fc.constantFrom(-1, 0, 1, 44, 45, 46, 47, 363, 364, 365));
    const span = fc.tuple(near, fc.option(fc.constantFrom(20, 45, 60, 150, 200, 320, 400), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(span, { minLength: 1, maxLength: 4 }), (spans) => {
        const coverages = spans.map(([start, length]) =>
          coverage(isoDay(first + start), length === undefined ? undefined : isoDay(first + start + length)),
        );
        const covered = (day: number) =>
          spans.some(
            ([start, length]) => day >= first + start && (length === undefined || day <= first + start + length),
          );
        const gaps: number[] = [];
        for (let day = first, open = false; day <= last; open = !covered(day), day++)
          if (!covered(day)) gaps.push(open ? (gaps.pop() ?? 0) + 1 : 1);
        const expected =
          covered(last) && gaps.length <= 1 && gaps.every((length) => length <= 45) ? 'continuous' : 'interrupted';
        found.add(expected);
        expect(enrollment(...coverages)).toBe(expected);
      }),
      { numRuns: 300 },
    );
    expect(found.size).toBe(2);
  });
});

/** For each measure the days of its window: one uncovered day outside changes nothing, 46 uncovered days inside do. */
describe('the window of each measure', () => {
  test.each([
    ['childhood-immunization-status', 'Enrollment', '2024-03-10', '2025-03-10', '2026-03-10'],
    ['adolescent-immunizations', 'Enrollment', '2013-05-20', '2025-05-20', '2026-05-20'],
    ['lead-screening', 'Enrollment', '2024-03-10', '2025-03-10', '2026-03-10'],
    ['developmental-screening', 'Enrollment', '2025-06-15', '2025-06-15', '2026-06-15'],
    ['developmental-screening', 'Enrollment', '2024-06-15', '2025-06-15', '2026-06-15'],
    ['developmental-screening', 'Enrollment', '2023-06-15', '2025-06-15', '2026-06-15'],
    ['weight-counseling', 'Enrollment', '2016-05-05', '2026-01-01', '2026-12-31'],
    ['well-child-visits', 'Enrollment', '2016-05-05', '2026-01-01', '2026-12-31'],
    ['oral-evaluation', 'Enrollment', '2016-05-05', '2026-01-01', '2026-12-31'],
    ['topical-fluoride', 'Enrollment', '2016-05-05', '2026-01-01', '2026-12-31'],
    ['emergency-visits', 'Enrollment', '2016-05-05', '2026-01-01', '2026-12-31'],
    ['inpatient-days', 'Enrollment', '2016-05-05', '2026-01-01', '2026-12-31'],
    ['well-child-visits-first-30-months', 'Enrollment to 15 Months', '2025-02-10', '2025-03-13', '2026-05-11'],
    ['well-child-visits-first-30-months', 'Enrollment From 15 to 30 Months', '2024-03-10', '2025-06-09', '2026-09-06'],
  ])('%s, %s, born on %s', (name, definition, birth, start, end) => {
    const value = valuesOf(house, name);
    const shifted = (date: string, days: number) => isoDay(dayNumber(date) + days);
    const from = (first: string, last: string) => value([patient(birth), coverage(first, last)], definition);
    expect(from(start, end)).toBe('continuous');
    expect(from(shifted(start, 45), end)).toBe('continuous');
    expect(from(shifted(start, 46), end)).toBe('interrupted');
    expect(from(start, shifted(end, -1))).toBe('interrupted');
  });
});
