import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPostmaster } from '../../src/store/embedded/postmaster.ts';
import { backendToken } from './backend-token.ts';
import { fill } from './fhir/fill.ts';
import { kinds, type LoadKind } from './fhir/kinds.ts';
import { type Measured, middleLoads, type Round, ratios } from './fhir/ratios.ts';
import { cpuMicros, databaseCpuMicros } from './load/cpu.ts';
import { load } from './load/load.ts';
import { careweave, freePort, type RunningServer, startBareServer, startServer } from './running-server.ts';

interface Options {
  seconds?: string;
  concurrency?: string;
  rounds?: string;
}

const scope = 'system/*.cruds';

/**
 * The FHIR core over HTTP with tokens, a server process of its own, embedded PostgreSQL, durable commits; between its loads the
 * machine's bare limits, with the same load generator. `concurrency`: which ones (1,8,32). Each is measured in `rounds` (5) of all kinds,
 * `seconds` (1.5) a load, after a round that is not counted, which lets every server's code get warm. A machine's host
 * takes time away for seconds on end: so a kind is told by its median round, and a ratio by the median of the ratios of each round.
 */
export async function benchFhir(options: Options): Promise<Record<string, unknown>> {
  const seconds = Number(options.seconds ?? 1.5);
  const concurrencies = (options.concurrency ?? '1,8,32').split(',').map(Number);
  const rounds = Number(options.rounds ?? 5);
  const dataDir = mkdtempSync(join(tmpdir(), 'careweave-bench-'));
  const port = await freePort();
  const server = await startServer(dataDir, { port, empty: true });
  const bare = await startBareServer(dataDir, await freePort());
  try {
    const client = careweave(dataDir, ['client', 'add', '--name', 'bench', '--scopes', scope], port);
    const token = () => backendToken(server.url, client, scope);
    process.stderr.write('filling the store\n');
    const filled = await fill(server.url, token);
    const postmaster = readPostmaster(join(dataDir, 'postgres'))?.pid ?? 0;
    const round = async (concurrency: number): Promise<Round> => {
      const loads: Measured[] = [];
      for (const kind of kinds) {
        const target = kind.bare ? bare : server;
        const measured = await measure(kind, { target, postmaster, token: await token(), concurrency, seconds });
        process.stderr.write(`${kind.name} at ${concurrency}: ${measured.perSecond}/s, p95 ${measured.p95Ms} ms\n`);
        loads.push(measured);
      }
      return { concurrency, loads };
    };
    process.stderr.write('warming\n');
    await round(8);
    const measured: Round[] = [];
    for (const concurrency of concurrencies) {
      for (let n = 0; n < rounds; n++) measured.push(await round(concurrency));
    }
    return {
      filled,
      rounds,
      loads: middleLoads(measured),
      ratios: ratios(measured),
      carePlansValidatedPerCpuSecond: validation(),
    };
  } finally {
    await bare.stop();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Where {
  target: RunningServer;
  postmaster: number;
  token: string;
  concurrency: number;
  seconds: number;
}

async function measure(kind: LoadKind, { target, postmaster, token, concurrency, seconds }: Where): Promise<Measured> {
  const before = [cpuMicros(target.pid), databaseCpuMicros(postmaster)] as const;
  const headers = {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/fhir+json',
    Accept: 'application/fhir+json',
  };
  const warmSeconds = Math.min(1, seconds / 3);
  const result = await load({
    origin: target.url,
    headers,
    requests: kind.requests,
    concurrency,
    warmSeconds,
    seconds,
  });
  // The warm-up is part of what the processes used, so it is part of what is divided by.
  const all = Math.max(1, result.requests * ((seconds + warmSeconds) / seconds));
  const measured: Measured = {
    kind: kind.name,
    concurrency,
    ...result,
    serverCpuMicros: Math.round((cpuMicros(target.pid) - before[0]) / all),
    databaseCpuMicros: Math.round((databaseCpuMicros(postmaster) - before[1]) / all),
  };
  if (kind.resources) measured.resourcesPerSecond = Math.round(measured.perSecond * kind.resources);
  return measured;
}

function validation(): number {
  const file = join(import.meta.dirname, 'validation.ts');
  const args = ['--disable-warning=ExperimentalWarning', file, '3'];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}
