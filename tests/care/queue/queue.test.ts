import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import { escalateOverdue } from '../../../src/care/queue/escalate-job.ts';
import { reasonsOf } from '../../../src/care/queue/work-queue.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';
import { enlist } from '../support/people.ts';

const now = { at: new Date('2026-03-06T15:00:00Z') };
const clock = { now: () => now.at };
const { module } = createCare({ clock });
let http: TestHttp;

beforeAll(async () => {
  const { checks = [], effects = [], conclusions = [], operations = [] } = module;
  http = await startHttp({ operations }, { checks, effects, conclusions, clock });
  await enlist(http.store, asks.reference, does.reference);
});
afterAll(() => http.close());
beforeEach(async () => {
  now.at = new Date('2026-03-06T15:00:00Z');
  await http.store.query('DELETE FROM task_clock');
});

const asks = { reference: 'Practitioner/asks' };
const does = { reference: 'Organization/pantry' };
let made = 0;
/** A referral of its own, with the request it fulfills. */
async function refer(more: object = {}): Promise<string> {
  made += 1;
  const id = `referral-${made}`;
  const focus = { reference: `ServiceRequest/request-${made}` };
  await a.put(http.store, a.coordinator, a.request(`request-${made}`, 'Food pantry'));
  await a.put(
    http.store,
    a.coordinator,
    a.task(id, 'Food', { intent: 'order', focus, requester: asks, owner: does, ...more }),
  );
  return id;
}
async function move(id: string, more: object): Promise<void> {
  const before = a.parsed<Resource>(await http.store.read('Task', id));
  await a.put(http.store, a.coordinator, { ...before, ...more });
}
async function run(): Promise<void> {
  const job = { kind: 'care.escalate', key: 'all', payload: {}, attempt: 1 };
  expect((await escalateOverdue.run(job, { store: http.store, log: http.log, clock })).ok).toBe(true);
}
const escalationsOf = async (id: string) => {
  const { json } = await http.send('GET', `/fhir/Task?focus=Task/${id}&_sort=_lastUpdated`);
  return ((json.entry ?? []) as { resource: any }[]).map(({ resource }) => resource);
};
const rows = () =>
  http.store.query<{ task_id: string; state: string }>('SELECT task_id, state FROM task_clock ORDER BY task_id');
const later = (days: number) => {
  now.at = new Date(now.at.getTime() + days * 86_400_000);
};

describe('D9 a referral that waits too long', () => {
  test('D9 is told of once, to whoever asked, and is not touched', async () => {
    const id = await refer();
    await run();
    expect(await escalationsOf(id)).toEqual([]);
    later(5);
    const before = (await http.store.read('Task', id))?.version;
    await run();
    await run();
    const [escalation, ...more] = await escalationsOf(id);
    expect(more).toEqual([]);
    expect(escalation).toMatchObject({
      status: 'requested',
      owner: asks,
      for: a.child,
      focus: { reference: `Task/${id}` },
    });
    expect(escalation.description).toMatch(/nobody has answered/);
    expect((await http.store.read('Task', id))?.version).toBe(before);
  });

  test('D9 when it moves on, that Task is done; where it then stands too long, there is another', async () => {
    const id = await refer();
    later(5);
    await run();
    await move(id, { status: 'accepted' });
    expect(await escalationsOf(id)).toMatchObject([{ status: 'completed' }]);
    later(20);
    await run();
    expect((await escalationsOf(id)).map(({ status }) => status)).toEqual(['completed', 'requested']);
  });

  test('D9 a change that leaves it where it is neither restarts its clock nor ends the Task', async () => {
    const id = await refer();
    later(1);
    await move(id, { note: [{ text: 'Called twice' }] });
    later(4);
    await run();
    await move(id, { note: [{ text: 'Called again' }] });
    expect(await escalationsOf(id)).toMatchObject([{ status: 'requested' }]);
  });

  test('D9 a promised day comes before the clock', async () => {
    const id = await refer({ restriction: { period: { end: '2026-03-07T12:00:00Z' } } });
    later(1);
    await run();
    expect(await escalationsOf(id)).toHaveLength(1);
  });

  test('D9 declined, it has to go to somebody else; a new Task for the request ends that', async () => {
    const id = await refer();
    await move(id, { status: 'rejected', statusReason: { text: 'Full' } });
    later(4);
    await run();
    expect((await escalationsOf(id))[0].description).toMatch(/Ask somebody else/);
    const request = `request-${made}`;
    await a.put(
      http.store,
      a.coordinator,
      a.task('other-pantry', 'Food', { focus: { reference: `ServiceRequest/${request}` }, requester: asks }),
    );
    expect((await rows()).map(({ task_id }) => task_id)).not.toContain(id);
  });

  test('D9 the loop closed, cancelled or in error, nothing waits; deleted neither', async () => {
    const status = {
      coding: [{ system: 'http://careweave.org/fhir/CodeSystem/referral-status', code: 'requester-acknowledged' }],
    };
    const closed = await refer({ status: 'completed', businessStatus: status });
    const cancelled = await refer({ status: 'cancelled', statusReason: { text: 'Moved away' } });
    const deleted = await refer();
    await http.store.transact(a.correcting, (tx) => tx.delete('Task', deleted));
    const waiting = (await rows()).map(({ task_id }) => task_id);
    for (const id of [closed, cancelled, deleted]) expect(waiting).not.toContain(id);
  });

  test('D9 two runs at once tell of it once', async () => {
    const id = await refer();
    later(5);
    await Promise.all([run(), run(), run()]);
    expect(await escalationsOf(id)).toHaveLength(1);
  });

  test('Tasks from before there were clocks get one from their last change', async () => {
    const id = await refer();
    const { lastUpdated = '' } = (await http.store.read('Task', id)) ?? {};
    await http.store.query('DELETE FROM task_clock');
    await http.store.query(
      'INSERT INTO task_clock (task_id, entered_at, changed_at) VALUES ($1, $2, $2), ($3, $2, $2)',
      [id, lastUpdated, 'never-was'],
    );
    later(5);
    await run();
    expect(await escalationsOf(id)).toHaveLength(1);
    expect(await rows()).toContainEqual({ task_id: id, state: 'sent' });
    expect((await rows()).map(({ task_id }) => task_id)).not.toContain('never-was');
  });
});

