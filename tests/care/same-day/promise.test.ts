import { expect, test } from '@jest/globals';
import { instantOf, promiseOf } from '../../../src/care/same-day/promise.ts';

const promised = (at: string, zone = 'America/New_York') => {
  const { isToday, due, day } = promiseOf(new Date(at), zone);
  return [isToday, due.toISOString(), day];
};

test.each([
  // Monday, winter: New York is five hours behind.
  ['2026-11-23T11:59:59-05:00', true, '2026-11-23T22:00:00.000Z', '2026-11-23'],
  ['2026-11-23T12:00:00-05:00', false, '2026-11-24T17:00:00.000Z', '2026-11-24'],
  // Still Monday there, Tuesday in UTC.
  ['2026-11-24T03:00:00Z', false, '2026-11-24T17:00:00.000Z', '2026-11-24'],
  // Friday afternoon, and the weekend.
  ['2026-11-27T13:00:00-05:00', false, '2026-11-30T17:00:00.000Z', '2026-11-30'],
  ['2026-11-28T09:00:00-05:00', false, '2026-11-30T17:00:00.000Z', '2026-11-30'],
  // The weekend on which clocks go forward.
  ['2026-03-06T13:00:00-05:00', false, '2026-03-09T16:00:00.000Z', '2026-03-09'],
])('S1.20 asked at %s', (at, isToday, due, day) => {
  expect(promised(at)).toEqual([isToday, due, day]);
});

test('S1.20 noon is that of the practice, not of the server', () => {
  expect(promised('2026-11-23T17:30:00Z', 'America/Los_Angeles')[0]).toBe(true);
  expect(promised('2026-11-23T17:30:00Z', 'America/New_York')[0]).toBe(false);
  expect(promised('2026-11-23T17:30:00Z', 'UTC')[0]).toBe(false);
});

test('an hour that is skipped is the moment after it', () => {
  const at = instantOf('2026-03-08', '02:30:00', 'America/New_York').getTime();
  expect([Date.parse('2026-03-08T06:30:00Z'), Date.parse('2026-03-08T07:30:00Z')]).toContain(at);
});
