import { describe, expect, test } from '@jest/globals';
import {
  achievementText,
  countsText,
  failureWords,
  periodText,
  referralText,
  rolesText,
  sourceText,
  statusText,
} from '../../src/web/shared/words.ts';

test('a code without a word is shown, never hidden', () => {
  expect([statusText('nullified'), achievementText('halfway there')]).toEqual(['nullified', 'halfway there']);
  expect(achievementText(undefined)).toBeUndefined();
});

test('no failure can be taken for an empty plan, and each says what to do', () => {
  for (const { title, help } of Object.values(failureWords)) {
    expect(`${title} ${help}`).not.toMatch(/no shared plan|not started|nothing is planned/i);
    expect(help).toMatch(/again|EHR|administrator/);
  }
});

test('work that is done stays visible until somebody has looked at the result', () => {
  expect(referralText({ state: 'completed', open: true })).toBe('Done, result not reviewed yet');
  expect(referralText({ state: 'completed', open: false })).toBe('Completed');
});

test('the kind of a source is said in words, once', () => {
  expect(sourceText({ kind: 'hospital', label: 'Lakeside' })).toBe('Hospital: Lakeside');
  expect(sourceText({ kind: 'here', label: 'Careweave' })).toBe('Careweave');
  expect(sourceText({ kind: 'family', label: 'Family' })).toBe('Family');
});

test('a role that the name says already is not said again', () => {
  expect(rolesText({ name: 'Ada Testwell (mother)', roles: ['Mother', 'Emergency contact'] })).toBe(
    'Emergency contact',
  );
});

describe('counts and periods', () => {
  test('one is one, and none is said', () => {
    const counts = { problems: 1, goals: 2, actions: 1, referrals: 0 };
    expect(countsText(counts)).toBe('1 problem, 2 goals, 1 action, 0 referrals');
  });

  test.each([
    ['2026-01-01 – …', 'since Jan 1, 2026'],
    ['… – 2026-02', 'until Feb 2026'],
    ['2025 – 2026-02-03', '2025 to Feb 3, 2026'],
    ['… – …', ''],
  ])('%s', (period, text) => {
    expect(periodText(period)).toBe(text);
  });
});
