import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPostmaster } from '../../src/store/embedded/postmaster.ts';
import { backendToken } from './backend-token.ts';
import { wholePlan } from './care/whole-plan.ts';
import { cpuMicros, databaseCpuMicros } from './load/cpu.ts';
import { load } from './load/load.ts';
import { percentile } from './load/percentile.ts';
import { careweave, freePort, startServer } from './running-server.ts';

const scope = 'system/*.cruds';
const childId = 'odell-brightwater';
const rounds = 3;

/**
 * What the shared plan costs, against a server of its own with the demo town: reading one child's whole plan ($document, Bundle and page) at several
 * concurrencies, and composing it after something new came. `seconds`: of each load (4). `concurrency`: which ones (1,8).
 */
export async function benchCare(options: { seconds?: string; concurrency?: string }): Promise<Record<string, unknown>> {
  const seconds = Number(options.seconds ?? 4);
  const concurrencies = (options.concurrency ?? '1,8').split(',').map(Number);
  const dataDir = mkdtempSync(join(tmpdir(), 'careweave-bench-'));
  const port = await freePort();
  const server = await startServer(dataDir, { port, empty: false });
  try {
    const client = careweave(dataDir, ['client', 'add', '--name', 'care', '--scopes', scope], port);
    const token = await backendToken(server.url, client, scope);
    const at = { url: server.url, token };
    const planId = await wholePlan(at, childId);
    const documents = [];
    for (const [kind, query] of [
      // What the machine gives: only the ratio to it can be compared between runs.
      ['plain read of the CarePlan', ''],
      ['document Bundle', '/$document'],
      ['document page', '/$document?_format=text/html'],
    ] as const)
      for (const concurrency of concurrencies)
        documents.push(
          await readDocument({
            ...at,
            pid: server.pid,
            dataDir,
            seconds,
            concurrency,
            kind,
            path: `/fhir/CarePlan/${planId}${query}`,
          }),
        );
    return { child: childId, documents, composing: await compose(at) };
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface At {
  url: string;
  token: string;
}

interface Reading extends At {
  pid: number;
  dataDir: string;
  seconds: number;
  concurrency: number;
  kind: string;
  path: string;
}

async function readDocument({ url, token, pid, dataDir, seconds, concurrency, kind, path }: Reading) {
  const postmaster = readPostmaster(join(dataDir, 'postgres'))?.pid ?? 0;
  let best: Record<string, unknown> & { p95Ms: number } = { p95Ms: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round += 1) {
    const before = { server: cpuMicros(pid), database: databaseCpuMicros(postmaster) };
    const { requests, errors, perSecond, p50Ms, p95Ms, p99Ms, bytesPerAnswer, stolenPercent } = await load({
      origin: url,
      headers: { authorization: `Bearer ${token}`, accept: '*/*' },
      requests: [{ method: 'GET', path }],
      concurrency,
      warmSeconds: round === 0 ? 2 : 0.5,
      seconds,
    });
    if (errors > 0) throw new Error(`${errors} of ${requests} documents were refused`);
    // The warming is in it too, so this is a little too much.
    const each = (micros: number) => Math.round(micros / requests);
    const server = each(cpuMicros(pid) - before.server);
    const database = each(databaseCpuMicros(postmaster) - before.database);
    if (p95Ms < best.p95Ms)
      best = {
        kind,
        concurrency,
        perSecond,
        p50Ms,
        p95Ms,
        p99Ms,
        bytesPerAnswer,
        serverCpuMicros: server,
        databaseCpuMicros: database,
        stolenPercent,
      };
  }
  return best;
}

/** Something new (a problem that a hospital would send), then the composition, one after the other. */
async function compose({ url, token }: At) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' };
  const clinicalStatus = {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
  };
  const times: number[] = [];
  const unchanged: number[] = [];
  const once = async () => {
    const started = performance.now();
    const answer = await fetch(`${url}/fhir/Patient/${childId}/$compose-shared-plan`, { method: 'POST', headers });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the plan was not composed: ${answer.status}`);
    return performance.now() - started;
  };
  for (let turn = 0; turn < 40; turn += 1) {
    const problem = {
      resourceType: 'Condition',
      clinicalStatus,
      code: { text: `Measured problem ${turn}` },
      subject: { reference: `Patient/${childId}` },
    };
    const written = await fetch(`${url}/fhir/Condition`, { method: 'POST', headers, body: JSON.stringify(problem) });
    await written.arrayBuffer();
    if (!written.ok) throw new Error(`the problem was not written: ${written.status}`);
    // The first ones run cold code.
    const took = await once();
    const again = await once();
    if (turn >= 10) {
      times.push(took);
      unchanged.push(again);
    }
  }
  const figures = (all: number[]) => {
    const sorted = all.sort((a, b) => a - b);
    return { p50Ms: percentile(sorted, 50), p95Ms: percentile(sorted, 95) };
  };
  return { withSomethingNew: figures(times), withoutNews: figures(unchanged) };
}
