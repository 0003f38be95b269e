import { test } from '@jest/globals';
import { appendFileSync } from 'node:fs';
import { openTrail, entry } from './support.ts';
const log = (s: string) => appendFileSync('/tmp/e-log.txt', `${s}\n`);
test('x', async () => {
  const t = await openTrail();
  const id = () => crypto.randomUUID();
  const fill = async () => {
  for (let k = 0; k < 25; k++)
    await Promise.all(Array.from({ length: 200 }, () => { const r = id(); return t.trail.record(entry({ who: { client: 'a6b7c8d9-0000-4000-8000-000000000001', person: 'Practitioner/pr-12', token: id(), address: '10.1.2.3', policy: 'careweave-default-1' }, requestId: id(), query: `GET /fhir/Observation/${r}`, touched: [`Observation/${r}`], patients: [`child-${k}`], status: 200 })); }));
  };
  const seal = async (name: string) => { await fill(); const s = performance.now(); await t.sealer.seal(); log(`${name} ${((performance.now() - s) / 5).toFixed(1)} us each`); };
  for (let i = 0; i < 3; i++) await seal('all indexes');
  await t.pool.query('DROP INDEX audit_event_patients');
  for (let i = 0; i < 3; i++) await seal('without gin');
  await t.pool.query('DROP INDEX audit_event_act, audit_event_client, audit_event_person, audit_event_recorded');
  for (let i = 0; i < 3; i++) await seal('pk and block only');
  await t.pool.query('CREATE INDEX audit_event_patients ON audit_event USING gin (patients)');
  for (let i = 0; i < 3; i++) await seal('pk, block, gin');
  await fill();
  await t.pool.query("BEGIN; SET LOCAL careweave.audit = 'seal'");
  const c = await t.pool.connect();
  await c.query("BEGIN; SET LOCAL careweave.audit = 'seal'");
  const p = await c.query("EXPLAIN (ANALYZE, TIMING) DELETE FROM audit_pending WHERE ctid = ANY (ARRAY(SELECT ctid FROM audit_pending ORDER BY seq LIMIT 5000)) RETURNING seq, patients, entry");
  log(p.rows.map((r: any) => r['QUERY PLAN']).join('\n'));
  await c.query('ROLLBACK'); c.release();
  await t.drop();
}, 60000);
