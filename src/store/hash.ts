import { hash } from 'node:crypto';

/** 64 bits of a name as PostgreSQL's bigint, in text. With 100 million tokens a false match stays a one in 100,000 affair. */
export function hash64(...parts: string[]): string {
  return hash('sha1', parts.join('\u0000'), 'buffer').readBigInt64BE(0).toString();
}
