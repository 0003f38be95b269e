import type { Measured } from '../fhir.ts';

/** What is compared with which bare limit; the goals are those of docs/performance.md. */
const comparisons = [
  { name: 'read / bare read', of: 'read', to: 'bare read', goal: 0.6 },
  { name: 'patient search / bare read', of: 'search patient+code', to: 'bare read', goal: 0.4 },
  { name: 'patient search newest 10 / bare read', of: 'search patient+category newest 10', to: 'bare read', goal: 0.4 },
  { name: 'create / bare insert', of: 'create', to: 'bare insert', goal: 0.25 },
] as const;

/**
 * Requests a second of one load over those of another, at each concurrency; and the same of the processor time that the server and
 * PostgreSQL spent on a request, which moves less when the machine does other work too.
 */
export function ratios(loads: readonly Measured[]): Record<string, unknown>[] {
  const concurrencies = [...new Set(loads.map(({ concurrency }) => concurrency))];
  const found = (kind: string, concurrency: number) =>
    loads.find((load) => load.kind === kind && load.concurrency === concurrency);
  const rate = (load?: Measured) => load?.perSecond ?? Number.NaN;
  const cpu = (load?: Measured) => (load ? load.serverCpuMicros + load.databaseCpuMicros : Number.NaN);
  return comparisons.map(({ name, of, to, goal }) => {
    const row: Record<string, unknown> = { name, goal };
    for (const at of concurrencies) {
      const [one, other] = [found(of, at), found(to, at)];
      row[`at ${at}`] = Number((rate(one) / rate(other)).toFixed(3));
      row[`by processor time at ${at}`] = Number((cpu(other) / cpu(one)).toFixed(3));
    }
    return row;
  });
}
