import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { readPostmaster } from '../../../src/store/embedded/postmaster.ts';
import { backendToken } from '../backend-token.ts';
import { cpuMicros, databaseCpuMicros } from '../load/cpu.ts';
import type { LoadJob } from '../load/job.ts';
import { load } from '../load/load.ts';
import { medianBy } from '../load/median.ts';
import { careweave } from '../running-server.ts';
import { accessToken, prepare } from './tokens.ts';

interface Where {
  url: string;
  /** Of the server. */
  pid: number;
  dataDir: string;
  port: number;
  seconds: number;
}

interface Decision {
  request: string;
  viewer: string;
  p50Ms: number;
  p95Ms: number;
  perSecond: number;
  /** Processor time of each, which other work on the machine does not change. */
  serverCpuMicros: number;
  databaseCpuMicros: number;
  /**
   * How much longer its 95th percentile is than that of the system token in the same round, as a share; the median of all rounds. Goal: below
   * 0.1. What `system, again` has here is what the machine does by itself.
   */
  overSystem: number;
}

const fixtures = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'privacy');
const child = 'pv-confidential-visit';
const rounds = 12;
const system = 'system';
const scope = 'system/*.cruds';

/**
 * What the decision costs: the same requests about one invented child of fifteen with a system token, a clinician's, a guardian's with limited
 * access and the system token once more, in many short rounds that each begin with another of them, so that what else the machine does meets all
 * alike. Figures are medians of the rounds. `seconds`: a third of what all rounds of one viewer take together.
 */
export async function benchDecisions({ url, pid, dataDir, port, seconds }: Where): Promise<Decision[]> {
  const client = careweave(dataDir, ['client', 'add', '--name', 'decisions', '--scopes', scope], port);
  const token = await backendToken(url, client, scope);
  await fill(url, token);
  const agent = new Agent({ keepAlive: true });
  const tokens = new Map([[system, token]]);
  for (const [viewer, fhirUser] of [
    ['clinician', 'Practitioner/pv-doctor'],
    ['limited guardian', `RelatedPerson/${child}-mother`],
  ] as const)
    tokens.set(viewer, await accessToken({ url, agent, ...(await prepare({ dataDir }, fhirUser)) }));
  tokens.set('system, again', token);
  agent.destroy();
  const requests = new Map([
    ['read', `/fhir/Immunization/${child}-hpv`],
    ['search of one child', `/fhir/Observation?patient=Patient/${child}&code=29463-7&_count=50`],
  ]);
  const postmaster = readPostmaster(join(dataDir, 'postgres'))?.pid ?? 0;
  const found: Decision[] = [];
  for (const [request, path] of requests) {
    const all = new Map<string, Times[]>();
    for (let round = -1; round < rounds; round++) {
      const turn = [...tokens.keys()];
      const from = Math.max(0, round) % turn.length;
      for (const viewer of [...turn.slice(from), ...turn.slice(0, from)]) {
        const headers = { Authorization: `Bearer ${tokens.get(viewer)}`, Accept: 'application/fhir+json' };
        const times = await timesOf(
          { origin: url, headers, requests: [{ method: 'GET', path }] },
          { pid, postmaster, seconds: (3 * seconds) / rounds },
        );
        // The first round only warms.
        if (round >= 0) all.set(viewer, [...(all.get(viewer) ?? []), times]);
      }
    }
    const base = all.get(system) ?? [];
    for (const [viewer, times] of all) {
      const ratios = times.map(({ p95Ms }, at) => p95Ms / (base[at]?.p95Ms ?? Number.NaN));
      const decision = { request, viewer, ...medians(times), overSystem: Number((median(ratios) - 1).toFixed(3)) };
      const { p95Ms, overSystem, serverCpuMicros, databaseCpuMicros } = decision;
      process.stderr.write(
        `${request}, ${viewer}: p95 ${p95Ms} ms (${overSystem}), ${serverCpuMicros} and ${databaseCpuMicros} µs of processor\n`,
      );
      found.push(decision);
    }
  }
  return found;
}

type Times = Omit<Decision, 'request' | 'viewer' | 'overSystem'>;

async function timesOf(
  job: Pick<LoadJob, 'origin' | 'headers' | 'requests'>,
  { pid, postmaster, seconds }: { pid: number; postmaster: number; seconds: number },
): Promise<Times> {
  const warmSeconds = 0.3;
  const before = { server: cpuMicros(pid), database: databaseCpuMicros(postmaster) };
  const { p50Ms, p95Ms, perSecond, errors } = await load({ ...job, concurrency: 8, warmSeconds, seconds });
  const each = (micros: number) => Math.round(micros / Math.max(1, perSecond * (seconds + warmSeconds)));
  const serverCpuMicros = each(cpuMicros(pid) - before.server);
  const databaseMicros = each(databaseCpuMicros(postmaster) - before.database);
  if (errors > 0) throw new Error(`${job.requests[0]?.path}: ${errors} errors`);
  return { p50Ms, p95Ms, perSecond, serverCpuMicros, databaseCpuMicros: databaseMicros };
}

/** NaN of nothing. */
function median(numbers: readonly number[]): number {
  return medianBy(numbers, (one) => one) ?? Number.NaN;
}

function medians(times: readonly Times[]): Times {
  const of = (name: keyof Times) => median(times.map((one) => one[name]));
  return {
    p50Ms: of('p50Ms'),
    p95Ms: of('p95Ms'),
    perSecond: of('perSecond'),
    serverCpuMicros: of('serverCpuMicros'),
    databaseCpuMicros: of('databaseCpuMicros'),
  };
}

/** The clinic, the child and thirty weights that everybody here may see. */
async function fill(url: string, token: string): Promise<void> {
  const read = (...path: string[]) => JSON.parse(readFileSync(join(fixtures, ...path), 'utf8'));
  const weights = Array.from({ length: 30 }, (_, at) => ({
    resource: {
      resourceType: 'Observation',
      status: 'final',
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
      ],
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
      subject: { reference: `Patient/${child}` },
      effectiveDateTime: `2026-01-${String(at + 1).padStart(2, '0')}`,
      valueQuantity: { value: 50 + at / 10, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    },
    request: { method: 'POST', url: 'Observation' },
  }));
  const bundles = [read('clinic.json'), read('confidential-visit', 'bundle.json')];
  for (const bundle of [...bundles, { resourceType: 'Bundle', type: 'transaction', entry: weights }]) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
    const answer = await fetch(`${url}/fhir`, { method: 'POST', headers, body: JSON.stringify(bundle) });
    if (!answer.ok) throw new Error(`the child was refused: ${answer.status}`);
  }
}
