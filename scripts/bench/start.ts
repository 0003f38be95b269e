import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendToken } from './backend-token.ts';
import { careweave, freePort, residentMb, startServer } from './running-server.ts';

/**
 * Time to ready on a new data directory (cold) and on an existing one (warm, median of five), idle memory of the server process, and
 * the time to load a folder of transaction bundles over HTTP. `children`: that folder; the demo town's own bundles otherwise.
 */
export async function benchStart({ children }: { children?: string }): Promise<Record<string, unknown>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'careweave-bench-'));
  try {
    const port = await freePort();
    const cold = await startServer(dataDir, { port, empty: true });
    await cold.stop();
    const warm: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const server = await startServer(dataDir, { port, empty: true });
      warm.push(server.readyMs);
      await server.stop();
    }
    const server = await startServer(dataDir, { port, empty: true });
    const idleMb = residentMb(server.pid);
    const load = await loadBundles(server.url, dataDir, port, children ?? defaultChildren());
    const afterLoadMb = residentMb(server.pid);
    await server.stop();
    return { coldReadyMs: cold.readyMs, warmReadyMs: median(warm), warmReadyMsRuns: warm, idleMb, afterLoadMb, load };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The twelve children beside the checkout when they are there, else the demo town's hospital records. */
function defaultChildren(): string {
  const root = join(import.meta.dirname, '..', '..');
  const twelve = join(root, '..', 'shared', 'data', 'children');
  return existsSync(twelve) ? twelve : join(root, 'fixtures', 'ehr', 'lakeside');
}

async function loadBundles(url: string, dataDir: string, port: number, folder: string) {
  const scope = 'system/*.cruds';
  const client = careweave(dataDir, ['client', 'add', '--name', 'bench', '--scopes', scope], port);
  const token = await backendToken(url, client, scope);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const bundles = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  const resources = bundles.reduce((sum, text) => sum + (JSON.parse(text).entry?.length ?? 0), 0);
  const started = performance.now();
  for (const body of bundles) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
    const answer = await fetch(`${url}/fhir`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`a bundle was refused: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
    await answer.arrayBuffer();
  }
  const ms = Math.round(performance.now() - started);
  return { bundles: bundles.length, resources, ms, resourcesPerSecond: Math.round((resources / ms) * 1000) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
