import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalStates } from '../../../src/care/referral/canonical-state.ts';
import { addBusinessDays, dueOf } from '../../../src/care/referral/clock.ts';

const friday = new Date('2026-03-06T15:00:00Z');
const due = (...[state, task = {}]: [Parameters<typeof dueOf>[0], Parameters<typeof dueOf>[2]?]) =>
  dueOf(state, friday, task)?.toISOString();

describe('D9 the clocks of a referral', () => {
  test.each([
    ['sent', '2026-03-10T15:00:00.000Z'],
    ['seen', '2026-03-10T15:00:00.000Z'],
    ['more-information', '2026-03-13T15:00:00.000Z'],
    ['accepted', '2026-03-20T15:00:00.000Z'],
    ['no-show', '2026-03-11T15:00:00.000Z'],
    ['visit-done', '2026-03-20T15:00:00.000Z'],
    ['waitlisted', '2026-04-05T15:00:00.000Z'],
    ['declined', '2026-03-09T15:00:00.000Z'],
    ['completed', '2026-03-20T15:00:00.000Z'],
    ['draft', '2026-03-13T15:00:00.000Z'],
  ] as const)('D9 %s on a Friday is overdue %s', (state, expected) => {
    expect(due(state)).toBe(expected);
  });

  test('D9 an urgent one waits four hours for an answer, and no shorter for anything else', () => {
    for (const priority of ['urgent', 'asap', 'stat'] as const)
      expect(due('sent', { priority })).toBe('2026-03-06T19:00:00.000Z');
    expect(due('accepted', { priority: 'stat' })).toBe(due('accepted'));
    expect(due('sent', { priority: 'routine' })).toBe(due('sent'));
  });

  test('D9 an appointment is asked about the day after; without a date after sixty days', () => {
    expect(due('scheduled', { executionPeriod: { start: '2026-05-04T09:00:00Z' } })).toBe('2026-05-05T09:00:00.000Z');
    expect(due('scheduled')).toBe('2026-05-05T15:00:00.000Z');
  });

  test('D9 what is over has no clock', () => {
    const still = canonicalStates.filter((state) => due(state) === undefined);
    expect(still).toEqual(['loop-closed', 'cancelled', 'entered-in-error']);
  });

  const someDay = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  const someDays = fc.integer({ min: 1, max: 30 });

  test('D9 business days: so many whole weekdays lie between, and none ends on a weekend', () => {
    fc.assert(
      fc.property(someDay, someDays, (from, days) => {
        const to = addBusinessDays(from, days);
        let weekdayMs = 0;
        const hour = 3_600_000;
        for (let at = Math.ceil(from.getTime() / hour) * hour; at < to.getTime(); at += hour)
          if (![0, 6].includes(new Date(at).getUTCDay())) weekdayMs += hour;
        // Counted hour by hour: what is left over of the first and the last is less than one.
        expect(Math.abs(weekdayMs - days * 24 * hour)).toBeLessThanOrEqual(hour);
        expect([0, 6]).not.toContain(to.getUTCDay());
      }),
    );
  });

  test('D9 business days: who was asked later is not sooner late', () => {
    fc.assert(
      fc.property(someDay, someDay, someDays, (one, other, days) => {
        const [first, second] = one <= other ? [one, other] : [other, one];
        expect(addBusinessDays(first, days).getTime()).toBeLessThanOrEqual(addBusinessDays(second, days).getTime());
      }),
    );
  });
});
