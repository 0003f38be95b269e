import { createHash } from 'node:crypto';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { PolicyDocument } from './document.ts';

/** Counted up when the same rules come to find more in a record: then every record is looked at anew before anybody is answered. */
const reading = 3;

/** What of a policy decides the categories of records: two policies with the same give the same. */
export function rulesOf({ systems, categories, inherits }: PolicyDocument): string {
  const text = JSON.stringify({ systems, categories, inherits, reading }, inOrder);
  return createHash('sha256').update(text).digest('base64url');
}

/** The database keeps the members of an object in an order of its own. */
function inOrder(_name: string, value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}
