/** Values as PostgreSQL reads them: text, or bytes in its binary form. Source: PostgreSQL, "Arrays", "Message Formats". */

/** One value of a statement; lists become array literals, dates ISO instants, other objects JSON. */
export function wireValue(value: unknown): string | Buffer | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayLiteral(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Needs no quotes within an array literal: numbers, ids, instants. */
const bare = /^[\w.:+-]+$/;

function arrayLiteral(items: readonly unknown[]): string {
  return `{${items.map(element).join(',')}}`;
}

function element(item: unknown): string {
  if (Array.isArray(item)) return arrayLiteral(item);
  const text = typeof item === 'string' ? item : wireValue(item);
  if (text === null) return 'NULL';
  if (typeof text !== 'string') return `"\\\\x${text.toString('hex')}"`;
  // The bare word NULL would be read as no value.
  return bare.test(text) && !(text.length === 4 && /^null$/i.test(text)) ? text : `"${escaped(text)}"`;
}

/** By whole texts: a pattern takes half as long again. */
function escaped(text: string): string {
  const rest = text.includes('\\') ? text.replaceAll('\\', '\\\\') : text;
  return rest.replaceAll('"', '\\"');
}

const textOid = 25;

/**
 * A `text[]` in binary form: long texts full of quotes would have to be escaped, and unescaped again.
 * Source: PostgreSQL, src/backend/utils/adt/arrayfuncs.c, array_recv.
 */
export function textArray(items: readonly (string | null)[]): Buffer {
  const sizes = items.map((item) => (item === null ? 0 : Buffer.byteLength(item)));
  const head = items.length === 0 ? 12 : 20;
  const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + size, head));
  bytes.writeInt32BE(items.length === 0 ? 0 : 1, 0);
  bytes.writeInt32BE(items.includes(null) ? 1 : 0, 4);
  bytes.writeInt32BE(textOid, 8);
  if (items.length === 0) return bytes;
  bytes.writeInt32BE(items.length, 12);
  bytes.writeInt32BE(1, 16);
  let at = head;
  for (const [place, item] of items.entries()) {
    const size = sizes[place] ?? 0;
    at = bytes.writeInt32BE(item === null ? -1 : size, at);
    if (item !== null) at += bytes.write(item, at, size, 'utf8');
  }
  return bytes;
}
