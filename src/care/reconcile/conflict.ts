import type { Steps } from '../../base/in-slices.ts';
import { likeness } from '../../fhir/plan-view/alike.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Pair } from './candidates.ts';
import { type Chart, has, type Item } from './chart.ts';
import { contradictions } from './contradictions.ts';
import { deniesOther, type Finding } from './finding.ts';
import { differsInDose, isSameMedicine } from './same-medicine.ts';

/**
 * Pairs that cannot both hold: orders and goals on two sides of the table of contradictions, the same order once to be done and once not,
 * one medicine in two doses, a diagnosis or allergy that one says is there and another says is not.
 */
export function findConflicts(pairs: readonly Pair[]): Finding[] {
  const found: Finding[] = [];
  for (const [a, b] of pairs) {
    const why = conflictOf(a, b);
    if (why !== undefined) found.push({ kind: 'conflict', about: a.about, why, members: [a, b] });
  }
  return found;
}

function conflictOf(a: Item, b: Item): string | undefined {
  if (a.about === 'medication') {
    return isSameMedicine(a, b) && differsInDose(a, b) ? 'The same medicine is given in different doses.' : undefined;
  }
  if (a.about === 'problem' || a.about === 'allergy') return presence(a, b);
  if (doesNot(a.resource) !== doesNot(b.resource)) {
    return likeness(a.concept, b.concept) ? 'One says that it is to be done, the other that it is not.' : undefined;
  }
  return contradiction(a, b);
}

function presence(a: Item, b: Item): string | undefined {
  if (deniesOther(a, b)) return 'One record says that no allergy is known, another names one.';
  if (isRefuted(a) === isRefuted(b)) return undefined;
  return likeness(a.concept, b.concept)
    ? 'One record says that it is there, another that it was ruled out.'
    : undefined;
}

function contradiction(a: Item, b: Item): string | undefined {
  for (const [name, side] of a.sides) {
    const other = b.sides.get(name);
    if (other !== undefined && other !== side) {
      return `They contradict each other: ${contradictions.find((one) => one.name === name)?.about}.`;
    }
  }
  return undefined;
}

/** A goal of one hospital and an order of another contradict each other as two orders do. A goal a step; looked up by the other side, not one by one. */
export function* conflictsAcrossKinds({ items }: Pick<Chart, 'items'>): Steps<Finding[]> {
  const bySide = new Map<string, Item[]>();
  for (const item of items) {
    if (item.about !== 'activity' || doesNot(item.resource)) continue;
    for (const [name, side] of item.sides) {
      const known = bySide.get(`${name} ${side}`);
      if (known) known.push(item);
      else bySide.set(`${name} ${side}`, [item]);
    }
  }
  const found: Finding[] = [];
  for (const goal of items) {
    if (goal.about !== 'goal') continue;
    const against = new Set([...goal.sides].flatMap(([name, side]) => bySide.get(`${name} ${1 - side}`) ?? []));
    for (const activity of against) {
      if (goal.origin === activity.origin && goal.origin !== undefined) continue;
      const why = contradiction(goal, activity);
      if (why !== undefined) found.push({ kind: 'conflict', about: 'activity', why, members: [activity, goal] });
    }
    yield;
  }
  return found;
}

const isRefuted = ({ resource }: Item) => has(resource.verificationStatus, 'refuted');
const doesNot = (resource: Resource) => resource.doNotPerform === true;
