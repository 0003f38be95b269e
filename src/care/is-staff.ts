import type { Principal } from '../access/types.ts';

/** A person who works with children, or a system; not a family member, who has their own view of the record. */
export function isStaff({ kind, fhirUser = '' }: Principal): boolean {
  return kind !== 'user' || /^Practitioner(Role)?\//.test(fhirUser);
}
