import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { memberMonths } from '../../src/measures/honest/enrollment.ts';
import { summaryReport } from '../../src/measures/report/population.ts';
import type { Period } from '../../src/measures/types.ts';
import { dayNumber, isoDay } from './histories.ts';
import { houseMeasures, measureNamed, year2026 } from './house.ts';

/** What is observed of each child by the measures of utilization: time enrolled, visits, days in hospital. */

const house = houseMeasures();
const afterwards = new Date('2031-01-15T12:00:00Z');
const act = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';

const child = (birthDate = '2015-05-04', more: object = {}): Resource => ({
  resourceType: 'Patient',
  id: 'child',
  birthDate,
  ...more,
});
let made = 0;
function record(resourceType: string, more: object): Resource {
  made += 1;
  return { resourceType, id: `record-${made}`, subject: { reference: 'Patient/child' }, ...more };
}
const coverage = (start: string, end?: string) =>
  record('Coverage', { status: 'active', period: { start, ...(end && { end }) } });
const encounter = (code: string, start: string, end?: string, more: object = {}) =>
  record('Encounter', {
    status: 'finished',
    class: { system: act, code },
    period: { start, ...(end && { end }) },
    ...more,
  });
const visit = (start: string, end = start) => encounter('EMER', start, end);
const stay = (start: string, end?: string, more: object = {}) => encounter('IMP', start, end, more);

async function resultOf(
  name: string,
  resources: readonly Resource[],
  { period = year2026, now = afterwards }: { period?: Period; now?: Date } = {},
) {
  const result = await evaluateSubject(measureNamed(house, name), resources, period, { now, zone: 'UTC' });
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value;
}

type When = Parameters<typeof resultOf>[2];

/** By group what was observed: `member-months` and `days`. A group that the child is not in is left out. */
async function observed(name: string, resources: readonly Resource[], when?: When) {
  const { groups } = await resultOf(name, resources, when);
  return Object.fromEntries(groups.flatMap(({ group, units }) => units.map((unit) => [group, unit.observations])));
}
const total = async (name: string, resources: readonly Resource[], when?: When) =>
  (await observed(name, resources, when)).total;
const months = async (resources: readonly Resource[], when?: When) =>
  (await total('emergency-visits', resources, when))?.['member-months'];