describe('Task/$work-queue', () => {
  const ask = (query = '', as = 'all') => http.send('GET', `/fhir/Task/$work-queue${query}`, { as });
  const items = ({ json }: { json: any }) =>
    ((json.parameter ?? []) as { name: string; part: any[] }[])
      .filter(({ name }) => name === 'item')
      .map(({ part }) => ({
        id: part.find(({ name }) => name === 'task').resource.id as string,
        reasons: part.filter(({ name }) => name === 'reason').map(({ valueCode }) => valueCode as string),
      }));

  test.each([
    ['?reason=late', 'reason'],
    ['?patient=Group/1', 'patient'],
    ['?_count=0', '_count'],
    ['?_count=many', '_count'],
    ['?after=nonsense', 'after'],
    ['?unheard=1', 'unheard'],
  ])('refuses %s and names it', async (query, named) => {
    const answer = await ask(query);
    expect(answer.status).toBe(400);
    expect(answer.json.issue[0].details.text).toContain(named);
  });

  test('is nothing for a token that does not reach Tasks', async () => {
    expect((await ask('', 'goals')).status).toBe(403);
  });

  test('S1.12 says of each why: overdue, due, nobody’s, untouched', async () => {
    const old = await refer({ owner: undefined });
    later(31);
    const fresh = await refer();
    await a.put(
      http.store,
      a.coordinator,
      a.task('calm', 'Later', { owner: asks, restriction: { period: { end: '2026-12-01' } } }),
    );
    await a.put(http.store, a.coordinator, a.task('nobodys', 'Call school'));
    expect(items(await ask())).toEqual([
      { id: old, reasons: ['overdue', 'unowned', 'stuck'] },
      { id: fresh, reasons: ['due'] },
      { id: 'nobodys', reasons: ['unowned'] },
    ]);
    expect(items(await ask('?reason=unowned')).map(({ id }) => id)).toEqual([old, 'nobodys']);
    expect(items(await ask('?owner=Organization/pantry')).map(({ id }) => id)).toEqual([fresh]);
    expect(items(await ask('?patient=child-1&reason=due,stuck')).map(({ id }) => id)).toEqual([old, fresh]);
    expect(items(await ask('?patient=nobody'))).toEqual([]);
  });

  test('goes on page by page, and shows each once', async () => {
    const all: string[] = [];
    for (let at = 0; at < 7; at += 1) {
      all.push(await refer());
      later(0.1);
    }
    const seen: string[] = [];
    let next: string | undefined = '';
    for (let pages = 0; next !== undefined; pages += 1) {
      expect(pages).toBeLessThan(5);
      const answer: { json: any } = await ask(`?_count=3${next === '' ? '' : `&after=${next}`}`);
      seen.push(...items(answer).map(({ id }) => id));
      next = answer.json.parameter?.find(({ name }: { name: string }) => name === 'next')?.valueString;
    }
    expect(seen).toEqual(all);
  });

  test('PP-51 a child’s token sees and counts its own Tasks only', async () => {
    await refer();
    const child = { resourceType: 'Patient', id: 'child-a' };
    await a.put(http.store, a.coordinator, child, a.task('own', 'Own', { for: { reference: 'Patient/child-a' } }));
    expect(items(await ask('', 'child-a')).map(({ id }) => id)).toEqual(['own']);
    const { json } = await ask('?_count=1', 'child-a');
    expect(json.parameter.map(({ name }: { name: string }) => name)).toEqual(['item']);
  });
});

test('reasons at their edges', () => {
  const day = 86_400_000;
  const at = (ms: number) => new Date(now.at.getTime() + ms);
  const of = (due: number | null, changed: number, owner: string | null = 'x') =>
    reasonsOf({ owner, due_at: due === null ? null : at(due), changed_at: at(-changed) }, now.at);
  expect(of(0, 0)).toEqual(['overdue']);
  expect(of(1, 0)).toEqual(['due']);
  expect(of(7 * day, 0)).toEqual(['due']);
  expect(of(7 * day + 1, 0)).toEqual([]);
  expect(of(null, 30 * day)).toEqual(['stuck']);
  expect(of(null, 30 * day - 1, null)).toEqual(['unowned']);
});
