import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fail, ok, type Result } from '../../src/base/errors.ts';
import { limits } from '../../src/base/limits.ts';
import { claim } from '../../src/jobs/claim.ts';
import { finish } from '../../src/jobs/settle.ts';
import { createWorker, type Worker } from '../../src/jobs/worker.ts';
import type { Job } from '../../src/module.ts';
import type { NewJob } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let home: TestStore;
let now: number;
const clock = { now: () => new Date(now) };
beforeEach(async () => {
  now = Date.parse('2026-03-01T00:00:00Z');
  home = await createTestStore({ clock });
});
afterEach(() => home.drop());

const enqueue = (...jobs: NewJob[]) =>
  home.store.transact<void>(testActor, async (tx) => {
    for (const job of jobs) await tx.enqueue(job);
    return ok(undefined);
  });

function worker(run: (job: Job) => Promise<Result<void>>): Worker {
  return createWorker({ ...home, handlers: [{ kind: 'test', run }] });
}

const states = () =>
  home.store.query<{ key: string; state: string; attempt: number; last_error: string | null }>(
    'SELECT key, state, attempt, last_error FROM job ORDER BY key',
  );

describe('what must not happen', () => {
  test('a rolled back transaction queues nothing', async () => {
    await home.store.transact<void>(testActor, async (tx) => {
      await tx.enqueue({ kind: 'test', key: 'a' });
      return fail('invalid', 'no');
    });
    expect(await states()).toEqual([]);
  });

  test('an unfinished job is not queued twice', async () => {
    await enqueue({ kind: 'test', key: 'a' }, { kind: 'test', key: 'a' });
    await enqueue({ kind: 'test', key: 'a', payload: { latest: true } });
    const runs: Job[] = [];
    expect(await worker(async (job) => ok(void runs.push(job))).drain()).toBe(1);
    expect(runs).toEqual([{ kind: 'test', key: 'a', payload: { latest: true }, attempt: 1 }]);
  });

  test('a job of an unknown kind, and one that is not due, wait', async () => {
    await enqueue({ kind: 'unknown', key: 'a' }, { kind: 'test', key: 'later', runAt: new Date(now + 1000) });
    const some = worker(async () => ok(undefined));
    expect(await some.drain()).toBe(0);
    now += 1000;
    expect(await some.drain()).toBe(1);
  });

  test('two workers never run the same job', async () => {
    await enqueue(...Array.from({ length: 60 }, (_, n) => ({ kind: 'test', key: `k${n}` })));
    const runs: string[] = [];
    const run = async (job: Job) => ok(void runs.push(job.key));
    await Promise.all([worker(run).drain(), worker(run).drain()]);
    expect(runs.length).toBe(60);
    expect(new Set(runs).size).toBe(60);
  });

  test('a job that was enqueued in a transaction still open is not lost to a run before it', async () => {
    await enqueue({ kind: 'test', key: 'a' });
    const some = worker(async () => ok(undefined));
    await home.store.transact<void>(testActor, async (tx) => {
      await tx.query("UPDATE job SET payload = '{}' WHERE key = 'a'");
      expect(await some.drain()).toBe(0);
      return ok(undefined);
    });
    expect(await some.drain()).toBe(1);
  });

  test('one failing job does not keep the others from running', async () => {
    await enqueue({ kind: 'test', key: 'a' }, { kind: 'test', key: 'b' }, { kind: 'test', key: 'c' });
    await worker(async (job) => {
      if (job.key === 'a') throw new TypeError('a person');
      return job.key === 'b' ? fail('busy', 'later') : ok(undefined);
    }).drain();
    expect(await states()).toEqual([
      { key: 'a', state: 'ready', attempt: 1, last_error: 'internal' },
      { key: 'b', state: 'ready', attempt: 1, last_error: 'busy' },
      { key: 'c', state: 'done', attempt: 1, last_error: null },
    ]);
  });
});

describe('trying again', () => {
  test('back-off doubles, and after the last attempt the job is dead and stays so', async () => {
    await enqueue({ kind: 'test', key: 'a' });
    const some = worker(async () => fail('busy', 'no'));
    let seconds: number = limits.jobs.backoffBaseSeconds;
    for (let attempt = 1; attempt < limits.jobs.attempts; attempt++) {
      expect(await some.drain()).toBe(1);
      now += seconds * 1000 - 1;
      expect(await some.drain()).toBe(0);
      now += 1;
      seconds *= 2;
    }
    expect(await some.drain()).toBe(1);
    expect(await states()).toEqual([{ key: 'a', state: 'dead', attempt: limits.jobs.attempts, last_error: 'busy' }]);
    now += 1e9;
    expect(await some.drain()).toBe(0);
  });

  test('a dead job does not keep its name: it can be queued anew', async () => {
    await enqueue({ kind: 'test', key: 'a' });
    await home.store.query("UPDATE job SET state = 'dead'");
    await enqueue({ kind: 'test', key: 'a' });
    expect(await worker(async () => ok(undefined)).drain()).toBe(1);
  });

  test('queued again while running, it runs once more', async () => {
    await enqueue({ kind: 'test', key: 'a' });
    let runs = 0;
    const total = await worker(async () => {
      if (++runs === 1) await enqueue({ kind: 'test', key: 'a' }, { kind: 'test', key: 'b' });
      return ok(undefined);
    }).drain();
    expect(total).toBe(3);
    expect((await states()).map(({ state }) => state)).toEqual(['done', 'done']);
  });

  test('a worker that lost its lease cannot finish the job of the next one', async () => {
    await enqueue({ kind: 'test', key: 'a' });
    const lost = await claim(home.store, clock, ['test']);
    if (!lost) throw new Error('nothing claimed');
    const some = worker(async () => {
      await finish(home.store, clock, lost);
      return fail('busy', 'not yet');
    });
    expect(await some.drain()).toBe(0);
    now += limits.jobs.leaseSeconds * 1000 + 1;
    expect(await some.drain()).toBe(1);
    expect(await states()).toMatchObject([{ state: 'ready', attempt: 2 }]);
  });

  test('a job that takes its worker with it every time ends up dead', async () => {
    await enqueue({ kind: 'test', key: 'a' });
    const some = worker(async () => ok(undefined));
    await home.store.query("UPDATE job SET state = 'running', attempt = $1, lease_until = $2", [
      limits.jobs.attempts,
      new Date(now - 1).toISOString(),
    ]);
    expect(await some.drain()).toBe(0);
    expect(await states()).toMatchObject([{ state: 'dead', last_error: 'lease-expired' }]);
  });
});

describe('a started worker', () => {
  test('is woken by a commit, finishes what runs when stopped, and takes nothing after', async () => {
    const started = Promise.withResolvers<void>();
    const finished: string[] = [];
    const some = worker(async (job) => {
      started.resolve();
      await home.store.query('SELECT pg_sleep(0.1)');
      finished.push(job.key);
      return ok(undefined);
    });
    some.start();
    await enqueue({ kind: 'test', key: 'a' });
    await started.promise;
    await some.stop();
    expect(finished).toEqual(['a']);
    await enqueue({ kind: 'test', key: 'b' });
    expect(await states()).toMatchObject([
      { key: 'a', state: 'done' },
      { key: 'b', state: 'ready' },
    ]);
  });

  test('goes on after its connections were cut', async () => {
    const done = Promise.withResolvers<string>();
    const some = worker(async (job) => {
      done.resolve(job.key);
      return ok(undefined);
    });
    some.start();
    await home.store.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await enqueue({ kind: 'test', key: 'a' });
    expect(await done.promise).toBe('a');
    await some.stop();
  });
});
