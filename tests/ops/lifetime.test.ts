import { describe, expect, test } from '@jest/globals';
import { fail, ok } from '../../src/base/errors.ts';
import { createLifetime } from '../../src/ops/lifetime.ts';

describe('a lifetime', () => {
  test('closes what is open, last opened first, once however often its end is asked for', async () => {
    const closed: string[] = [];
    const life = createLifetime(() => {});
    for (const part of ['database', 'hospitals', 'door'])
      await life.hold(Promise.resolve(ok(part)), async (name) => void closed.push(name));
    expect(life.ending).toBe(false);
    await Promise.all([life.end(), life.end()]);
    expect([life.ending, closed]).toEqual([true, ['door', 'hospitals', 'database']]);
  });

  test('waits for what is just being opened, and closes it', async () => {
    const closed: string[] = [];
    const life = createLifetime(() => {});
    const opening = Promise.withResolvers<ReturnType<typeof ok<string>>>();
    const held = life.hold(opening.promise, async (name) => void closed.push(name));
    const end = life.end();
    opening.resolve(ok('database'));
    await end;
    expect([await held, closed]).toEqual([ok('database'), ['database']]);
  });

  test('has nothing to close where opening failed or broke', async () => {
    const life = createLifetime(() => {});
    const never = async () => {
      throw new Error('closed what was never open');
    };
    expect(await life.hold(Promise.resolve(fail('conflict', 'taken')), never)).toMatchObject({ ok: false });
    await expect(life.hold(Promise.reject(new Error('broke')), never)).rejects.toThrow('broke');
    await life.end();
  });

  test('a part that does not close is told and keeps no other open', async () => {
    const closed: string[] = [];
    const told: unknown[] = [];
    const life = createLifetime((fault) => told.push(fault));
    await life.hold(Promise.resolve(ok('database')), async (name) => void closed.push(name));
    const stuck = new Error('stuck');
    await life.hold(Promise.resolve(ok('door')), () => Promise.reject(stuck));
    await life.end();
    expect([closed, told]).toEqual([['database'], [stuck]]);
  });
});