describe('member-months', () => {
  test.each<[string, number | undefined, Resource[]]>([
    ['no coverage', undefined, []],
    ['the whole year', 12, [coverage('2025-01-01')]],
    ['exactly the year', 12, [coverage('2026-01-01', '2026-12-31')]],
    ['the first day only', 1 / 31, [coverage('2025-01-01', '2026-01-01')]],
    ['the last day only', 1 / 31, [coverage('2026-12-31')]],
    ['15 days of April', 0.5, [coverage('2026-04-01', '2026-04-15')]],
    ['15 days in the midst of April', 0.5, [coverage('2026-04-08', '2026-04-22')]],
    ['14 days of February', 0.5, [coverage('2026-02-01', '2026-02-14')]],
    ['February', 1, [coverage('2026-02-01', '2026-02-28')]],
    ['two halves of months', 17 / 31 + 15 / 30, [coverage('2026-03-15', '2026-04-15')]],
    ['all but a day', 12 - 1 / 31, [coverage('2026-01-01', '2026-12-30')]],
    ['a gap', 12 - 15 / 30, [coverage('2025-01-01', '2026-06-15'), coverage('2026-07-01')]],
    ['a gap of one day', 12 - 1 / 30, [coverage('2025-01-01', '2026-06-14'), coverage('2026-06-16')]],
    ['two that touch', 12, [coverage('2025-01-01', '2026-06-15'), coverage('2026-06-16')]],
    ['two that overlap', 12, [coverage('2025-01-01', '2026-08-20'), coverage('2026-06-16')]],
    ['one within another', 12, [coverage('2025-01-01'), coverage('2026-06-16', '2026-07-01')]],
    ['the same one twice', 6, [coverage('2026-01-01', '2026-06-30'), coverage('2026-01-01', '2026-06-30')]],
  ])('%s: %s', async (_what, expected, coverages) => {
    const found = await months([child(), ...coverages]);
    const reversed = await months([child(), ...coverages.toReversed()]);
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected, 7);
    expect(reversed).toBe(found);
  });

  test.each<[string, number, string, string]>([
    ['half of February in a leap year', 14 / 29, '2028-02-01', '2028-02-14'],
    ['February without its leap day', 28 / 29, '2028-02-01', '2028-02-28'],
    ['the leap day', 1 / 29, '2028-02-29', '2028-02-29'],
    ['the leap year', 12, '2027-06-01', '2029-06-01'],
  ])('%s', async (_what, expected, start, end) => {
    const period = { start: '2028-01-01', end: '2028-12-31' };
    expect(await months([child(), coverage(start, end)], { period })).toBeCloseTo(expected, 7);
  });

  test('of a quarter and of two years', async () => {
    const always = [child(), coverage('2020-01-01')];
    expect(await months(always, { period: { start: '2026-04-01', end: '2026-06-30' } })).toBe(3);
    expect(await months(always, { period: { start: '2025-01-01', end: '2026-12-31' } })).toBe(24);
  });

  test('the time to come is none yet: while the period runs its last day is today', async () => {
    const always = [child(), coverage('2020-01-01')];
    expect(await months(always, { now: new Date('2026-04-15T12:00:00Z') })).toBeCloseTo(3.5, 7);
    expect(await months(always, { now: new Date('2026-01-01T00:00:00Z') })).toBeCloseTo(1 / 31, 7);
    expect(await months(always, { now: new Date('2026-12-31T23:59:59Z') })).toBe(12);
    expect(await months(always, { now: new Date('2025-12-31T12:00:00Z') })).toBeUndefined();
    const later = [child(), coverage('2026-06-01')];
    expect(await months(later, { now: new Date('2026-04-15T12:00:00Z') })).toBeUndefined();
  });

  test('begin at birth and end with the day of death', async () => {
    const always = coverage('2020-01-01');
    expect(await months([child('2026-04-16'), always])).toBeCloseTo(8.5, 7);
    expect(await months([child('2015-05-04', { deceasedDateTime: '2026-04-15' }), always])).toBeCloseTo(3.5, 7);
    expect(await months([child('2015-05-04', { deceasedDateTime: '2026-04-15T23:00:00-08:00' }), always])).toBeCloseTo(
      3.5,
      7,
    );
  });

  test('are those of the age on each day, and the age groups sum to the total', async () => {
    // Turns one on 1 July.
    const turningOne = await observed('emergency-visits', [child('2025-07-01'), coverage('2025-07-01')]);
    expect(turningOne).toEqual({
      total: { 'member-months': 12 },
      'under-1': { 'member-months': 6 },
      'age-1-9': { 'member-months': 6 },
    });
    const turningTwenty = await observed('emergency-visits', [child('2006-03-01'), coverage('2025-07-01')]);
    expect(turningTwenty).toEqual({ total: { 'member-months': 2 }, 'age-10-19': { 'member-months': 2 } });
    const turningTwentyOne = await observed('inpatient-days', [child('2005-03-01'), coverage('2025-07-01')]);
    expect(turningTwentyOne).toEqual({ total: { 'member-months': 2 }, 'age-10-20': { 'member-months': 2 } });
    // Born on leap day: one year old on 28 February, so under one for January and 27 days.
    const leap = await observed('emergency-visits', [child('2024-02-29'), coverage('2024-03-01')], {
      period: { start: '2025-01-01', end: '2025-12-31' },
    });
    expect(leap['under-1']?.['member-months']).toBeCloseTo(1 + 27 / 28, 7);
    expect(leap['age-1-9']?.['member-months']).toBeCloseTo(10 + 1 / 28, 7);
  });

  test('agree with counting by month, whatever the coverage, and so do the age groups together', async () => {
    const first = dayNumber('2026-01-01');
    const near = fc.oneof(fc.integer({ min: -60, max: 430 }), fc.constantFrom(-1, 0, 1, 30, 31, 58, 59, 363, 364, 365));
    const span = fc.tuple(near, fc.option(fc.integer({ min: 0, max: 200 }), { nil: undefined }));
    const birth = fc.integer({ min: dayNumber('2025-01-10'), max: dayNumber('2026-01-01') }).map(isoDay);
    await fc.assert(
      fc.asyncProperty(birth, fc.array(span, { maxLength: 4 }), async (born, spans) => {
        const covered = spans.map(([start, length]) => ({
          start: isoDay(first + start),
          ...(length !== undefined && { end: isoDay(first + start + length) }),
        }));
        const coverages = covered.map(({ start, end }) => coverage(start, end));
        const found = await observed('emergency-visits', [child(born), ...coverages]);
        const expected = memberMonths(covered, year2026);
        expect(found.total?.['member-months'] ?? 0).toBeCloseTo(expected, 6);
        const bands = ['under-1', 'age-1-9'].map((group) => found[group]?.['member-months'] ?? 0);
        expect(bands.reduce((sum, each) => sum + each, 0)).toBeCloseTo(expected, 6);
      }),
      { numRuns: 200 },
    );
  });
});

