import { describe, expect, test } from '@jest/globals';
import { passwordProblem } from '../../../src/auth/people/password-rules.ts';
import { createPasswords } from '../../../src/auth/people/passwords.ts';
import { limits } from '../../../src/base/limits.ts';

const cheap = { N: 1024, r: 8, p: 1 };

async function hashed(password: string, costs = cheap): Promise<string> {
  const made = await createPasswords(costs).hash(password);
  if (!made.ok) throw new Error('busy');
  return made.value;
}

describe('passwords', () => {
  test.each([
    ['another', 'something else entirely', true],
    ['an empty one', '', true],
    ['one for an account that is not there', 'four plain words together', false],
  ])('%s is not right', async (_name, given, known) => {
    const stored = known ? await hashed('four plain words together') : undefined;
    expect(await createPasswords(cheap).verify(given, stored)).toEqual({ ok: true, value: false });
  });

  test('the same password is, also as another keyboard writes it, and after the costs were raised', async () => {
    const stored = await hashed('für vier Wörter gut');
    expect(stored).toMatch(/^scrypt\$1024\$8\$1\$/);
    const raised = createPasswords({ N: 2048, r: 8, p: 1 });
    expect(await raised.verify('für vier Wörter gut'.normalize('NFD'), stored)).toEqual({ ok: true, value: true });
  });

  test('two hashes of one password differ', async () => {
    expect(await hashed('four plain words together')).not.toBe(await hashed('four plain words together'));
  });

  test('TH-12 without a stored hash the same work is done', async () => {
    const passwords = createPasswords();
    const stored = await hashed('four plain words together', limits.people.scrypt);
    const timed = async (hash: string | undefined) => {
      const start = performance.now();
      await passwords.verify('a wrong password', hash);
      return performance.now() - start;
    };
    // The quickest of each, in turns, until they agree: what else the machine does only adds.
    let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const ratio = () => Math.max(known, unknown) / Math.min(known, unknown);
    for (let round = 0; round < 40 && (round < 4 || ratio() >= 2); round += 1) {
      known = Math.min(known, await timed(stored));
      unknown = Math.min(unknown, await timed(undefined));
    }
    expect(ratio()).toBeLessThan(2);
  });

  test('only so many wait: the next is told that we are busy', async () => {
    const passwords = createPasswords(cheap);
    const many = limits.people.hashesAtOnce + limits.people.hashesWaiting + 5;
    const answers = await Promise.all(Array.from({ length: many }, () => passwords.verify('x', undefined)));
    expect(answers.filter(({ ok }) => !ok)).toHaveLength(5);
    expect((await passwords.verify('x', undefined)).ok).toBe(true);
  });

  test('length counts in characters, not in bytes; no kind of character is asked for', () => {
    expect(passwordProblem('vier öde Wörter', 'somebody')).toBe(undefined);
    expect(passwordProblem('öööaaab', 'somebody')).toBe('short');
    expect(passwordProblem(`a long one ${'x'.repeat(2000)}`, 'somebody')).toBe('long');
  });
});
