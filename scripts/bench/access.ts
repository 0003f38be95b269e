import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchTokens } from './access/tokens.ts';
import { freePort, startServer } from './running-server.ts';

/**
 * What access costs, against a server of its own on a new data directory. `seconds`: of each load (5). `concurrency`: which ones (1,8,32).
 * The load comes from this process and shares the processors with the server.
 */
export async function benchAccess(options: {
  seconds?: string;
  concurrency?: string;
}): Promise<Record<string, unknown>> {
  const seconds = Number(options.seconds ?? 5);
  const concurrencies = (options.concurrency ?? '1,8,32').split(',').map(Number);
  const dataDir = mkdtempSync(join(tmpdir(), 'careweave-bench-'));
  const port = await freePort();
  const server = await startServer(dataDir, { port, empty: true });
  try {
    return { tokens: await benchTokens({ url: server.url, pid: server.pid, dataDir, seconds, concurrencies }) };
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
