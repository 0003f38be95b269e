import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendToken } from './backend-token.ts';
import { chartBundle, singleObservation } from './chart-bundle.ts';
import { careweave, freePort, startServer } from './running-server.ts';

/**
 * Writes over HTTP against a server of its own on a new data directory: 100-entry transactions, single creates, updates, and (where
 * there is one) a folder of larger bundles. Besides the rate each says what a resource cost in processor time: on a machine that
 * does other work too that is the figure to compare.
 */
export async function benchWrites({ children }: { children?: string }): Promise<Record<string, unknown>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'careweave-bench-'));
  const port = await freePort();
  const server = await startServer(dataDir, { port, empty: true });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  try {
    const scope = 'system/*.cruds';
    const printed = careweave(dataDir, ['client', 'add', '--name', 'bench', '--scopes', scope], port);
    const token = await backendToken(server.url, printed, scope);
    const send = sender(agent, server.url, token);
    const run = (name: string, each: number, concurrency: number, requests: Call[]) =>
      timed({ name, each, concurrency, pid: server.pid, send, requests });
    const results: Record<string, unknown>[] = [];
    const bundles = (from: number, count: number) =>
      Array.from({ length: count }, (_, at): Call => ['POST', '/fhir', JSON.stringify(chartBundle(from + at))]);
    await run('warm', 100, 4, bundles(0, 40));
    for (const concurrency of [1, 4, 8])
      results.push(await run('transaction of 100', 100, concurrency, bundles(1000 * concurrency, 80)));
    const patient = 'Patient/bench-child';
    const child = { resourceType: 'Patient', id: 'bench-child' };
    await send('PUT', `/fhir/${patient}`, JSON.stringify(child));
    const creates = (count: number) =>
      Array.from(
        { length: count },
        (_, at): Call => ['POST', '/fhir/Observation', JSON.stringify(singleObservation(patient, at))],
      );
    const updates = (round: number) =>
      Array.from({ length: 1500 }, (_, at): Call => {
        const id = `bench-${at}`;
        const body = { ...singleObservation(patient, at + round), id };
        return ['PUT', `/fhir/Observation/${id}`, JSON.stringify(body)];
      });
    for (const concurrency of [1, 8, 32])
      results.push(await run('create', 1, concurrency, creates(concurrency > 1 ? 3000 : 800)));
    results.push(await run('update as create', 1, 8, updates(0)));
    results.push(await run('update', 1, 8, updates(1)));
    const folder = children ?? join(import.meta.dirname, '../../../shared/data/children');
    if (existsSync(folder)) {
      const texts = readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .map((file) => readFileSync(join(folder, file), 'utf8'));
      const resources = texts.reduce((sum, text) => sum + (JSON.parse(text).entry?.length ?? 0), 0);
      const calls = texts.map((text): Call => ['POST', '/fhir', text]);
      results.push(await run('children', resources / texts.length, 1, calls));
    }
    return { results };
  } finally {
    agent.destroy();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

type Call = [method: string, path: string, body: string];
type Send = (...call: Call) => Promise<number>;

function sender(agent: Agent, url: string, token: string): Send {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers = {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/fhir+json',
        'Content-Length': Buffer.byteLength(body),
      };
      const call = request(`${url}${path}`, { method, agent, headers }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      });
      call.once('error', reject);
      call.end(body);
    });
}

interface Timed {
  name: string;
  /** Resources a request. */
  each: number;
  concurrency: number;
  pid: number;
  send: Send;
  requests: Call[];
}

async function timed({ name, each, concurrency, pid, send, requests }: Timed): Promise<Record<string, unknown>> {
  const before = processorMs(pid);
  const started = performance.now();
  const times: number[] = [];
  let next = 0;
  const client = async () => {
    for (let call = requests[next++]; call; call = requests[next++]) {
      const sent = performance.now();
      const status = await send(...call);
      if (status !== 200 && status !== 201) throw new Error(`${name}: answered ${status}`);
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  const seconds = (performance.now() - started) / 1000;
  const after = processorMs(pid);
  const resources = requests.length * each;
  times.sort((a, b) => a - b);
  const at = (share: number) => Number((times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2));
  return {
    name,
    concurrency,
    resourcesPerSecond: Math.round(resources / seconds),
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    serverMicrosPerResource: Math.round(((after.server - before.server) / resources) * 1000),
    databaseMicrosPerResource: Math.round(((after.database - before.database) / resources) * 1000),
  };
}

/** Processor time so far of the server and of its PostgreSQL, whose processes are children of one postmaster. */
function processorMs(pid: number): { server: number; database: number } {
  const own = new Map<number, { parent: number; ms: number }>();
  const tick = 1000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
        .map(Number);
      // User and system time, and that of children that have ended.
      own.set(Number(name), {
        parent: fields[1] ?? 0,
        ms: [11, 12, 13, 14].reduce((sum, at) => sum + (fields[at] ?? 0), 0) * tick,
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  const postmasters = [...own].filter(([, { parent }]) => parent === pid).map(([child]) => child);
  const database = [...own].filter(
    ([child, { parent }]) => postmasters.includes(child) || postmasters.includes(parent),
  );
  return { server: own.get(pid)?.ms ?? 0, database: database.reduce((sum, [, { ms }]) => sum + ms, 0) };
}
