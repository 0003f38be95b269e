import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fail, ok, type Result } from '../../src/base/errors.ts';
import { limits } from '../../src/base/limits.ts';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import type { Change, Written } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let home: TestStore;
const seen: Change[] = [];
beforeAll(async () => {
  home = await createTestStore({
    checks: [
      {
        name: 'no-basic-named-refused',
        types: ['Basic'],
        check: async ({ after }) => (after?.language === 'xx' ? fail('unprocessable', 'refused') : ok(undefined)),
      },
    ],
    effects: [
      {
        name: 'remember',
        types: 'all',
        apply: async (change) => {
          seen.push(change);
          return ok(undefined);
        },
      },
    ],
  });
});
afterAll(() => home.drop());

const write = <T>(work: Parameters<typeof home.store.transact<T>>[1]) => home.store.transact(testActor, work);
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value;
};
const put = async (resource: Resource, ifMatch?: number) =>
  write<Written>((tx) => tx.update(resource, ifMatch === undefined ? {} : { ifMatch }));

describe('writes that are refused leave nothing', () => {
  test('a check refuses, and neither row nor history nor change is written', async () => {
    const answer = await put({ resourceType: 'Basic', id: 'refused', language: 'xx' });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unprocessable' } });
    expect(await home.store.read('Basic', 'refused')).toBeUndefined();
    expect(await home.store.query('SELECT 1 FROM change_log WHERE id = $1', ['refused'])).toEqual([]);
  });

  test('an error after a write undoes the write', async () => {
    const answer = await write<void>(async (tx) => {
      value(await tx.update({ resourceType: 'Basic', id: 'undone' }));
      return fail('invalid', 'no');
    });
    expect(answer.ok).toBe(false);
    expect(await home.store.read('Basic', 'undone')).toBeUndefined();
  });

  test('a thrown fault undoes the write and reaches the caller', async () => {
    const work = write<void>(async (tx) => {
      value(await tx.update({ resourceType: 'Basic', id: 'thrown' }));
      throw new Error('fault');
    });
    await expect(work).rejects.toThrow('fault');
    expect(await home.store.read('Basic', 'thrown')).toBeUndefined();
  });

  test('a swallowed SQL fault does not pass for success', async () => {
    const work = write<void>(async (tx) => {
      value(await tx.update({ resourceType: 'Basic', id: 'swallowed' }));
      await tx.query('SELECT 1 / 0').catch(() => undefined);
      return ok(undefined);
    });
    await expect(work).rejects.toThrow('broken');
    expect(await home.store.read('Basic', 'swallowed')).toBeUndefined();
  });

  test('a statement that comes after the end of its transaction is refused, not run outside of it', async () => {
    const late: Promise<unknown>[] = [];
    const answer = await write<void>(async (tx) => {
      for (const id of ['late1', 'late2', 'late3']) {
        late.push(tx.create({ resourceType: 'Basic' }, { id }).catch((error: unknown) => String(error)));
      }
      return fail('invalid', 'no');
    });
    expect(answer.ok).toBe(false);
    expect((await Promise.all(late)).at(-1)).toBe('Error: the transaction has ended');
    const references = ['late1', 'late2', 'late3'].map((id) => ({ type: 'Basic', id }));
    expect(await home.store.readMany(references)).toEqual([]);
  });

  test('create with a taken id is a conflict, and the transaction can go on', async () => {
    await put({ resourceType: 'Basic', id: 'taken' });
    const answer = await write(async (tx) => {
      expect(await tx.create({ resourceType: 'Basic' }, { id: 'taken' })).toMatchObject({
        ok: false,
        error: { kind: 'conflict' },
      });
      return tx.create({ resourceType: 'Basic' }, { id: 'free' });
    });
    expect(value(answer).outcome).toBe('created');
  });

  test('a resource with more index entries than one may have is refused, and holds nothing up', async () => {
    const name = Array.from({ length: limits.write.indexEntries / 2 + 1 }, (_, at) => ({ family: `x${at}` }));
    const answer = await put({ resourceType: 'Patient', id: 'too-many', name } as Resource);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'unprocessable', issues: [{ code: 'too-costly' }] } });
    expect(await home.store.read('Patient', 'too-many')).toBeUndefined();
  });

  test('If-Match of another version, or of nothing, is a precondition error', async () => {
    await put({ resourceType: 'Basic', id: 'matched' });
    expect(await put({ resourceType: 'Basic', id: 'matched', language: 'de' }, 2)).toMatchObject({
      ok: false,
      error: { kind: 'precondition' },
    });
    expect(await put({ resourceType: 'Basic', id: 'never' }, 1)).toMatchObject({ ok: false });
    expect(await write((tx) => tx.delete('Basic', 'matched', { ifMatch: 7 }))).toMatchObject({ ok: false });
    expect((await home.store.read('Basic', 'matched'))?.version).toBe(1);
  });
});

