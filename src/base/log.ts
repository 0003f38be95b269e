import { type Logger, pino } from 'pino';

export type { Logger };

/** Structured log. What goes in: route templates, parameter names, ids of requests and runs. Never a person's data. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    redact: {
      paths: ['*.authorization', '*.cookie', '*.access_token', '*.client_assertion', '*.password'],
      censor: '[hidden]',
    },
  });
}
