import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * Structured log. What goes in: route templates, parameter names, ids of requests and runs. Never a person's data.
 * `to`: 1 is standard output; a command, whose output others read, logs to 2.
 */
export function createLogger(level: string, to: 1 | 2 | { write(line: string): void } = 1): Logger {
  const options = {
    level,
    base: null,
    redact: {
      paths: ['*.authorization', '*.cookie', '*.access_token', '*.client_assertion', '*.password'],
      censor: '[hidden]',
    },
  };
  return pino(options, typeof to === 'number' ? pino.destination({ fd: to, sync: true }) : to);
}

/** What of a fault may be logged: its class, code and stack frames, not its message (which may quote data). */
export function faultOf(cause: unknown): object | undefined {
  if (!(cause instanceof Error)) return undefined;
  const frames = (cause.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 12);
  return { name: cause.name, code: 'code' in cause ? String(cause.code) : undefined, frames };
}
