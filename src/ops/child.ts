import { type ChildProcess, spawn } from 'node:child_process';
import { fail, ok, type Result } from '../base/errors.ts';

/** A program of ours that runs beside this process and ends with it. */
export interface Child {
  /** Asks it to end, and waits for that. */
  stop(): Promise<void>;
}

/**
 * Runs a script on this Node and waits until its standard output says `readyText`. Error `internal` with `problem` when it ends before. The channel to
 * it closes when this process ends in any way, and by that it notices; a process group of its own keeps Ctrl-C in the terminal from reaching it first.
 */
export function startChild(script: readonly string[], readyText: string, problem: string): Promise<Result<Child>> {
  const args = ['--disable-warning=ExperimentalWarning', ...script];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true });
  return new Promise((resolve) => {
    let said = '';
    child.once('error', (cause) => resolve(fail('internal', problem, { cause })));
    child.once('exit', () => resolve(fail('internal', problem)));
    const listen = (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (!said.includes(readyText)) return;
      child.stdout?.off('data', listen).resume();
      resolve(ok({ stop: () => stopChild(child) }));
    };
    child.stdout?.on('data', listen);
  });
}

function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
