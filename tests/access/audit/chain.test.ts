import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keptFrom, pruneTrail } from '../../../src/access/audit/prune.ts';
import { type Verified, verifyTrail } from '../../../src/access/audit/verify.ts';
import { unwrap } from '../../support/house.ts';
import { entry, openTrail, type TestTrail } from './support.ts';

const now = { at: new Date('2026-03-01T12:00:00.000Z') };
let trail: TestTrail;

beforeAll(async () => {
  trail = await openTrail(now);
});

afterAll(() => trail.drop());

/** Removes everything, as the guards would never let anybody; answers the blocks that were made anew. */
async function fill(blocks: readonly number[]): Promise<void> {
  await tamper(`TRUNCATE audit_pending, audit_event, audit_block, audit_checkpoint;
                DELETE FROM server_setting WHERE name = 'audit-head'`);
  for (const [at, events] of blocks.entries()) {
    const some = Array.from({ length: events }, (_, n) =>
      entry({ patients: [`child-${n}`], touched: [`Goal/${at}-${n}`], detail: `${at}.${n}` }),
    );
    for (const result of await Promise.all(some.map((one) => trail.trail.record(one)))) unwrap(result);
    expect(unwrap(await trail.sealer.seal())).toBe(events);
  }
}

/** Does what an attacker with the rights of the database's owner could do. */
async function tamper(sql: string): Promise<void> {
  const client = await trail.pool.connect();
  try {
    await client.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
  } catch (fault) {
    await client.query('ROLLBACK');
    throw fault;
  } finally {
    client.release();
  }
}

const verify = (anchor?: { number: string; hash: string }): Promise<Verified> => verifyTrail(trail.store, anchor);

describe('PP-70 the audit trail is only ever added to', () => {
  beforeEach(() => fill([3, 2]));

  test.each([
    ['UPDATE audit_pending SET entry = entry', 'audit_pending'],
    ['DELETE FROM audit_pending', 'audit_pending'],
    ['TRUNCATE audit_pending', 'audit_pending'],
    ["UPDATE audit_event SET act = 'read'", 'audit_event'],
    ['DELETE FROM audit_event', 'audit_event'],
    ['TRUNCATE audit_event', 'audit_event'],
    ['UPDATE audit_block SET events = events', 'audit_block'],
    ['DELETE FROM audit_block', 'audit_block'],
    ['UPDATE audit_checkpoint SET events = 0', 'audit_checkpoint'],
    ['DELETE FROM audit_checkpoint', 'audit_checkpoint'],
  ])('PP-70 %s is refused', async (sql, table) => {
    await expect(trail.pool.query(sql)).rejects.toThrow(`only ever added to (${table})`);
  });
});

describe('PP-70 the chain', () => {
  beforeEach(() => fill([3, 4, 2]));

  test('PP-70 what SQL sealed, TypeScript computes again', async () => {
    const verified = await verify();
    expect(verified).toEqual({ blocks: 3, events: 9, waiting: 0, head: expect.objectContaining({ number: '3' }) });
  });

  const anEvent = (n: number) => `(SELECT seq FROM audit_event WHERE block = 2 ORDER BY seq OFFSET ${n} LIMIT 1)`;
  test.each([
    ['a deleted entry', `DELETE FROM audit_event WHERE seq = ${anEvent(1)}`, '2'],
    [
      'a changed entry',
      `UPDATE audit_event SET entry = replace(entry, 'success', 'refused') WHERE seq = ${anEvent(2)}`,
      '2',
    ],
    ['another patient', `UPDATE audit_event SET patients = '{other}' WHERE seq = ${anEvent(0)}`, '2'],
    ['two patients made one', `UPDATE audit_event SET patients = '{"child-0,child-1"}' WHERE seq = ${anEvent(0)}`, '2'],
    ['another client in the column alone', `UPDATE audit_event SET client = 'other' WHERE seq = ${anEvent(0)}`, '2'],
    ['another time in the column alone', `UPDATE audit_event SET recorded = now() WHERE seq = ${anEvent(0)}`, '2'],
    ['an entry moved to another block', `UPDATE audit_event SET block = 3 WHERE seq = ${anEvent(0)}`, '2'],
    [
      'an entry added',
      `INSERT INTO audit_event SELECT 1000000, 2, recorded, patients, client, person, act, outcome, entry FROM audit_event WHERE seq = ${anEvent(0)}`,
      '2',
    ],
    [
      'two entries exchanged',
      `UPDATE audit_event a SET entry = b.entry FROM audit_event b WHERE a.seq = ${anEvent(0)} AND b.seq = ${anEvent(1)}`,
      '2',
    ],
    ['a block missing', 'DELETE FROM audit_block WHERE number = 2', '2'],
    [
      'a block missing with its entries',
      'DELETE FROM audit_block WHERE number = 2; DELETE FROM audit_event WHERE block = 2',
      '2',
    ],
    [
      'the first block missing with its entries',
      'DELETE FROM audit_block WHERE number = 1; DELETE FROM audit_event WHERE block = 1',
      '1',
    ],
    ['the last block missing', 'DELETE FROM audit_block WHERE number = 3', '3'],
    [
      'the last block missing with its entries',
      'DELETE FROM audit_block WHERE number = 3; DELETE FROM audit_event WHERE block = 3',
      '3',
    ],
    ['a changed hash', `UPDATE audit_block SET hash = repeat('a', 64) WHERE number = 2`, '2'],
    ['a changed time of sealing', `UPDATE audit_block SET sealed = '2020-01-01T00:00:00.000Z' WHERE number = 1`, '1'],
    [
      'a checkpoint that no entry tells of',
      `DELETE FROM audit_event WHERE block = 1; INSERT INTO audit_checkpoint SELECT 1, hash, 3, now(), now() FROM audit_block WHERE number = 1; DELETE FROM audit_block WHERE number = 1`,
      '1',
    ],
  ])('PP-70 %s is found', async (_name, sql, block) => {
    await tamper(sql);
    expect((await verify()).broken?.block).toBe(block);
  });

  test('PP-70 a chain made anew in secret is found by a head that was noted outside', async () => {
    const { head } = await verify();
    await fill([3, 4, 2]);
    expect((await verify()).broken).toBeUndefined();
    expect((await verify(head)).broken?.block).toBe('3');
  });

  test('PP-70 no random change of a row goes unnoticed', async () => {
    const columns = ['seq', 'block', 'recorded', 'patients', 'client', 'person', 'act', 'outcome', 'entry'];
    const others: Record<string, string> = {
      seq: 'seq + 500000',
      block: 'block + 1',
      recorded: `recorded + interval '1 millisecond'`,
      patients: `patients || '{x}'`,
      client: `client || 'x'`,
      person: `'Practitioner/x'`,
      act: `'delete'`,
      outcome: `'failed'`,
      entry: `replace(entry, 'Goal', 'Task')`,
    };
    const change = fc.record({ column: fc.constantFrom(...columns), row: fc.nat(8) });
    await fc.assert(
      fc.asyncProperty(change, async ({ column, row }) => {
        await fill([3, 4, 2]);
        await tamper(
          `UPDATE audit_event SET ${column} = ${others[column]} WHERE seq = (SELECT seq FROM audit_event ORDER BY seq OFFSET ${row} LIMIT 1)`,
        );
        expect((await verify()).broken).toBeDefined();
      }),
      { numRuns: 25 },
    );
  });
});

