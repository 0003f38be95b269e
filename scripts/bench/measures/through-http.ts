import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { Resource } from '../../../src/fhir/types.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { backendToken } from '../backend-token.ts';
import { percentile } from '../load/percentile.ts';
import { careweave, freePort, residentMb, startServer } from '../running-server.ts';
import { changedChild } from './changed-child.ts';
import { generateChild } from './child.ts';
import type { CodeLists } from './code-lists.ts';
import { poolOf } from './store-over.ts';
import { sumsOfRows } from './sums.ts';

const measure = 'childhood-immunization-status';
const loaded = 150;
const writes = 60;

type Send = (method: string, path: string, body?: unknown) => Promise<{ status: number; json: unknown }>;

/** A server of its own with some children, and the time from a write until its answers are the new ones. */
export async function throughHttp(
  measures: readonly ReadyMeasure[],
  lists: CodeLists,
): Promise<Record<string, unknown>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'careweave-bench-'));
  const port = await freePort();
  const server = await startServer(dataDir, { port, empty: true });
  const pool = await poolOf(dataDir);
  try {
    const scope = 'system/*.cruds';
    const printed = careweave(dataDir, ['client', 'add', '--name', 'bench', '--scopes', scope], port);
    const send = sender(server.url, await backendToken(server.url, printed, scope));
    for (let number = 0; number < loaded; number += 1) await load(send, generateChild(number, lists));
    await settled(pool);
    const times: Times = { toCurrent: [], toReport: [] };
    for (let n = 0; n < writes; n += 1) await writeAndWait(send, pool, n, times);
    const { toCurrent, toReport } = times;
    for (const list of [toCurrent, toReport]) list.sort((a, b) => a - b);
    return {
      children: loaded,
      writes,
      writeToCurrentMs: { p50: percentile(toCurrent, 50), p95: percentile(toCurrent, 95) },
      writeToReportMs: { p50: percentile(toReport, 50), p95: percentile(toReport, 95) },
      serverMb: residentMb(server.pid),
      changedChild: changedChild(dataDir),
      sums: await sumsOfRows(pool, measures, 100_000),
    };
  } finally {
    await pool.end();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function sender(url: string, token: string): Send {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
  return async (method, path, body) => {
    const answer = await fetch(`${url}/fhir${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, json: await answer.json() };
  };
}

async function load(send: Send, resources: readonly Resource[]): Promise<void> {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, json } = await send('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (status !== 200) throw new Error(`a child was refused: ${status} ${JSON.stringify(json).slice(0, 300)}`);
}

/** Waits until no evaluation is queued. */
async function settled(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ jobs: string }>(
      "SELECT count(*) AS jobs FROM job WHERE kind = 'measures.evaluate' AND state IN ('ready', 'running')",
    );
    if (rows[0]?.jobs === '0') return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Times {
  /** Until the kept answers of the child are the new ones. */
  toCurrent: number[];
  /** Until the child's report was answered. */
  toReport: number[];
}

/** A child of two without a measles vaccine gets one. */
async function writeAndWait(send: Send, pool: pg.Pool, n: number, times: Times): Promise<void> {
  const id = `bench-shot-${n}`;
  const put = (resource: Resource) => send('PUT', `/${resource.resourceType}/${resource.id}`, resource);
  await put({ resourceType: 'Patient', id, birthDate: '2024-05-05', gender: 'female' });
  await settled(pool);
  const started = performance.now();
  const shot = await put({
    resourceType: 'Immunization',
    id: `${id}-mmr`,
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '94' }] },
    patient: { reference: `Patient/${id}` },
    occurrenceDateTime: '2025-06-01',
  });
  if (shot.status !== 201) throw new Error(`a vaccine was refused: ${shot.status}`);
  while (!(await isCurrent(pool, id))) await new Promise((resolve) => setTimeout(resolve, 1));
  times.toCurrent.push(performance.now() - started);
  const asked = performance.now();
  const period = 'periodStart=2026-01-01&periodEnd=2026-12-31';
  const report = await send('GET', `/Measure/${measure}/$evaluate-measure?${period}&subject=Patient/${id}`);
  if (!JSON.stringify(report.json).includes(`Immunization/${id}-mmr`)) throw new Error('the report does not tell it');
  // What a caller waits who writes and asks at once: the write itself and the report.
  times.toReport.push(performance.now() - asked + (times.toCurrent.at(-1) ?? 0));
}

async function isCurrent(pool: pg.Pool, id: string): Promise<boolean> {
  const { rows } = await pool.query<{ is: boolean }>(
    `SELECT r.revision >= greatest(c.all_changed, coalesce((c.changed ->> r.measure)::bigint, 0))
        AND r.evidence::text LIKE '%' || $1 || '-mmr%' AS is
       FROM measure_result r JOIN measure_child c ON c.patient_id = r.patient_id WHERE r.patient_id = $1 AND r.measure = $2`,
    [id, measure],
  );
  return rows[0]?.is === true;
}
