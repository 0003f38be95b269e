import { pino } from 'pino';
import type { Logger } from '../../src/base/log.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** What must never come up in a log or in the text of a refusal: names nobody else uses. */
export const canary = 'Quillfeather-Zzyzx';

export interface Watched extends TestHttp {
  /** Every line that was logged. */
  lines: string[];
}

/** The HTTP edge with its log kept, down to the least line. */
export async function startWatched(): Promise<Watched> {
  const lines: string[] = [];
  const log: Logger = pino({ level: 'trace', base: null }, { write: (line: string) => void lines.push(line) });
  return { ...(await startHttp({ log })), lines };
}

/** The server is as it was: a known resource is read as before, and nothing was logged that a request had said. */
export async function unharmed({ send, lines }: Watched, path: string): Promise<{ status: number; logged: string[] }> {
  const { status } = await send('GET', path);
  return { status, logged: lines.splice(0).filter((line) => line.includes(canary) || /"level":(50|60)/.test(line)) };
}
