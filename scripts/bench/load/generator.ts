/**
 * The load generator, a process of its own: each connection sends its next request when the answer to the one before is complete.
 * Answers are read and thrown away. It is the same for every server that is measured, so what it costs is the same for all.
 */
import { Pool } from 'undici';
import { hostTicks } from './cpu.ts';
import type { LoadJob, LoadRequest, LoadResult } from './job.ts';
import { percentile } from './percentile.ts';

process.on('message', (job: LoadJob) => {
  run(job).then((result) => process.send?.(result));
});

interface Tally {
  times: number[];
  errors: number;
  bytes: number;
}

async function run(job: LoadJob): Promise<LoadResult> {
  const pool = new Pool(job.origin, { connections: job.concurrency, pipelining: 1 });
  const numbers = counter();
  await during(pool, job, job.warmSeconds, numbers);
  const cpu = process.cpuUsage();
  const host = hostTicks();
  const started = performance.now();
  const tally = await during(pool, job, job.seconds, numbers);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { all, stolen } = hostTicks();
  await pool.close();
  const times = tally.times.sort((a, b) => a - b);
  const requests = times.length;
  return {
    requests,
    errors: tally.errors,
    perSecond: round(requests / seconds, 1),
    p50Ms: percentile(times, 50),
    p95Ms: percentile(times, 95),
    p99Ms: percentile(times, 99),
    maxMs: percentile(times, 100),
    bytesPerAnswer: Math.round(tally.bytes / Math.max(1, requests)),
    generatorCpuMicros: Math.round((user + system) / Math.max(1, requests)),
    stolenPercent: round((100 * (stolen - host.stolen)) / Math.max(1, all - host.all), 1),
  };
}

function counter(): () => number {
  let last = Math.floor(Math.random() * 1e9) * 1000;
  return () => ++last;
}

function during(pool: Pool, job: LoadJob, seconds: number, number: () => number): Promise<Tally> {
  const tally: Tally = { times: [], errors: 0, bytes: 0 };
  const end = performance.now() + seconds * 1000;
  let turn = 0;
  const connection = async () => {
    while (performance.now() < end) {
      const request = job.requests[turn++ % job.requests.length];
      if (request) await send(pool, request, job.headers, number, tally);
    }
  };
  return Promise.all(Array.from({ length: job.concurrency }, connection)).then(() => tally);
}

function send(
  pool: Pool,
  { method, path, body }: LoadRequest,
  headers: Record<string, string>,
  number: () => number,
  tally: Tally,
): Promise<void> {
  const started = performance.now();
  let good = false;
  return new Promise((resolve) => {
    const done = () => {
      tally.times.push(performance.now() - started);
      if (!good) tally.errors++;
      resolve();
    };
    const filled = body === undefined ? null : body.replaceAll('@n@', () => String(number()));
    pool.dispatch(
      { method, path, headers, body: filled },
      {
        onRequestStart: () => {},
        onResponseStart: (_controller, status) => {
          good = status >= 200 && status < 300;
        },
        onResponseData: (_controller, chunk) => {
          tally.bytes += chunk.length;
        },
        onResponseEnd: done,
        onResponseError: () => {
          good = false;
          done();
        },
      },
    );
  });
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
