import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../error-code.ts';

/** True while a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') return false;
  }
  // A zombie still answers to signal 0; it is waiting for its parent and does nothing any more.
  return !isZombie(pid);
}

/** True for a process that has ended and whose parent has not asked for its exit status. */
export function isZombie(pid: number): boolean {
  return statFields(pid)?.[0] === 'Z';
}

/** The fields of /proc/<pid>/stat after the command name, or undefined where there is no /proc. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** What `ps` knows of a process; '' when it is gone. For systems without /proc. */
function askPs(column: string, pid: number): string {
  const found = spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : '';
}

/** When the process began, in some unit: tells a reused process id from the process we knew. '' where unknown. */
export function startTime(pid: number): string {
  return statFields(pid)?.[19] ?? askPs('lstart', pid);
}

/** True when the process was started with this argument. */
export function hasArgument(pid: number, argument: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
  } catch {
    return askPs('command', pid).includes(argument);
  }
}

/** Waits until the process is gone. Answers false when it is still there after `timeoutMs`. */
export async function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await delay(5);
  }
  return true;
}
