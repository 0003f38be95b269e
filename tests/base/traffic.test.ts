import { expect, test } from '@jest/globals';
import { createTraffic } from '../../src/base/traffic.ts';

test('work gives way while a request is under way, but not for ever', async () => {
  const traffic = createTraffic();
  const leave = traffic.enter();
  const started = performance.now();
  await traffic.giveWay(10, 60);
  expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  leave();
});

test('however many wait, requests that never pause let one of them pass at a time', async () => {
  const traffic = createTraffic();
  traffic.enter();
  const started = performance.now();
  const passed = await Promise.all(
    Array.from({ length: 3 }, () => traffic.giveWay(10, 40).then(() => performance.now() - started)),
  );
  const [first = 0, second = 0, third = 0] = passed.sort((a, b) => a - b);
  expect(first).toBeGreaterThanOrEqual(39);
  expect(second).toBeGreaterThanOrEqual(first + 39);
  expect(third).toBeGreaterThanOrEqual(second + 39);
});

test('work goes on a moment after the last request, however often its end is told', async () => {
  const traffic = createTraffic();
  const [first, second] = [traffic.enter(), traffic.enter()];
  first();
  first();
  let gone = false;
  const waiting = traffic.giveWay(10, 60_000).then(() => {
    gone = true;
  });
  await traffic.giveWay(5, 20);
  expect(gone).toBe(false);
  second();
  await waiting;
  expect(gone).toBe(true);
});

test('without requests there is nothing to wait for', async () => {
  // Were there anything to wait for, it would be longer than this test may take.
  await createTraffic().giveWay(600_000, 600_000);
});
