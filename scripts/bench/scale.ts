import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendToken } from './backend-token.ts';
import { load } from './load/load.ts';
import { careweave, freePort, residentMb, startServer } from './running-server.ts';
import { build } from './scale/build.ts';
import { deepPages } from './scale/deep-pages.ts';
import { instancesOf, type Shape, shapes } from './scale/shapes.ts';

const scope = 'system/*.cruds';
const concurrency = 8;
const goalCommonMs = 15;
const goalMs = 1000;

/**
 * Builds a large store (`resources`, 1,000,000) and asks it the shapes of query that apps ask, over HTTP, eight at a time, each for
 * `seconds` (3). Answered are times by shape, and which shapes miss the goals: the common ones 95 % within 15 ms, all within a second.
 */
export async function benchScale(options: {
  seconds?: string;
  resources?: string;
  dir?: string;
}): Promise<Record<string, unknown>> {
  const seconds = Number(options.seconds ?? 3);
  const dataDir = options.dir ?? mkdtempSync(join(tmpdir(), 'careweave-bench-'));
  const port = await freePort();
  try {
    // The first start makes the schema and the server's own resources.
    await (await startServer(dataDir, { port, empty: true })).stop();
    const built = await build(dataDir, `http://127.0.0.1:${port}`, Number(options.resources ?? 1_000_000));
    process.stderr.write(`${JSON.stringify(built)}\n`);
    const server = await startServer(dataDir, { port, empty: true });
    try {
      const client = careweave(dataDir, ['client', 'add', '--name', 'bench', '--scopes', scope], port);
      const token = () => backendToken(server.url, client, scope);
      const measured: ShapeTimes[] = [];
      for (const shape of shapes)
        measured.push(await measure(shape, { url: server.url, token, children: built.children, seconds }));
      const pages = await deepPages(server.url, token, 200);
      const missed = (rows: readonly ShapeTimes[], goal: number, field: 'p95Ms' | 'maxMs') =>
        rows.filter((row) => row[field] > goal).map(({ shape }) => shape);
      return {
        built,
        readyMs: server.readyMs,
        residentMb: residentMb(server.pid),
        shapes: measured,
        pages,
        missed15msP95: missed(
          measured.filter((row) => row.common),
          goalCommonMs,
          'p95Ms',
        ),
        missed1s: missed(measured, goalMs, 'maxMs'),
      };
    } finally {
      await server.stop();
    }
  } finally {
    if (options.dir === undefined) rmSync(dataDir, { recursive: true, force: true });
  }
}

interface Where {
  url: string;
  token: () => Promise<string>;
  children: number;
  seconds: number;
}

interface ShapeTimes {
  shape: string;
  common: boolean;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  perSecond: number;
  errors: number;
  bytesPerAnswer: number;
  /** Why the server does not answer this shape. */
  refused?: string;
}

async function measure(shape: Shape, { url, token, children, seconds }: Where): Promise<ShapeTimes> {
  const paths = instancesOf(shape, children, 500);
  const headers = { Authorization: `Bearer ${await token()}`, Accept: 'application/fhir+json' };
  const refused = await refusal(`${url}${paths[0]}`, headers);
  const requests = paths.map((path) => ({ method: 'GET' as const, path }));
  const result = await load({
    origin: url,
    headers,
    requests,
    concurrency,
    warmSeconds: Math.min(1, seconds / 3),
    seconds,
  });
  const { p50Ms, p95Ms, p99Ms, maxMs, perSecond, errors, bytesPerAnswer } = result;
  process.stderr.write(
    `${shape.name}: p50 ${p50Ms}, p95 ${p95Ms}, max ${maxMs} ms${refused ? ` REFUSED ${refused}` : ''}\n`,
  );
  return {
    shape: shape.name,
    common: shape.common,
    p50Ms,
    p95Ms,
    p99Ms,
    maxMs,
    perSecond,
    errors,
    bytesPerAnswer,
    ...(refused && { refused }),
  };
}

/** The status and reason when the server does not answer this shape. */
async function refusal(url: string, headers: Record<string, string>): Promise<string | undefined> {
  const answer = await fetch(url, { headers });
  const text = await answer.text();
  return answer.ok ? undefined : `${answer.status} ${text.slice(0, 200)}`;
}
