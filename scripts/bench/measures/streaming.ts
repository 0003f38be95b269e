import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { processorMicros, round } from './engine-speed.ts';

/** What one thread did. */
export interface StreamPart {
  children: number;
  resources: number;
  failed: number;
  /** Different answers by measure, and how many children have each: what a report is made of. */
  answers: number;
  /** Of the wall-clock time, in milliseconds: making the children and their JSON; reading and evaluating them. */
  generateMs: number;
  evaluateMs: number;
}

export interface Streamed {
  children: number;
  threads: number;
  resources: number;
  failed: number;
  seconds: number;
  /** Of all threads together, with the collector and the compiler of the runtime: what it would take on two free cores is half of it. */
  processorSeconds: number;
  /** Without the time that making the children took. */
  secondsWithoutGenerating: number;
  peakMb: number;
}

/** A population in worker threads, one child after the other: made, written as JSON, read back, evaluated for all measures, added up. */
export async function streamPopulation(children: number, threads: number): Promise<Streamed> {
  const started = performance.now();
  const before = processorMicros();
  let peak = process.memoryUsage.rss();
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 200);
  const parts = await Promise.all(
    Array.from({ length: threads }, (_, thread) => run({ from: thread, step: threads, below: children })),
  );
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  const sum = (of: (part: StreamPart) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    children: sum((part) => part.children),
    threads,
    resources: sum((part) => part.resources),
    failed: sum((part) => part.failed),
    seconds: round(seconds),
    processorSeconds: round((processorMicros() - before) / 1e6),
    secondsWithoutGenerating: round(Math.max(...parts.map(({ evaluateMs }) => evaluateMs)) / 1000),
    peakMb: Math.round(peak / 1e6),
  };
}

function run(workerData: { from: number; step: number; below: number }): Promise<StreamPart> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(import.meta.dirname, 'streaming-worker.ts'), { workerData });
    worker.on('message', (message: StreamPart | { progress: number }) => {
      if ('progress' in message) {
        if (workerData.from === 0) process.stderr.write(`  ${message.progress * workerData.step} children\n`);
      } else resolve(message);
    });
    worker.once('error', reject);
  });
}
