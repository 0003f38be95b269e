import { isOfType } from '../fhir/of-type.ts';
import type { Actor, Reader } from '../store/types.ts';
import { localId } from './local-id.ts';
import { currentOf } from './stored.ts';

/** True when the reference (`Type/id`) is of the person who writes; a role of a practitioner is the practitioner. */
export async function isOneself(who: string, { kind, id }: Actor, reader: Reader): Promise<boolean> {
  if (kind !== 'user') return false;
  if (who === id) return true;
  if (!who.startsWith('PractitionerRole/')) return false;
  const role = currentOf(await reader.read('PractitionerRole', who.slice('PractitionerRole/'.length)));
  const practitioner = isOfType(role, 'PractitionerRole') ? localId(role.practitioner, 'Practitioner') : undefined;
  return practitioner !== undefined && id === `Practitioner/${practitioner}`;
}
