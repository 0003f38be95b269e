import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..', '..');

/** One of our programs in a process of its own, as a user runs it. */
export interface Program {
  pid: number;
  out(): string;
  err(): string;
  /** Settles when the text was printed; rejects when the program ends without it. */
  says(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** The exit code; undefined when a signal ended it. */
  ended: Promise<number | undefined>;
}

/** Our settings as the test says and the rest of the environment, so that nothing of the test run's own gets in. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const ours = /^(CAREWEAVE_.*|PORT|HOST|PUBLIC_URL|DATA_DIR|DATABASE_URL|NODE_ENV|NODE_OPTIONS)$/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name))), ...settings };
}

export function runProgram(words: readonly string[], settings: Record<string, string>): Program {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
    cwd: root,
    env: environment(settings),
    // With the channel that the npm scripts keep to what they run.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let [out, err] = ['', ''];
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8');
    tell();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString('utf8');
    tell();
  });
  const ended = new Promise<number | undefined>((resolve) => {
    child.once('close', (code) => resolve(code ?? undefined));
  });
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!`${out}${err}`.includes(text)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      ended.then(() => reject(new Error(`ended without saying “${text}”: ${out}${err}`)));
    });
  return { pid: child.pid ?? 0, out: () => out, err: () => err, says, kill: (signal) => child.kill(signal), ended };
}

/** The server; `--empty` unless told. */
export function runServer(settings: Record<string, string>, args: readonly string[] = ['--empty']): Program {
  return runProgram([join(root, 'src', 'main.ts'), ...args], { HOST: '127.0.0.1', ...settings });
}

/** A server that has said it is ready. */
export async function readyServer(settings: Record<string, string>, args?: readonly string[]): Promise<Program> {
  const server = runServer(settings, args);
  await server.says('careweave ready at ');
  return server;
}

/** Runs a command of the command line to its end. */
export async function careweave(words: readonly string[], settings: Record<string, string>) {
  const command = runProgram([join(root, 'src', 'careweave.ts'), ...words], settings);
  const code = await command.ended;
  return { code, out: command.out(), err: command.err() };
}

/** Two ports with nobody on them: the server's and the hospitals'. */
export async function freePorts(): Promise<[number, number]> {
  const probes = [createServer(), createServer()];
  const ports: number[] = [];
  for (const probe of probes) {
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const address = probe.address();
    ports.push(typeof address === 'object' && address ? address.port : 0);
  }
  for (const probe of probes) await new Promise((resolve) => probe.close(resolve));
  return [ports[0] ?? 0, ports[1] ?? 0];
}
