import { describe, expect, test } from '@jest/globals';
import type { Hours } from '../../../src/care/emergency/first-call/hours.ts';
import { promiseOf } from '../../../src/care/same-day/promise.ts';
import { instantOf } from '../../../src/care/wall-clock.ts';

const promised = (at: string, zone = 'America/New_York', more: Partial<Hours> = {}) => {
  const { isToday, due, day } = promiseOf(new Date(at), { zone, ...more });
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

test('an hour that is skipped is after it, and one that comes twice the first', () => {
  const at = (date: string, time: string) => instantOf(date, time, 'America/New_York').toISOString();
  expect(at('2026-03-08', '02:30:00')).toBe('2026-03-08T07:30:00.000Z');
  expect(at('2026-03-08', '08:00:00')).toBe('2026-03-08T12:00:00.000Z');
  expect(at('2026-11-01', '01:30:00')).toBe('2026-11-01T05:30:00.000Z');
  expect(at('2026-11-01', '02:30:00')).toBe('2026-11-01T07:30:00.000Z');
});

describe('S1.20 by the hours of the practice', () => {
  const weekdays = ['mon', 'tue', 'wed', 'thu'];
  const available = [
    { daysOfWeek: weekdays, availableStartTime: '08:00:00', availableEndTime: '12:00:00' },
    { daysOfWeek: weekdays, availableStartTime: '14:00:00', availableEndTime: '18:30:00' },
    { daysOfWeek: ['fri'], availableStartTime: '13:00:00', availableEndTime: '15:00:00' },
    { daysOfWeek: ['sat'], availableStartTime: '09:00:00', availableEndTime: '11:00:00' },
  ];
  const notAvailable = [
    { description: 'Thanksgiving', during: { start: '2026-11-26', end: '2026-11-26' } },
    { description: 'Meeting', during: { start: '2026-11-30T15:00:00-05:00', end: '2026-11-30T20:00:00-05:00' } },
    { description: 'Without a day' },
    { description: 'Holidays', during: { start: '2026-12-24', end: '2027-01-03' } },
    { description: 'Works', during: { start: '2027-02', end: '2027-02' } },
  ];
  test.each([
    ['a Monday morning: until it closes', '2026-11-23T09:00:00-05:00', true, '2026-11-23T18:30:00-05:00'],
    ['Monday at noon: by noon of Tuesday', '2026-11-23T12:00:00-05:00', false, '2026-11-24T12:00:00-05:00'],
    [
      'before a holiday: by the day after it, open from one only',
      '2026-11-25T15:00:00-05:00',
      false,
      '2026-11-27T15:00:00-05:00',
    ],
    ['on the holiday itself', '2026-11-26T09:00:00-05:00', false, '2026-11-27T15:00:00-05:00'],
    ['on a Saturday on which it is open', '2026-11-28T09:15:00-05:00', true, '2026-11-28T11:00:00-05:00'],
    ['in its last hour: by noon of the next day', '2026-11-28T10:01:00-05:00', false, '2026-11-30T12:00:00-05:00'],
    [
      'a Friday afternoon: by when it closes on Saturday',
      '2026-11-27T16:00:00-05:00',
      false,
      '2026-11-28T11:00:00-05:00',
    ],
    ['a day that ends early', '2026-11-30T09:00:00-05:00', true, '2026-11-30T15:00:00-05:00'],
    ['before Christmas: in the new year', '2026-12-23T13:00:00-05:00', false, '2027-01-04T12:00:00-05:00'],
    ['before a month without anybody', '2027-01-30T12:00:00-05:00', false, '2027-03-01T12:00:00-05:00'],
  ])('S1.20 asked on %s', (_, at, isToday, due) => {
    const day = due.slice(0, 10);
    expect(promised(at, 'America/New_York', { available, notAvailable })).toEqual([
      isToday,
      new Date(due).toISOString(),
      day,
    ]);
  });

  test('S1.20 holidays count also where no hours are written down; open day and night it is five o’clock; closed for good it is the fixed days', () => {
    const thanksgiving = { notAvailable };
    expect(promised('2026-11-26T09:00:00-05:00', undefined, thanksgiving)).toEqual([
      false,
      '2026-11-27T17:00:00.000Z',
      '2026-11-27',
    ]);
    const always = { available: [{ allDay: true }] };
    expect(promised('2026-11-28T09:00:00-05:00', undefined, always)).toEqual([
      true,
      '2026-11-28T22:00:00.000Z',
      '2026-11-28',
    ]);
    const never = { available, notAvailable: [{ description: 'Closed', during: { start: '2020-01-01' } }] };
    expect(promised('2026-11-23T09:00:00-05:00', undefined, never)).toEqual([
      true,
      '2026-11-23T22:00:00.000Z',
      '2026-11-23',
    ]);
  });
});
