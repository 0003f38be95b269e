import type { Resource } from '../fhir/types.ts';
import { seesAll, type Tx } from '../store/types.ts';
import { currentOf } from './stored.ts';

/**
 * The record behind `Type/id` (any version), as it is in this transaction; undefined when it never was, is deleted, or is hidden from whoever writes:
 * what a rule says of the three has to be the same.
 */
export async function seenByWriter(tx: Tx, reference: string): Promise<Resource | undefined> {
  const [type = '', id = ''] = reference.split('/');
  return currentOf(await tx.readSeen(type, id, tx.actor.sees?.() ?? seesAll));
}

/** Whether a reference leads to a record of this house, as every record that is kept here names them. */
export function isOwnReference(reference: string | undefined): reference is string {
  return reference !== undefined && /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(?:\/_history\/.*)?$/.test(reference);
}
