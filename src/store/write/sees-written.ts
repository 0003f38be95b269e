import { reachOf } from '../../fhir/patient-reach.ts';
import type { StoreParts } from '../parts.ts';
import type { Stored, Visibility } from '../types.ts';
import { seesType } from '../visibility.ts';

/**
 * `sees` for a version that this transaction has made itself: whose it is was found when its index was, and its row says the same.
 */
export function seesWritten(
  parts: Pick<StoreParts, 'definitions'>,
  visibility: Visibility,
  stored: Stored,
  patients: readonly string[],
): boolean {
  if (visibility.kind === 'all') return true;
  if (!seesType(visibility, stored.type)) return false;
  const { patientId } = visibility;
  if (patientId === undefined) return true;
  const reach = reachOf(parts.definitions, stored.type);
  if (reach === 'everybody' || reach === 'nobody') return reach === 'everybody';
  return patients.includes(patientId) && !(reach === 'alone' && patients.length > 1);
}
