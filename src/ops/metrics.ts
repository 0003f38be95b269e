import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { RoomGauge } from '../module.ts';
import type { Store } from '../store/types.ts';

export interface Metrics {
  /** One answered request: the interaction's name (never a URL), the method, the status. */
  observe(interaction: string, method: string, status: number, seconds: number): void;
  text(): Promise<{ contentType: string; body: string }>;
}

/** Prometheus metrics. Labels are names of interactions, job states and statuses only. */
export function createMetrics(store: Store, gauges: readonly RoomGauge[] = []): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'careweave_request_seconds',
    help: 'Time to answer a request, by interaction.',
    labelNames: ['interaction', 'method', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  });
  new Gauge({
    name: 'careweave_jobs',
    help: 'Jobs by kind and state; scheduled: ready at a later time.',
    labelNames: ['kind', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      const rows = await store.query<{ kind: string; state: string; jobs: string }>(
        `SELECT kind, CASE WHEN state = 'ready' AND run_at > now() THEN 'scheduled' ELSE state END AS state, count(*) AS jobs
           FROM job WHERE state <> 'done' GROUP BY 1, 2`,
      );
      for (const row of rows) this.set({ kind: row.kind, state: row.state }, Number(row.jobs));
    },
  });
  for (const { name, help, labelNames, read } of gauges) {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [registry],
      async collect() {
        const found = await read(store);
        this.reset();
        for (const { labels, value } of found) this.set(labels, value);
      },
    });
  }
  return {
    observe: (interaction, method, status, seconds) => duration.observe({ interaction, method, status }, seconds),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
