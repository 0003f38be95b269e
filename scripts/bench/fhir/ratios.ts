import type { LoadResult } from '../load/job.ts';
import { medianBy } from '../load/median.ts';

/** One measured load. Processor times are per request, of the process that answers and of PostgreSQL. */
export interface Measured extends LoadResult {
  kind: string;
  concurrency: number;
  /** Bundles only. */
  resourcesPerSecond?: number;
  serverCpuMicros: number;
  databaseCpuMicros: number;
}

/** All kinds of load, one right after the other. */
export interface Round {
  concurrency: number;
  loads: readonly Measured[];
}

/** What is compared with which bare limit; the goals are those of docs/performance.md. */
const comparisons = [
  { name: 'read / bare read', of: 'read', to: 'bare read', goal: 0.6 },
  { name: 'patient search / bare read', of: 'search patient+code', to: 'bare read', goal: 0.4 },
  { name: 'patient search newest 10 / bare read', of: 'search patient+category newest 10', to: 'bare read', goal: 0.4 },
  { name: 'create / bare insert', of: 'create', to: 'bare insert', goal: 0.25 },
] as const;

/** Of each kind at each concurrency, the round in the middle by requests a second. */
export function middleLoads(rounds: readonly Round[]): Measured[] {
  const same = Map.groupBy(
    rounds.flatMap(({ loads }) => loads),
    ({ kind, concurrency }) => `${kind} at ${concurrency}`,
  );
  return [...same.values()].flatMap((loads) => medianBy(loads, ({ perSecond }) => perSecond) ?? []);
}

/**
 * Requests a second of one load over those of another in the same round, at each concurrency: the median of the rounds, with the least
 * and the most; and the median of the same by the processor time that the server and PostgreSQL spent on a request, which moves less
 * when the machine does other work too.
 */
export function ratios(rounds: readonly Round[]): Record<string, unknown>[] {
  const concurrencies = [...new Set(rounds.map(({ concurrency }) => concurrency))];
  return comparisons.map(({ name, of, to, goal }) => {
    const row: Record<string, unknown> = { name, goal };
    for (const at of concurrencies) {
      const pairs = rounds
        .filter(({ concurrency }) => concurrency === at)
        .flatMap(({ loads }) => {
          const [one, other] = [of, to].map((kind) => loads.find((load) => load.kind === kind));
          return one && other ? [{ one, other }] : [];
        });
      const byRate = pairs.map(({ one, other }) => rounded(one.perSecond / other.perSecond));
      row[`at ${at}`] = medianBy(byRate, (ratio) => ratio);
      row[`least and most at ${at}`] = [Math.min(...byRate), Math.max(...byRate)];
      const byTime = pairs.map(({ one, other }) => rounded(cpu(other) / cpu(one)));
      row[`by processor time at ${at}`] = medianBy(byTime, (ratio) => ratio);
    }
    return row;
  });
}

const cpu = (load: Measured) => load.serverCpuMicros + load.databaseCpuMicros;
const rounded = (ratio: number) => Number(ratio.toFixed(3));
