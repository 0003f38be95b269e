import type { Resource } from '../../fhir/types.ts';
import { textOf } from '../shape.ts';
import { birthOrder, givenNames, isPlaceholder } from './evidence.ts';

export type Sameness =
  | { same: true }
  /** `conflict`: the shared identifier and the rest contradict each other, so a person must look. */
  | { same: false; conflict: 'birth-date' | 'birth-order' | 'given-name' };

/**
 * Are two Patients that share a strong identifier the same child? Only when birth date and a real given name agree too.
 * A given name that differs is the pattern of twins whose papers were mixed up (same birthday, same family, same phone),
 * so a shared family name is never enough. Surnames may differ: children change them.
 */
export function sameChild(one: Resource, other: Resource): Sameness {
  if (textOf(one.birthDate) === undefined || one.birthDate !== other.birthDate) {
    return { same: false, conflict: 'birth-date' };
  }
  const orders = [birthOrder(one), birthOrder(other)];
  if (orders[0] !== undefined && orders[1] !== undefined && orders[0] !== orders[1]) {
    return { same: false, conflict: 'birth-order' };
  }
  const others = givenNames(other);
  const shared = [...givenNames(one)].some((given) => others.has(given) && !isPlaceholder(given));
  return shared ? { same: true } : { same: false, conflict: 'given-name' };
}
