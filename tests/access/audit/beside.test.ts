import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AuditEntry } from '../../../src/access/audit/entry.ts';
import { ok } from '../../../src/base/errors.ts';
import { seesAll } from '../../../src/store/types.ts';
import { openTrail, type TestTrail } from './support.ts';

/** Reads whose statement tells of them: what the trail is told apart from that is counted. */
let home: TestTrail;
const apart: AuditEntry[] = [];
let made = 0;

beforeAll(async () => {
  home = await openTrail();
  const written = await home.store.transact({ kind: 'client', id: 'app', requestId: 'seed' }, async (tx) => {
    await tx.create({ resourceType: 'Patient', id: 'p1' }, { id: 'p1' });
    for (const id of ['g1', 'g2', 'g3']) {
      const subject = { reference: 'Patient/p1' };
      await tx.create(
        { resourceType: 'Goal', id, lifecycleStatus: 'active', description: { text: 'w' }, subject },
        { id },
      );
    }
    return ok(undefined);
  });
  expect(written.ok).toBe(true);
});
beforeEach(() => {
  apart.length = 0;
});
afterAll(() => home.drop());

function watch(path: string, target: string, isPlain = true) {
  const record = async (entry: AuditEntry) => {
    apart.push(entry);
    return ok(undefined);
  };
  const requestId = `request-${++made}`;
  const asked = { act: 'read' as const, requestId, query: `GET ${path}`, target };
  const watched = home.audit.requests.watch(asked, { store: home.store, trail: { ...home.trail, record } });
  watched.about({ isPlain });
  const kept = async () =>
    (await home.store.query<{ entry: string }>('SELECT entry FROM audit_pending'))
      .map(({ entry }): { request?: string; touched?: string[] } => JSON.parse(entry))
      .filter(({ request }) => request === requestId);
  return { ...watched, kept };
}

describe('a request that is a read and nothing else', () => {
  test('PP-70 is told of in the statement that reads, once', async () => {
    const watched = watch('/fhir/Goal/g1', 'Goal/g1');
    expect((await watched.store.readSeen('Goal', 'g1', seesAll))?.id).toBe('g1');
    expect(await watched.kept()).toMatchObject([{ touched: ['Goal/g1'] }]);
    expect(await watched.end('success', 200)).toEqual(ok(undefined));
    expect(apart).toEqual([]);
  });

  test.each([
    ['another answer than was told', 'refused', 403],
    ['a fault of ours', 'failed', 500],
  ] as const)('PP-70 is told of once more when it ends by %s', async (_what, outcome, status) => {
    const watched = watch('/fhir/Goal/g1', 'Goal/g1');
    await watched.store.readSeen('Goal', 'g1', seesAll);
    await watched.end(outcome, status);
    expect(apart).toMatchObject([{ outcome, status, touched: ['Goal/g1'] }]);
  });

  test('PP-70 is told of once more when it reads more than that', async () => {
    const watched = watch('/fhir/Goal/g1', 'Goal/g1');
    await watched.store.readSeen('Goal', 'g1', seesAll);
    await watched.store.read('Goal', 'g2');
    await watched.end('success', 200);
    expect(apart).toMatchObject([{ touched: ['Goal/g1', 'Goal/g2'] }]);
  });

  test.each([
    ['what is not there', 'Goal', 'none', seesAll],
    ['what is hidden', 'Goal', 'g1', { kind: 'limited', grants: [{ types: 'any', patients: ['p2'] }] }],
  ] as const)('PP-70 of %s, has nothing told by the statement', async (_what, type, id, visibility) => {
    const watched = watch(`/fhir/${type}/${id}`, `${type}/${id}`);
    expect(await watched.store.readSeen(type, id, visibility)).toBeUndefined();
    expect(await watched.kept()).toEqual([]);
    await watched.end('refused', 404);
    expect(apart).toHaveLength(1);
  });

  test('PP-70 that may be answered otherwise than by what is found is told of apart from its statement', async () => {
    const watched = watch('/fhir/Goal/g1?_elements=none', 'Goal/g1', false);
    await watched.store.readSeen('Goal', 'g1', seesAll);
    expect(await watched.kept()).toEqual([]);
    await watched.end('refused', 400);
    expect(apart).toMatchObject([{ outcome: 'refused', touched: ['Goal/g1'], patients: ['p1'] }]);
  });
});
