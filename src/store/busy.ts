import { type CareError, type Err, fail } from '../base/errors.ts';
import { errorCode } from './error-code.ts';

/** What the driver says, without a code, when the connection goes or none comes in time. */
const withoutCode = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Cannot use a pool after calling end',
];

/** The error for a fault that will pass: the database is away, full, or took too long. Source: PostgreSQL, appendix A, error codes. */
export function busyOf(fault: unknown): CareError | undefined {
  const code = errorCode(fault);
  const isBusy =
    /^(08|53|57)/.test(code) ||
    ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(code) ||
    // The socket of a server that has stopped; any other file that is missing will not come by itself.
    (code === 'ENOENT' && fault instanceof Error && 'syscall' in fault && fault.syscall === 'connect') ||
    (fault instanceof Error && withoutCode.some((text) => fault.message.startsWith(text)));
  if (!isBusy) return undefined;
  const text = 'The database cannot serve this now. Try again.';
  return fail('busy', text, { code: 'transient', cause: fault, retryAfterSeconds: 2 }).error;
}

/** The answer to a fault that will pass; any other one is thrown on. */
export function busyOrThrow(fault: unknown): Err {
  const error = busyOf(fault);
  if (!error) throw fault;
  return { ok: false, error };
}
