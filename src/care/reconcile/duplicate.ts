import { isOfType } from '../../fhir/of-type.ts';
import { likeness } from '../../fhir/plan-view/alike.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Pair } from './candidates.ts';
import type { Item } from './chart.ts';
import type { Finding } from './finding.ts';
import { isSameMedicine } from './same-medicine.ts';

/**
 * Pairs that say the same: a code in common, or equal words where no code system that both use has said that they differ. Words are compared
 * without their order, accents, case and articles, and never beyond that: no spelling is forgiven.
 */
export function findDuplicates(pairs: readonly Pair[]): Finding[] {
  const found: Finding[] = [];
  for (const [a, b] of pairs) {
    const how = likenessOf(a, b);
    const why = how === 'code' ? 'They have a code in common.' : 'They say the same in the same words.';
    if (how) found.push({ kind: 'duplicate', about: a.about, why, members: [a, b] });
  }
  return found;
}

function likenessOf(a: Item, b: Item) {
  // What a Task is about is said in its words; its code is of its kind ("fulfill") and many have the same.
  if (a.about === 'activity' && (isTask(a) || isTask(b))) {
    return sameWords(a, b) && !isLinked(a, b) && !isLinked(b, a) ? ('words' as const) : undefined;
  }
  const how = likeness(a.concept, b.concept);
  return how ?? (a.about === 'medication' && isSameMedicine(a, b) ? ('words' as const) : undefined);
}

/** A Task that carries out a request, or was made for it, is no second one. */
function isLinked({ resource }: Item, { reference }: Item): boolean {
  if (!isOfType(resource, 'Task')) return false;
  return [resource.focus, ...(resource.basedOn ?? [])].some((one) => localReference(one) === reference);
}

const isTask = ({ resource }: Item) => resource.resourceType === 'Task';
const sameWords = (a: Item, b: Item) => a.phrase !== '' && a.phrase === b.phrase;
