import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { lastVerified, verifiedGauges, verifyJob, verifyTrailJob } from '../../../src/access/audit/verify-job.ts';
import { unwrap } from '../../support/house.ts';
import { entry, openTrail, type TestTrail } from './support.ts';

const now = { at: new Date('2026-03-01T12:00:00.000Z') };
let trail: TestTrail;
const lines: string[] = [];
const log = pino({ base: null, timestamp: false }, { write: (line: string) => lines.push(line) });

beforeAll(async () => {
  trail = await openTrail(now);
});
afterAll(() => trail.drop());

async function seal(blocks: number, label: string): Promise<void> {
  for (let block = 0; block < blocks; block += 1) {
    unwrap(await trail.trail.record(entry({ detail: `${label}.${block}` })));
    unwrap(await trail.sealer.seal());
  }
}

/** Does what an attacker with the rights of the database's owner could do. */
async function tamper(sql: string): Promise<void> {
  const client = await trail.pool.connect();
  await client
    .query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`)
    .finally(() => client.release());
}

/** One night: every run that the job queues for itself until the one for the next night. Answers how many those were. */
async function night(): Promise<number> {
  let payload: Record<string, unknown> = {};
  for (let run = 1; ; run += 1) {
    unwrap(
      await verifyTrailJob.run({ ...verifyJob, payload, attempt: 1 }, { store: trail.store, log, clock: trail.clock }),
    );
    const [queued] = await trail.store.query<{ payload: Record<string, unknown>; run_at: Date }>(
      "DELETE FROM job WHERE kind = 'audit.verify' RETURNING payload, run_at",
    );
    if (!queued) throw new Error('the job did not queue itself');
    if (Object.keys(queued.payload).length === 0) {
      expect(queued.run_at.toISOString()).toBe('2026-03-02T01:00:00.000Z');
      return run;
    }
    payload = queued.payload;
  }
}

const watched = () =>
  Promise.all(verifiedGauges.map(async ({ read }) => (await read(trail.store)).map(({ value }) => value)));

describe('PP-70 the trail is verified every night', () => {
  test('PP-70 an empty trail holds, and so does one of more blocks than a run looks at', async () => {
    expect(await lastVerified(trail.store)).toBeUndefined();
    expect(await watched()).toEqual([[], []]);
    expect(await night()).toBe(1);
    expect(await lastVerified(trail.store)).toMatchObject({ holds: true, at: '2026-03-01T12:00:00.000Z' });
    await seal(203, 'first');
    expect(await night()).toBe(3);
    expect(await lastVerified(trail.store)).toMatchObject({ holds: true, head: { number: '203' } });
    expect(lines).toEqual([]);
    expect(await watched()).toEqual([[1], [Date.parse('2026-03-01T12:00:00.000Z') / 1000]]);
  });

  test('PP-70 a changed entry is found wherever it is, said without its content, and not forgotten by being found', async () => {
    await tamper("UPDATE audit_event SET entry = replace(entry, 'first.150', 'nobody') WHERE entry LIKE '%first.150%'");
    for (const _ of [1, 2]) {
      await night();
      expect(await lastVerified(trail.store)).toMatchObject({
        holds: false,
        head: { number: '203' },
        broken: { block: '151' },
      });
    }
    expect(lines).toHaveLength(2);
    expect((await watched())[0]).toEqual([0]);
    expect(lines.join()).toContain('does not hold');
    expect(lines.join()).not.toContain('first.');
    await tamper("UPDATE audit_event SET entry = replace(entry, 'nobody', 'first.150') WHERE entry LIKE '%nobody%'");
    await night();
    expect(await lastVerified(trail.store)).toMatchObject({ holds: true });
  });

  test('PP-70 a trail written anew, in itself right, is not the one of the night before', async () => {
    await tamper(`TRUNCATE audit_pending, audit_event, audit_block, audit_checkpoint;
                  DELETE FROM server_setting WHERE name = 'audit-head'`);
    await seal(204, 'second');
    await night();
    expect(await lastVerified(trail.store)).toMatchObject({ holds: false, broken: { block: '203' } });
  });
});
