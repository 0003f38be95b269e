import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** True when a program on this machine answers on the port. */
export function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ port, host: '127.0.0.1' });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

/** Waits for a port whose owner is just going away. Answers false when it is still taken after `timeoutMs`. */
export async function becomesFree(port: number, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (await isTaken(port)) {
    if (performance.now() > end) return false;
    await delay(50);
  }
  return true;
}