describe('visits', () => {
  const always = coverage('2020-01-01');
  const days = async (...visits: Resource[]) => (await total('emergency-visits', [child(), always, ...visits]))?.days;

  test('are counted by day', async () => {
    expect(await days()).toBeUndefined();
    expect(await days(visit('2026-05-12'))).toBe(1);
    expect(await days(visit('2026-05-12'), visit('2026-05-12'))).toBe(1);
    expect(await days(visit('2026-05-12T08:00:00-08:00'), visit('2026-05-12T23:30:00-08:00'))).toBe(1);
    expect(await days(visit('2026-05-12'), visit('2026-05-13'), visit('2026-09-01'))).toBe(3);
    // Through the night: the day on which it began.
    expect(await days(visit('2026-05-12T22:00:00Z', '2026-05-13T04:00:00Z'))).toBe(1);
  });

  test('belong to the age of their day', async () => {
    const turningOne = [child('2025-07-01'), coverage('2025-07-01')];
    const found = await observed('emergency-visits', [
      ...turningOne,
      visit('2026-06-30'),
      visit('2026-07-01'),
      visit('2026-08-01'),
    ]);
    expect([found['under-1']?.days, found['age-1-9']?.days, found.total?.days]).toEqual([1, 2, 3]);
  });

  test('count on days enrolled only', async () => {
    const gap = [coverage('2026-01-01', '2026-05-12'), coverage('2026-05-14')];
    const found = await total('emergency-visits', [
      child(),
      ...gap,
      ...['2026-05-12', '2026-05-13', '2026-05-14'].map((day) => visit(day)),
    ]);
    expect(found?.days).toBe(2);
  });
});

