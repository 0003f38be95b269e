import { describe, expect, test } from '@jest/globals';
import { dayText, timeText, today } from '../../src/web/shared/dates.ts';

describe('dayText', () => {
  test.each([[undefined], [''], ['not a date'], ['2026/01/01'], ['1']])('%s is no day', (date) => {
    expect(dayText(date)).toBe('');
  });

  test.each([
    ['2020', '2020'],
    ['2020-03', 'Mar 2020'],
    ['2020-03-30', 'Mar 30, 2020'],
    ['2024-02-29', 'Feb 29, 2024'],
  ])('a calendar date is that day, as far as it is known: %s', (date, text) => {
    expect(dayText(date)).toBe(text);
  });

  test('an instant is the day it was here', () => {
    const noon = new Date(2026, 10, 22, 12);
    expect(dayText(noon.toISOString())).toBe('Nov 22, 2026');
  });
});

test('today is the calendar day here, not that of UTC', () => {
  expect(today(new Date(2026, 0, 5, 0, 30))).toBe('2026-01-05');
  expect(today(new Date(2026, 11, 31, 23, 59))).toBe('2026-12-31');
});

test('a time of day is short', () => {
  expect(timeText(new Date(2026, 0, 5, 9, 41)).replace(/\s/g, ' ')).toBe('9:41 AM');
});
