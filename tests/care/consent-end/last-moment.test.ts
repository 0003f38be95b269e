import { describe, expect, test } from '@jest/globals';
import { endOf, isOver, lastDayOf } from '../../../src/care/consent-end/last-moment.ts';

const zone = 'America/New_York';

describe('until when a period lasts', () => {
  test.each([
    ['nothing', undefined, undefined],
    ['no date', 'soon', undefined],
    ['a day, the whole of it', '2026-05-31', '2026-06-01T04:00:00.000Z'],
    ['a day after which clocks are set back', '2026-10-31', '2026-11-01T04:00:00.000Z'],
    ['the day on which they are', '2026-11-01', '2026-11-02T05:00:00.000Z'],
    ['the last day of February in a leap year', '2028-02', '2028-03-01T05:00:00.000Z'],
    ['a month', '2026-12', '2027-01-01T05:00:00.000Z'],
    ['a year', '2026', '2027-01-01T05:00:00.000Z'],
    ['an instant', '2026-05-31T12:00:00-04:00', '2026-05-31T16:00:00.001Z'],
  ])('%s', (_, end, expected) => {
    expect(endOf(end === undefined ? undefined : { end }, zone)?.toISOString()).toBe(expected);
  });

  test('a day that begins at one o’clock, because midnight is skipped', () => {
    expect(endOf({ end: '2026-04-23' }, 'Africa/Cairo')?.toISOString()).toBe('2026-04-23T22:00:00.000Z');
  });

  test('it is over after its last moment and not at it', () => {
    const period = { start: '2026-05-01', end: '2026-05-31' };
    const at = (instant: string) => new Date(instant);
    expect(isOver(period, at('2026-06-01T03:59:59Z'), zone)).toBe(false);
    expect(isOver(period, at('2026-06-01T04:00:00Z'), zone)).toBe(true);
    expect(lastDayOf(period, zone)).toBe('2026-05-31');
    expect(lastDayOf({ start: '2026-05-01' }, zone)).toBeUndefined();
  });
});