describe('days in hospital', () => {
  const always = coverage('2020-01-01');

  test.each<[string, number | undefined, Resource[]]>([
    ['one night', 1, [stay('2026-05-12', '2026-05-13')]],
    ['no night', 1, [stay('2026-05-12', '2026-05-12')]],
    ['three nights', 3, [stay('2026-05-12', '2026-05-15')]],
    ['by the days as written', 1, [stay('2026-05-12T23:50:00-08:00', '2026-05-13T00:10:00-08:00')]],
    ['the end is not known', 1, [stay('2026-05-12')]],
    ['the end is before the start', 1, [stay('2026-05-12', '2026-05-01')]],
    ['over the turn of the year before', 1, [stay('2025-12-20', '2026-01-02')]],
    ['over the turn of the year after', 2, [stay('2026-12-30', '2027-01-20')]],
    ['the same stay twice', 3, [stay('2026-05-12', '2026-05-15'), stay('2026-05-12', '2026-05-15')]],
    ['two that overlap', 5, [stay('2026-05-12', '2026-05-15'), stay('2026-05-14', '2026-05-17')]],
    ['two that touch', 5, [stay('2026-05-12', '2026-05-15'), stay('2026-05-15', '2026-05-17')]],
    ['out and in again on one day', 2, [stay('2026-05-12', '2026-05-12'), stay('2026-05-13', '2026-05-13')]],
    ['two apart', 4, [stay('2026-05-12', '2026-05-15'), stay('2026-07-01', '2026-07-02')]],
    ['a whole leave of absence', 3, [stay('2027-01-01'), stay('2026-12-29', undefined, { status: 'onleave' })]],
    ['a planned one', undefined, [stay('2026-05-12', '2026-05-15', { status: 'planned' })]],
  ])('%s: %s', async (_what, expected, stays) => {
    expect((await total('inpatient-days', [child(), always, ...stays]))?.days).toBe(expected);
  });

  test('count on days enrolled, alive and of the age', async () => {
    const long = stay('2026-06-21', '2026-07-11');
    const daysOf = async (patient: Resource, ...coverages: Resource[]) =>
      (await total('inpatient-days', [patient, ...coverages, long]))?.days;
    expect(await daysOf(child(), always)).toBe(20);
    expect(await daysOf(child(), coverage('2026-07-01'))).toBe(10);
    expect(await daysOf(child(), coverage('2026-01-01', '2026-06-25'), coverage('2026-07-01'))).toBe(15);
    expect(await daysOf(child(), coverage('2026-01-01', '2026-06-25'), coverage('2026-06-23', '2026-06-30'))).toBe(10);
    expect(await daysOf(child('2015-05-04', { deceasedDateTime: '2026-06-25' }), always)).toBe(5);
    const bands = await observed('inpatient-days', [child('2025-07-01'), always, long]);
    expect([bands['under-1']?.days, bands['age-1-9']?.days, bands.total?.days]).toEqual([10, 10, 20]);
  });

  test('a stay that goes on lasts until today', async () => {
    const resources = [child(), always, stay('2026-04-10', undefined, { status: 'in-progress' })];
    expect((await total('inpatient-days', resources, { now: new Date('2026-04-15T12:00:00Z') }))?.days).toBe(6);
    expect((await total('inpatient-days', resources, { now: new Date('2026-04-09T12:00:00Z') }))?.days).toBeUndefined();
    // An end that is expected is not yet one.
    const expected = stay('2026-04-10', '2026-04-12', { status: 'in-progress' });
    const now = new Date('2026-04-15T12:00:00Z');
    expect((await total('inpatient-days', [child(), always, expected], { now }))?.days).toBe(6);
  });
});

test.each(['emergency-visits', 'inpatient-days'])(
  'a report of %s says its unit, the rule of member-months, and counts days by months',
  async (name) => {
    const measure = measureNamed(house, name);
    const events = name === 'inpatient-days' ? stay('2026-05-12', '2026-05-15') : visit('2026-05-12');
    const children = [
      [child(), coverage('2025-01-01'), events],
      [child(), coverage('2026-01-01', '2026-06-30')],
    ];
    const answers = [];
    for (const resources of children) {
      const { groups, supplemental } = await resultOf(name, resources);
      const counts = groups.map(({ group, units }) => ({ group, units: units.map((unit) => ({ ...unit, count: 1 })) }));
      answers.push({ children: 10, answer: { groups: counts, supplemental } });
    }
    const context = { measure, period: year2026, now: afterwards, zone: 'UTC', reporter: 'Example' };
    const report = summaryReport(context, answers, { failures: [], failed: 0, pending: 0 });
    // Ten children of twelve months and ten of six: 180 months.
    const days = name === 'inpatient-days' ? 30 : 10;
    expect(report).toMatchObject({
      group: [
        { id: 'total', measureScore: { unit: 'per 1,000 member-months' } },
        { id: 'under-1' },
        { id: 'age-1-9' },
        { id: expect.stringMatching(/^age-10/) },
      ],
    });
    const { group = [] } = report as { group?: { measureScore?: { value?: number } }[] };
    expect(group[0]?.measureScore?.value).toBeCloseTo((1000 * days) / 180, 6);
    // Nobody of that age: no score, and not 0.
    expect(group[1]?.measureScore).toBeUndefined();
    expect(JSON.stringify(report)).toContain('for every calendar month, the days enrolled in it');
  },
);
