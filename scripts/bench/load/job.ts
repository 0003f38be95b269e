/** One request of a load. `@n@` in a body becomes a number that is never given twice. */
export interface LoadRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: string;
}

/** What the load generator is asked to do: send the requests in turn, over and over, from `concurrency` connections. */
export interface LoadJob {
  origin: string;
  headers: Record<string, string>;
  requests: readonly LoadRequest[];
  concurrency: number;
  /** Before the clock starts. */
  warmSeconds: number;
  seconds: number;
}

export interface LoadResult {
  requests: number;
  /** Answers other than 2xx, and broken connections. */
  errors: number;
  perSecond: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  bytesPerAnswer: number;
  /** Processor time of the generator itself, which shares the machine with what it measures. */
  generatorCpuMicros: number;
  /** Of the machine's processor time, what its host gave to other machines meanwhile: above 5 % the figures say little. */
  stolenPercent: number;
}
