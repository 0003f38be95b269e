import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchDecisions } from './access/decisions.ts';
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
    const { url, pid } = server;
    const decisions = await benchDecisions({ url, pid, dataDir, port, seconds });
    return { decisions, tokens: await benchTokens({ url, pid, dataDir, seconds, concurrencies }) };
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
