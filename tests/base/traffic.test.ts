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
  const started = performance.now();
  await createTraffic().giveWay(60_000, 60_000);
  expect(performance.now() - started).toBeLessThan(1000);
});
