import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** A server of our own in a process of its own, as a user would have it. */
export interface RunningServer {
  url: string;
  pid: number;
  /** From the start of the process to the ready line. */
  readyMs: number;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Starts the server on a data directory and waits for its ready line. */
export async function startServer(dataDir: string, options: { port: number; empty: boolean }): Promise<RunningServer> {
  // Counted as ever, and never met: one token asks here as often as a whole town would.
  const env = { DATA_DIR: dataDir, PORT: String(options.port), RATE_LIMITS: 'all=1000000000' };
  const args = [join(root, 'src', 'main.ts'), ...(options.empty ? ['--empty'] : [])];
  return startProcess(args, env, options.port, 'careweave ready at');
}

/** Starts the machine's bare limit over the database of a running server. */
export async function startBareServer(dataDir: string, port: number): Promise<RunningServer> {
  return startProcess(
    [join(import.meta.dirname, 'bare-server.ts'), dataDir, String(port)],
    {},
    port,
    'bare server ready',
  );
}

async function startProcess(
  args: readonly string[],
  env: Record<string, string>,
  port: number,
  readyText: string,
): Promise<RunningServer> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const readyMs = await ready(child, started, readyText);
  const stop = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, readyMs, stop };
}

function ready(child: ChildProcess, started: number, readyText: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complained = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complained += chunk.toString('utf8');
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes(readyText)) resolve(Math.round(performance.now() - started));
    });
    child.once('exit', () => reject(new Error(`the server did not start: ${complained.trim()}`)));
  });
}

/** Runs a command of the command line against a data directory and answers what it printed. */
export function careweave(dataDir: string, words: readonly string[], port?: number): string {
  const env = { ...process.env, DATA_DIR: dataDir, ...(port ? { PORT: String(port) } : {}) };
  const args = ['--disable-warning=ExperimentalWarning', join(root, 'src', 'careweave.ts'), ...words];
  return execFileSync(process.execPath, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Resident memory of a process and its children, in MB. */
export function residentMb(pid: number): number {
  const kb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  return Math.round(kb / 1024);
}
