import { expect, test } from '@jest/globals';
import { generateChild } from '../../../scripts/bench/measures/child.ts';
import { codeListsOf } from '../../../scripts/bench/measures/code-lists.ts';
import { at } from '../../../scripts/bench/measures/ready.ts';
import { type Random, randomOf } from '../../../scripts/bench/mix/random.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { keptAnswer } from '../../../src/measures/currency/answer.ts';
import { createSight } from '../../../src/measures/currency/sight.ts';
import { createSlice } from '../../../src/measures/engine/logic.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { houseMeasures } from '../house.ts';

/** The measures of this house over children that are nobody's: an edit that a measure is said not to see never changes its answer. */

const measures = houseMeasures().measures;
const lists = codeListsOf(measures);
const { seenBy } = createSight(measures.map(({ name, needs = [] }) => ({ name, needs })));

function answersOf(resources: readonly Resource[]): Map<string, string> {
  const slice = createSlice(resources);
  return new Map(measures.map((measure) => [measure.name, answerOf(measure, slice)]));
}

function answerOf({ answer }: ReadyMeasure, slice: ReturnType<typeof createSlice>): string {
  const found = answer?.(slice, at);
  if (!found) throw new Error('the measure is not compiled');
  // Evidence counts: a row that is not marked keeps it.
  return found.ok ? JSON.stringify([keptAnswer(found.value).text, keptAnswer(found.value).evidence]) : 'failed';
}

const elements = [
  'status',
  'effectiveDateTime',
  'onsetDateTime',
  'performedDateTime',
  'occurrenceDateTime',
  'authoredOn',
];

/** The record with another code, status or day; or none any more. Never the Patient, whose changes concern every measure. */
function edited(resource: Resource, random: Random): Resource | undefined {
  const code = ['code', 'vaccineCode', 'medicationCodeableConcept'].find((name) => name in resource);
  const kind = random.below(5);
  if (kind === 0) return undefined;
  if (kind < 3 && code !== undefined) {
    const all = [...lists.byType.values()].flat(2);
    const [system = '', value = ''] = (all[random.below(all.length)] ?? '').split('|');
    return { ...resource, [code]: { coding: [{ system, code: value }] } };
  }
  if (kind === 3) return { ...resource, status: random.pick(['entered-in-error', 'cancelled', 'final', 'completed']) };
  const day = elements.find((name) => name !== 'status' && name in resource);
  return day === undefined ? { ...resource, note: [{ text: 'edited' }] } : { ...resource, [day]: '2026-06-15' };
}

test('what a measure does not see does not change its answer', () => {
  const seen = { unseen: 0, changed: 0 };
  for (let number = 0; number < 60; number += 1) {
    const child = generateChild(number, lists);
    const random = randomOf(number + 1000);
    const before = answersOf(child);
    for (let edit = 0; edit < 12; edit += 1) {
      const place = 1 + random.below(child.length - 1);
      const old = child[place];
      if (!old) continue;
      const fresh = edited(old, random);
      const after = answersOf(fresh ? child.with(place, fresh) : child.toSpliced(place, 1));
      const marked = new Set([...seenBy(old), ...(fresh ? seenBy(fresh) : [])]);
      for (const { name } of measures) {
        if (before.get(name) !== after.get(name)) seen.changed += 1;
        if (marked.has(name)) continue;
        seen.unseen += 1;
        expect([name, old.resourceType, after.get(name)]).toEqual([name, old.resourceType, before.get(name)]);
      }
    }
  }
  // The comparison means something only when edits change answers, and most of them concern few measures.
  expect(seen.changed).toBeGreaterThan(20);
  expect(seen.unseen).toBeGreaterThan(3000);
});
