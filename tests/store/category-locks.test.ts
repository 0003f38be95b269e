import { describe, expect, test } from '@jest/globals';
import { type Inheriting, sourceLockCount, sourceLocks } from '../../src/store/categories.ts';

const row = (self: number, sources: number[] = [], more: Partial<Inheriting> & { own?: bigint } = {}): Inheriting => {
  const { own = 0n, ...others } = more;
  const categories = { own, sources: sources.map(String), links: [] };
  return { self: String(self), categories, isAwaited: true, isDeleted: false, ...others };
};
const shared = (number: number) => ({ number, isExclusive: false });
const alone = (number: number) => ({ number, isExclusive: true });

describe('the locks of what is written together', () => {
  test('nothing for what has no categories and inherits from nothing', () => {
    expect(sourceLocks([row(1), row(2)])).toEqual([]);
  });

  test('each source, once and in order, shared; whoever may inherit from what is stored, alone', () => {
    expect(sourceLocks([row(9, [7, 3]), row(8, [3])])).toEqual([shared(3), shared(7), alone(8), alone(9)]);
  });

  test('what has categories of its own, alone, also where it is a source', () => {
    expect(sourceLocks([row(5, [], { own: 1n }), row(6, [5])])).toEqual([alone(5), alone(6)]);
  });

  test('a source that is written with it and has no categories gives none', () => {
    expect(sourceLocks([row(6, [5]), row(5)])).toEqual([shared(5)]);
    expect(sourceLocks([row(6, [5]), row(5, [4]), row(4, [6])])).toEqual([shared(4), shared(5), shared(6)]);
  });

  test('however far the categories come from, and whatever the order', () => {
    expect(sourceLocks([row(6, [5]), row(5, [4]), row(4, [], { own: 2n })])).toEqual([alone(4), alone(5), alone(6)]);
  });

  test('a source that is deleted with it keeps what is stored, which nobody here knows', () => {
    expect(sourceLocks([row(6, [5]), row(5, [], { isDeleted: true, isAwaited: false })])).toEqual([
      shared(5),
      alone(6),
    ]);
  });

  test('what nobody can have referred to needs no lock of its own', () => {
    const ours = { isAwaited: false };
    expect(sourceLocks([row(5, [], { own: 1n, ...ours }), row(6, [5], ours)])).toEqual([shared(5)]);
  });

  test('a lock is the same for every number that the database calls the same, below zero too', () => {
    const low = (number: number) => ((number % sourceLockCount) + sourceLockCount) % sourceLockCount;
    for (const source of [-1, -257, 255, 256, -(2 ** 40) - 3])
      expect(sourceLocks([row(1, [source], { isAwaited: false })])).toEqual([shared(low(source))]);
  });
});
