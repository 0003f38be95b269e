import { describe, expect, test } from '@jest/globals';
import { given, logicOf, over } from '../logic-of.ts';
import { show } from './show.ts';

/** Evaluated in New York, where clocks went forward on 2026-03-08 and back on 2026-11-01. */
const cases: [string, string, string][] = [
  ['Now()', '2026-01-01T03:00:00Z', '@2025-12-31T22:00:00.000-05:00'],
  ['Now()', '2026-07-01T03:00:00Z', '@2026-06-30T23:00:00.000-04:00'],
  ['Today()', '2026-01-01T03:00:00Z', '@2025-12-31'],
  ['Today()', '2026-01-01T05:00:00Z', '@2026-01-01'],
  ['TimeOfDay()', '2026-01-01T03:00:00Z', '@T22:00:00.000'],
  ['timezoneoffset from Now()', '2026-07-01T03:00:00Z', '-4.0'],
  // A time without an offset is on the clocks of the day that it names, not of the day of the evaluation.
  ['@2026-07-01T10:00:00', '2026-01-01T12:00:00Z', '@2026-07-01T10:00:00-04:00'],
  ['@2026-01-01T10:00:00', '2026-07-01T12:00:00Z', '@2026-01-01T10:00:00-05:00'],
  ['DateTime(2026, 7, 1, 10)', '2026-01-01T12:00:00Z', '@2026-07-01T10-04:00'],
  ['@2026-07-01T10:00:00 = @2026-07-01T14:00:00.000Z', '2026-01-01T12:00:00Z', 'true'],
  ["ToDateTime('2026-07-01T10:00')", '2026-01-01T12:00:00Z', '@2026-07-01T10:00-04:00'],
  ['ToDateTime(@2026-07-01) same day as @2026-07-01T23:00:00.000-04:00', '2026-01-01T12:00:00Z', 'true'],
  // A day is not known to be in its own hours: CQL compares part by part, and `day of` is how to ask.
  ['@2026-07-01T in Interval[@2026-07-01T00:00:00.000, @2026-07-01T23:59:59.999]', '2026-01-01T12:00:00Z', 'null'],
  ['date from @2026-07-01T02:00:00.000Z', '2026-01-01T12:00:00Z', '@2026-07-01'],
  ['time from @2026-07-01T02:00:00.000Z', '2026-01-01T12:00:00Z', '@T22:00:00.000'],
  ['AgeInYears()', '2026-03-05T04:59:59Z', '5'],
  ['AgeInYears()', '2026-03-05T05:00:00Z', '6'],
  // The hour between 2 and 3 did not happen; clocks showed 3:30 at the instant that is meant.
  ['@2026-03-08T03:30:00 = @2026-03-08T07:30:00.000Z', '2026-01-01T12:00:00Z', 'true'],
  ['hours between @2026-03-08T01:00:00 and @2026-03-08T04:00:00', '2026-01-01T12:00:00Z', '2'],
  ['days between @2026-03-08T00:00:00 and @2026-03-09T00:00:00', '2026-01-01T12:00:00Z', '1'],
  ['@2026-03-07T12:00:00 + 1 day', '2026-01-01T12:00:00Z', '@2026-03-08T12:00:00-05:00'],
];

describe('the time zone of the evaluation', () => {
  const text = cases.map(([cql], n) => `define "Case ${n}": ${cql}`).join('\n');
  const logic = logicOf(`library Zones version '1'\nusing FHIR version '4.0.1'\ncontext Patient\n${text}\n`);

  test.each(cases.map((entry, n) => [...entry, n] as const))('%s at %s is %s', (_cql, now, expected, n) => {
    expect(show(given(over(logic, [], 'America/New_York', now), `Case ${n}`))).toBe(expected);
  });

  test('one logic serves several zones and moments', () => {
    const [here, there] = [
      over(logic, [], 'America/New_York', '2026-01-01T03:00:00Z'),
      over(logic, [], 'Asia/Kolkata', '2026-01-01T20:00:00Z'),
    ];
    for (const evaluation of [here, there, here]) {
      expect(show(given(evaluation, 'Case 2'))).toBe(evaluation === here ? '@2025-12-31' : '@2026-01-02');
      expect(show(given(evaluation, 'Case 6'))).toBe(
        `@2026-07-01T10:00:00${evaluation === here ? '-04:00' : '+05:30'}`,
      );
    }
  });
});