describe('a database that cannot serve', () => {
  test('a statement that takes too long is busy, not a fault, and undoes its transaction', async () => {
    const answer = await write<void>(async (tx) => {
      value(await tx.update({ resourceType: 'Basic', id: 'too-long' }));
      await tx.query("SET LOCAL statement_timeout = '20ms'");
      await tx.query('SELECT pg_sleep(10)');
      return ok(undefined);
    });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'busy' } });
    expect(await home.store.read('Basic', 'too-long')).toBeUndefined();
  });

  test('a connection cut in mid-transaction is busy, and the next transaction works', async () => {
    const answer = await write<void>(async (tx) => {
      await tx.query('SELECT pg_terminate_backend(pg_backend_pid())');
      return ok(undefined);
    });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'busy' } });
    expect((await put({ resourceType: 'Basic', id: 'after-cut' })).ok).toBe(true);
  });
});

describe('versions', () => {
  test('create sets id, version and time, keeps the rest of meta, and puts them first', async () => {
    const resource: Resource = {
      meta: { versionId: '9', lastUpdated: '1999-01-01T00:00:00Z', tag: [{ code: 't' }] },
      language: 'en',
      resourceType: 'Basic',
    };
    const { stored } = value(await write((tx) => tx.create(resource)));
    const read = await home.store.read('Basic', stored.id);
    expect(read).toEqual(stored);
    expect(read?.json).toBe(
      `{"resourceType":"Basic","id":"${stored.id}","meta":{"versionId":"1","lastUpdated":"${stored.lastUpdated}","tag":[{"code":"t"}]},"language":"en"}`,
    );
    expect(stored).toMatchObject({ version: 1, method: 'POST', deleted: false });
  });

  test('decimals keep their digits through create, read and unchanged detection', async () => {
    const text =
      '{"resourceType":"Observation","id":"decimal","valueQuantity":{"value":1.10},"component":[{"valueQuantity":{"value":1e2}}]}';
    await put(parseJson(text) as Resource);
    const read = await home.store.read('Observation', 'decimal');
    expect(read?.json).toContain('"value":1.10}');
    expect(read?.json).toContain('"value":1e2}');
    expect(value(await put(parseJson(text) as Resource)).outcome).toBe('unchanged');
    const other = text.replace('1.10', '1.1');
    expect(value(await put(parseJson(other) as Resource)).outcome).toBe('updated');
  });

  test('the same content in another order, with another versionId, is unchanged', async () => {
    await put({ resourceType: 'Basic', id: 'same', language: 'en', implicitRules: 'urn:x' });
    const again = {
      resourceType: 'Basic',
      id: 'same',
      implicitRules: 'urn:x',
      language: 'en',
      meta: { versionId: '5' },
    };
    expect(value(await put(again))).toMatchObject({ outcome: 'unchanged', stored: { version: 1 } });
    expect(value(await home.store.history('Basic', 'same', { count: 10 })).total).toBe(1);
  });

  test('update, delete and update again: every version stays readable', async () => {
    await put({ resourceType: 'Basic', id: 'life', language: 'en' });
    await put({ resourceType: 'Basic', id: 'life', language: 'de' });
    expect(value(await write((tx) => tx.delete('Basic', 'life')))?.outcome).toBe('deleted');
    expect(await home.store.read('Basic', 'life')).toMatchObject({
      deleted: true,
      version: 3,
      json: '',
      method: 'DELETE',
    });
    expect(value(await write((tx) => tx.delete('Basic', 'life')))?.outcome).toBe('unchanged');
    expect(await home.store.readMany([{ type: 'Basic', id: 'life' }])).toEqual([]);
    expect(value(await put({ resourceType: 'Basic', id: 'life', language: 'fr' }))).toMatchObject({
      outcome: 'created',
      stored: { version: 4 },
    });
    expect((await home.store.readVersion('Basic', 'life', 1))?.json).toContain('"en"');
    expect((await home.store.readVersion('Basic', 'life', 3))?.deleted).toBe(true);
    expect(await home.store.readVersion('Basic', 'life', 5)).toBeUndefined();
    const page = value(await home.store.history('Basic', 'life', { count: 3 }));
    expect(page.versions.map((version) => version.version)).toEqual([4, 3, 2]);
    const rest = value(await home.store.history('Basic', 'life', { count: 3, cursor: page.next ?? '' }));
    expect(rest.versions.map((version) => version.version)).toEqual([1]);
    expect(rest.next).toBeUndefined();
    expect(await home.store.history('Basic', 'never-was', { count: 3 })).toMatchObject({
      error: { kind: 'not-found' },
    });
  });

  test('deleting what never was is no error', async () => {
    expect(await write((tx) => tx.delete('Basic', 'never-was'))).toEqual({ ok: true, value: undefined });
  });

  test('effects see before, after and the stored version', async () => {
    seen.length = 0;
    await put({ resourceType: 'Basic', id: 'effect', language: 'en' });
    await put({ resourceType: 'Basic', id: 'effect', language: 'de' });
    await write((tx) => tx.delete('Basic', 'effect'));
    expect(
      seen.map(({ outcome, before, after, stored }) => [outcome, before?.language, after?.language, stored?.version]),
    ).toEqual([
      ['created', undefined, 'en', 1],
      ['updated', 'en', 'de', 2],
      ['deleted', 'de', undefined, 3],
    ]);
  });
});

