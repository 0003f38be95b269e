import { likeness } from '../../fhir/plan-view/alike.ts';
import type { Item } from './chart.ts';

/**
 * Two records of one medicine: a code in common, or equal names once strength and form are left aside. The names count also where both are
 * coded in one system, because a strength has a code of its own there (RxNorm).
 */
export function isSameMedicine(a: Item, b: Item): boolean {
  const name = a.medicine?.name ?? '';
  return (name !== '' && name === b.medicine?.name) || likeness(a.concept, b.concept) !== undefined;
}

/** True when both say how much and how often, and not the same; what only one of them says is no difference. */
export function differsInDose({ medicine: a }: Item, { medicine: b }: Item): boolean {
  if (a?.dose !== undefined && b?.dose !== undefined) return a.dose !== b.dose;
  if (a?.doseText !== undefined && b?.doseText !== undefined && a.doseText !== b.doseText) return true;
  const [ours, theirs] = [a?.strength ?? '', b?.strength ?? ''];
  return ours !== '' && theirs !== '' && ours !== theirs;
}
