import pg from 'pg';
import { errorCode } from '../error-code.ts';

/**
 * A fault that will pass when the whole transaction is tried again: a serialization fault, a deadlock, or an identity that somebody
 * else took between our look and our insert (the next look sees it).
 */
export function isPassing(error: unknown): boolean {
  const code = errorCode(error);
  if (code !== '23505') return code === '40001' || code === '40P01';
  return (
    typeof error === 'object' && error !== null && 'constraint' in error && error.constraint === 'resource_identity'
  );
}

/** A fault after which the connection is of no use: it was lost, or PostgreSQL ends it (appendix A: class 08, 57P…). */
export function endsConnection(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || /^(08|57P)/.test(errorCode(error));
}