describe('concurrency', () => {
  test('of many first writes to one id, one creates and the others become versions', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => put({ resourceType: 'Basic', id: 'race', language: `l${n}` })),
    );
    const outcomes = answers.map((answer) => value(answer).outcome).sort();
    expect(outcomes).toEqual(['created', ...Array(7).fill('updated')]);
    expect(value(await home.store.history('Basic', 'race', { count: 20 })).total).toBe(8);
  });

  test('two transactions that lock two rows crosswise both succeed: the deadlock is tried again', async () => {
    await put({ resourceType: 'Basic', id: 'left', language: 'aa' });
    await put({ resourceType: 'Basic', id: 'right', language: 'aa' });
    const cross = (first: string, second: string, language: string) =>
      write(async (tx) => {
        value(await tx.update({ resourceType: 'Basic', id: first, language }));
        return tx.update({ resourceType: 'Basic', id: second, language });
      });
    const rounds = Array.from({ length: 2 }, (_, n) => [
      cross('left', 'right', `x${n}`),
      cross('right', 'left', `y${n}`),
    ]);
    for (const answer of await Promise.all(rounds.flat())) expect(answer.ok).toBe(true);
    const [left, right] = await Promise.all([home.store.read('Basic', 'left'), home.store.read('Basic', 'right')]);
    expect(JSON.parse(left?.json ?? '').language).toBe(JSON.parse(right?.json ?? '').language);
  });

  test('statements of one transaction asked for at once run one after the other', async () => {
    const answer = await write(async (tx) => {
      const made = await Promise.all(
        ['a', 'b', 'c'].map((id) => tx.create({ resourceType: 'Basic' }, { id: `at-once-${id}` })),
      );
      return ok(made.every((one) => one.ok));
    });
    expect(answer).toEqual({ ok: true, value: true });
  });

  test('a named lock is held until the end of the transaction', async () => {
    const order: string[] = [];
    const locked = Promise.withResolvers<void>();
    const first = write(async (tx) => {
      await tx.lock('one name');
      locked.resolve();
      await tx.query('SELECT pg_sleep(0.05)');
      order.push('first');
      return ok(undefined);
    });
    await locked.promise;
    const second = write(async (tx) => {
      await tx.lock('one name');
      order.push('second');
      return ok(undefined);
    });
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
  });
});
