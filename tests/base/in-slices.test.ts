import { expect, test } from '@jest/globals';
import { inSlices, type Steps, whole } from '../../src/base/in-slices.ts';

function* count(to: number): Steps<number> {
  let sum = 0;
  for (let at = 1; at <= to; at += 1) {
    sum += at;
    yield;
  }
  return sum;
}

test('in slices and as a whole the answer is the same; what throws is thrown', async () => {
  expect(whole(count(1000))).toBe(500_500);
  expect(await inSlices(count(1000))).toBe(500_500);
  expect(await inSlices(count(1000), 0)).toBe(500_500);
  const broken = (function* (): Steps<number> {
    yield;
    throw new Error('a fault');
  })();
  await expect(inSlices(broken, 0)).rejects.toThrow('a fault');
});

test('after each slice what else waits has its turn: two works go on side by side', async () => {
  const order: string[] = [];
  const told = function* (name: string): Steps<void> {
    for (let at = 0; at < 3; at += 1) {
      order.push(name);
      yield;
    }
  };
  await Promise.all([inSlices(told('a'), 0), inSlices(told('b'), 0)]);
  expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  order.length = 0;
  await Promise.all([inSlices(told('a'), 60_000), inSlices(told('b'), 60_000)]);
  expect(order).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
});