describe('PP-70 what commits late', () => {
  test('PP-70 an entry that is committed after higher numbers were sealed is sealed in the next block', async () => {
    await fill([2]);
    const slow = await trail.pool.connect();
    await slow.query('BEGIN');
    await slow.query(`INSERT INTO audit_pending (patients, entry) SELECT patients, entry FROM audit_event LIMIT 1`);
    unwrap(await trail.trail.record(entry({ detail: 'quick' })));
    expect(unwrap(await trail.sealer.seal())).toBe(1);
    await slow.query('COMMIT');
    slow.release();
    expect(unwrap(await trail.sealer.seal())).toBe(1);
    const { rows } = await trail.pool.query(
      'SELECT block::integer, seq::integer FROM audit_event WHERE block > 1 ORDER BY block',
    );
    expect(rows.map(({ block }) => block)).toEqual([2, 3]);
    expect(rows[1].seq).toBeLessThan(rows[0].seq);
    expect(await verify()).toMatchObject({ blocks: 3, events: 4, waiting: 0 });
  });

  test('PP-70 while many write and two seal, each entry is sealed exactly once', async () => {
    await fill([]);
    let writing = true;
    const sealing = async () => {
      let sealed = 0;
      while (writing) sealed += unwrap(await trail.sealer.seal());
      return sealed;
    };
    const sealers = [sealing(), sealing()];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 25; n++) {
        const client = await trail.pool.connect();
        await client.query('BEGIN');
        await client.query(`INSERT INTO audit_pending (patients, entry) VALUES ('{}', $1)`, [
          JSON.stringify({ at: now.at.toISOString(), act: 'read', outcome: 'success', detail: `${writer}.${n}` }),
        ]);
        // Every fifth is undone: its number is never used.
        await client.query(n % 5 === 0 ? 'ROLLBACK' : 'COMMIT');
        client.release();
      }
    });
    await Promise.all(writers);
    writing = false;
    const sealed = (await Promise.all(sealers)).reduce((sum, one) => sum + one, 0);
    const rest = unwrap(await trail.sealer.seal());
    expect(sealed + rest).toBe(160);
    const { rows } = await trail.pool.query(`SELECT DISTINCT entry::json ->> 'detail' AS detail FROM audit_event`);
    expect(rows).toHaveLength(160);
    expect((await verify()).broken).toBeUndefined();
  });
});

describe('PP-70 pruning', () => {
  test('PP-70 nothing is pruned that has to be kept', async () => {
    await fill([2]);
    const tooLate = new Date(keptFrom(now.at).getTime() + 1);
    expect(await pruneTrail(trail.store, trail.clock, tooLate)).toMatchObject({
      ok: false,
      error: { kind: 'invalid' },
    });
    expect(await verify()).toMatchObject({ events: 2 });
  });

  test('PP-70 what is older goes block by block, and the chain goes on from a checkpoint that an entry tells of', async () => {
    now.at = new Date('2019-06-01T00:00:00.000Z');
    await fill([2, 3]);
    now.at = new Date('2026-03-01T12:00:00.000Z');
    unwrap(await trail.trail.record(entry()));
    unwrap(await trail.sealer.seal());
    expect(unwrap(await pruneTrail(trail.store, trail.clock, keptFrom(now.at)))).toBe(5);
    expect((await verify()).broken).toBeUndefined();
    unwrap(await trail.sealer.seal());
    const verified = await verify();
    expect(verified.broken).toBeUndefined();
    expect(verified).toMatchObject({ blocks: 2, head: { number: '4' } });
    const { rows } = await trail.pool.query(`SELECT act FROM audit_event ORDER BY seq`);
    expect(rows.map(({ act }) => act)).toEqual(['read', 'audit-prune']);
  });
});
