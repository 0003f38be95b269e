import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clockBehind, clockCommands } from '../../../src/access/audit/clock-behind.ts';
import { entry, openTrail, type TestTrail } from './support.ts';

let trail: TestTrail;
const now = { at: new Date('2026-11-23T12:00:00Z') };
beforeAll(async () => {
  trail = await openTrail(now);
});
afterAll(() => trail.drop());

const starts = async (at: string) => (await clockBehind(trail.store, new Date(at))).ok;

test('TH-65 a server does not start with a clock that stands before its trail, unless somebody says that it is right', async () => {
  expect(await starts('1970-01-01T00:00:00Z')).toBe(true);
  await trail.trail.record(entry());
  await trail.sealer.seal();
  expect(await starts('2026-11-23T11:54:00Z')).toBe(false);
  expect(await starts('2025-11-23T12:00:00Z')).toBe(false);
  // Servers beside each other differ by a little.
  expect(await starts('2026-11-23T11:58:00Z')).toBe(true);
  expect(await starts('2026-11-24T12:00:00Z')).toBe(true);
  const [accept] = clockCommands();
  const { store, clock, log } = trail;
  const given = { arguments: {}, text: () => undefined, flag: () => false, list: () => [], progress: () => {} };
  const done = await accept?.run({ ...given, store, clock, log, print: () => {} });
  expect([done?.ok, await starts('2026-11-23T11:00:00Z')]).toEqual([true, true]);
  // Said once, of what the trail held then.
  now.at = new Date('2026-11-23T13:00:00Z');
  await trail.trail.record(entry());
  await trail.sealer.seal();
  expect(await starts('2026-11-23T11:00:00Z')).toBe(false);
});
