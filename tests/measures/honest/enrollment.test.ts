import { describe, expect, test } from '@jest/globals';
import {
  continuousEnrollmentText,
  isContinuouslyEnrolled,
  memberMonths,
} from '../../../src/measures/honest/enrollment.ts';

const year = { start: '2026-01-01', end: '2026-12-31' };

describe('member-months', () => {
  test.each([
    ['no coverage', [], 0],
    ['coverage of another year', [{ start: '2025-01-01', end: '2025-12-31' }], 0],
    ['coverage that ends before it starts', [{ start: '2026-05-10', end: '2026-05-01' }], 0],
    ['the whole year', [{ start: '2025-07-01' }], 12],
    ['coverage without dates', [{}], 12],
    ['one day of April', [{ start: '2026-04-30', end: '2026-04-30' }], 1 / 30],
    ['half of April', [{ start: '2026-04-01', end: '2026-04-15' }], 0.5],
    ['half of February', [{ start: '2026-02-15', end: '2026-02-28' }], 0.5],
    ['across a month’s end', [{ start: '2026-04-16', end: '2026-05-31' }], 1.5],
    [
      'the same months twice',
      [
        { start: '2026-03-01', end: '2026-04-30' },
        { start: '2026-04-01', end: '2026-05-31' },
      ],
      3,
    ],
  ])('%s', (_, covered, months) => {
    expect(memberMonths(covered, year)).toBeCloseTo(months, 9);
  });

  test('in a leap year February is shared by 29 days', () => {
    const leap = { start: '2024-01-01', end: '2024-12-31' };
    expect(memberMonths([{ start: '2024-02-29', end: '2024-02-29' }], leap)).toBeCloseTo(1 / 29, 12);
  });
});

describe('continuous enrollment', () => {
  const rule = { gaps: 1, gapDays: 45 };
  test.each([
    ['never covered', [], false],
    ['a gap of 46 days', [{ end: '2026-02-28' }, { start: '2026-04-16' }], false],
    ['a gap of 45 days', [{ end: '2026-02-28' }, { start: '2026-04-15' }], true],
    [
      'two short gaps',
      [{ end: '2026-02-28' }, { start: '2026-03-05', end: '2026-06-30' }, { start: '2026-07-02' }],
      false,
    ],
    ['45 days missing at the start', [{ start: '2026-02-15' }], true],
    ['46 days missing at the end', [{ end: '2026-11-15' }], false],
    ['two coverages that touch', [{ end: '2026-06-30' }, { start: '2026-07-01' }], true],
  ])('%s: %s', (_, covered, enrolled) => {
    expect(isContinuouslyEnrolled(covered, year, rule)).toBe(enrolled);
  });

  test('without a gap means every day', () => {
    expect(
      isContinuouslyEnrolled([{ end: '2026-06-29' }, { start: '2026-07-01' }], year, { gaps: 0, gapDays: 0 }),
    ).toBe(false);
    expect(isContinuouslyEnrolled([{}], year, { gaps: 0, gapDays: 0 })).toBe(true);
  });

  test('the anchor day has to be covered', () => {
    const late = [{ start: '2026-02-01' }];
    expect(isContinuouslyEnrolled(late, year, { ...rule, anchor: '2026-01-15' })).toBe(false);
    expect(isContinuouslyEnrolled(late, year, { ...rule, anchor: '2026-12-31' })).toBe(true);
  });

  test('the rule is said', () => {
    expect(continuousEnrollmentText({ ...rule, anchor: '2026-12-31' })).toBe(
      'Continuous enrollment: covered through the whole period with at most 1 gap of up to 45 days, and on 2026-12-31.',
    );
  });
});
