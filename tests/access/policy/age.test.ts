import { describe, expect, test } from '@jest/globals';
import { bandForOthers, bandForSelf, rememberedDate } from '../../../src/access/policy/age.ts';
import { isWithin } from '../../../src/access/policy/period.ts';
import { unwrap } from '../../support/house.ts';
import { policyReader } from '../../support/policy-reader.ts';

const policy = unwrap(policyReader().shipped());
const others = (birthDate: unknown, at: string) => bandForOthers(birthDate, policy, new Date(at));
const self = (birthDate: unknown, at: string) => bandForSelf(birthDate, policy, new Date(at));

describe('how old somebody is', () => {
  test('PP-04 a birth date that is missing, malformed or to come is a teen’s for others and a child’s for the person', () => {
    for (const birthDate of [undefined, '', 'yesterday', '2014-13-99x', 2014, '2090-01-01']) {
      expect([birthDate, others(birthDate, '2026-11-23T12:00:00Z')]).toEqual([birthDate, 'teen']);
      expect([birthDate, self(birthDate, '2026-11-23T12:00:00Z')]).toEqual([birthDate, 'child']);
    }
  });

  test('PP-04 the threshold is midnight in the time zone of the policy, to the second, summer and winter', () => {
    expect(others('2014-11-24', '2026-11-24T04:59:59Z')).toBe('child');
    expect(others('2014-11-24', '2026-11-24T05:00:00Z')).toBe('teen');
    expect(others('2014-07-01', '2026-07-01T03:59:59Z')).toBe('child');
    expect(others('2014-07-01', '2026-07-01T04:00:00Z')).toBe('teen');
    expect(others('2008-11-24', '2026-11-24T04:59:59Z')).toBe('teen');
    expect(others('2008-11-24', '2026-11-24T05:00:00Z')).toBe('adult');
  });

  test('PP-04 born on 29 February: for others on the 28th, for the person on 1 March', () => {
    expect(others('2016-02-29', '2028-02-28T12:00:00Z')).toBe('child');
    expect(others('2016-02-29', '2028-02-29T12:00:00Z')).toBe('teen');
    expect(others('2012-02-29', '2030-02-27T12:00:00Z')).toBe('teen');
    expect(others('2012-02-29', '2030-02-28T12:00:00Z')).toBe('adult');
    expect(self('2012-02-29', '2030-02-28T12:00:00Z')).toBe('teen');
    expect(self('2012-02-29', '2030-03-01T12:00:00Z')).toBe('adult');
  });

  test('PP-04 of a year or a month, doubt takes from others and does not give to the person', () => {
    expect(others('2014-11', '2026-10-31T12:00:00Z')).toBe('child');
    expect(others('2014-11', '2026-11-01T12:00:00Z')).toBe('teen');
    expect(others('2014', '2026-01-01T12:00:00Z')).toBe('teen');
    expect(self('2014-11', '2026-11-29T12:00:00Z')).toBe('child');
    expect(self('2014-11', '2026-11-30T12:00:00Z')).toBe('teen');
    expect(self('2014', '2026-12-30T12:00:00Z')).toBe('child');
  });

  test('PP-22 a period ends with its last day, in the time zone of the policy; what cannot be read is neither in nor out', () => {
    const within = (period: unknown, at: string) => isWithin(period, new Date(at), policy.timeZone);
    expect(within({ end: '2026-06-30' }, '2026-07-01T03:59:59Z')).toBe(true);
    expect(within({ end: '2026-06-30' }, '2026-07-01T04:00:00Z')).toBe(false);
    expect(within({ start: '2026-07' }, '2026-07-01T03:59:59Z')).toBe(false);
    expect(within({ start: '2026-07-01T10:00:00+02:00' }, '2026-07-01T08:00:00Z')).toBe(true);
    for (const period of ['2026', { end: 'soon' }, { end: '2026-07-01T10:00:00' }, { start: 5 }])
      expect([period, within(period, '2026-07-01T08:00:00Z')]).toEqual([period, undefined]);
  });

  test('a date that is remembered changes with midnight, with the clock set back, and with the time zone', () => {
    const dateOf = rememberedDate();
    const at = (instant: string, timeZone = 'America/New_York') => dateOf(new Date(instant), timeZone);
    expect(at('2026-07-01T03:59:59.999Z')).toBe('2026-06-30');
    expect(at('2026-07-01T04:00:00Z')).toBe('2026-07-01');
    expect(at('2026-07-01T03:59:59.999Z')).toBe('2026-06-30');
    expect(at('2026-07-01T03:59:59.999Z', 'Asia/Kathmandu')).toBe('2026-07-01');
    expect(at('2026-06-30T18:14:59.999Z', 'Asia/Kathmandu')).toBe('2026-06-30');
    expect(at('2026-06-30T18:15:00Z', 'Asia/Kathmandu')).toBe('2026-07-01');
  });
});
