import type { Measured } from '../fhir.ts';

/** What is compared with which bare limit; the goals are those of docs/performance.md. */
const comparisons = [
  { name: 'read / bare read', of: 'read', to: 'bare read', goal: 0.6 },
  { name: 'patient search / bare read', of: 'search patient+code', to: 'bare read', goal: 0.4 },
  { name: 'patient search newest 10 / bare read', of: 'search patient+category newest 10', to: 'bare read', goal: 0.4 },
  { name: 'create / bare insert', of: 'create', to: 'bare insert', goal: 0.25 },
] as const;

/** Requests a second of one load over those of another, at each concurrency. */
export function ratios(loads: readonly Measured[]): Record<string, unknown>[] {
  const concurrencies = [...new Set(loads.map(({ concurrency }) => concurrency))];
  const rate = (kind: string, concurrency: number) =>
    loads.find((load) => load.kind === kind && load.concurrency === concurrency)?.perSecond ?? Number.NaN;
  return comparisons.map(({ name, of, to, goal }) => ({
    name,
    goal,
    ...Object.fromEntries(concurrencies.map((at) => [`at ${at}`, Number((rate(of, at) / rate(to, at)).toFixed(3))])),
  }));
}
