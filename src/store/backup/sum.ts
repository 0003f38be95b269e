import { createHash } from 'node:crypto';

/**
 * A sum over lines that does not depend on their order: of each the first eight bytes of its SHA-256 as a signed number. The same in SQL,
 * so that what a database holds after a restore is compared row for row with what the file said, without reading it out again.
 */
export function lineNumber(line: string): bigint {
  return createHash('sha256').update(line).digest().readBigInt64BE(0);
}

/** SQL: the sum of the lines that `lines` selects (column `line`), and how many they are, as text. */
export function sumSql(lines: string): string {
  return `SELECT count(*)::text AS rows, coalesce(sum(
      ('x' || encode(substr(sha256(convert_to(line, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint::numeric), 0)::text AS sum
    FROM (${lines}) AS l (line)`;
}
