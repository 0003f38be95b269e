import { createHash, randomUUID } from 'node:crypto';

/** A fresh public id (UUID v4: version 7 would reveal when a record was made). */
export function newId(): string {
  return randomUUID();
}

/**
 * A stable UUID (version 5 layout, SHA-1) for a name within a namespace: the same input always gives the same id,
 * so a replayed import lands on the same resource. Source: RFC 9562, section 5.5.
 */
export function stableId(...parts: string[]): string {
  const bytes = createHash('sha1').update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
