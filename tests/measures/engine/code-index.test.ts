import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import { recordsWith } from '../../../src/measures/engine/model/code-index.ts';
import { CodeWatches } from '../../../src/measures/engine/model/code-watch.ts';
import { SliceView } from '../../../src/measures/engine/model/slice-view.ts';
import { createZone } from '../../../src/measures/engine/model/zone.ts';
import { Code, ValueSet } from '../../../src/measures/engine/values/code.ts';
import { fhirModel } from './built-model.ts';

const systems = ['http://example.org/a', 'http://example.org/b', ''];
const words = ['red', 'green', 'final', 'amended', ''];
const urls = ['http://example.org/ValueSet/1', 'http://example.org/ValueSet/2'];
const notDone = 'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDoneValueSet';

const coding = fc.record(
  { system: fc.constantFrom(...systems), code: fc.constantFrom(...words), display: fc.constant('Said so') },
  { requiredKeys: [] },
);
const concept = fc.record(
  {
    coding: fc.array(coding, { maxLength: 4 }),
    extension: fc.array(
      fc.record({ url: fc.constant(notDone), valueCanonical: fc.constantFrom(...urls, `${urls[0]}|1.0`) }),
      { minLength: 1, maxLength: 2 },
    ),
    text: fc.constant('In words'),
  },
  { requiredKeys: [] },
);
const observation = fc.record(
  {
    resourceType: fc.constant('Observation' as const),
    status: fc.constantFrom('final', 'amended'),
    code: concept,
    category: fc.array(concept, { maxLength: 3 }),
  },
  { requiredKeys: ['resourceType'] },
);
const valueSet = fc
  .record({
    url: fc.constantFrom(...urls, ''),
    codes: fc.array(fc.tuple(fc.constantFrom(...words, null), fc.constantFrom(...systems, null)), { maxLength: 5 }),
  })
  .map(
    ({ url, codes }) =>
      new ValueSet(
        url,
        null,
        codes.map(([code, system]) => new Code(code, system)),
      ),
  );
const path = fc.constantFrom('code', 'category', 'status');

function viewOf(records: readonly Resource[]): SliceView {
  return new SliceView(fhirModel, createZone('UTC'), records);
}

describe('records by the codes of value sets', () => {
  test('are those that a look at each record for each value set finds, whenever the value set came', () => {
    fc.assert(
      fc.property(
        fc.array(observation, { maxLength: 8 }),
        fc.array(fc.tuple(path, valueSet), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (records, asked, isKnownBefore) => {
          const view = viewOf(records as Resource[]);
          const watches = new CodeWatches();
          const numberOf = (at: string, set: ValueSet) => watches.at('Observation', at).numberOf(set) ?? Number.NaN;
          if (isKnownBefore) for (const [at, set] of asked) numberOf(at, set);
          for (const [at, set] of [...asked, ...asked]) {
            const found = view.coded(watches.at('Observation', at), numberOf(at, set));
            expect(found).toEqual(recordsWith(set, view.all('Observation'), at));
            expect(found.every((record) => view.all('Observation').includes(record))).toBe(true);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('of two compilers over the same child are each its own', () => {
    const view = viewOf([
      {
        resourceType: 'Observation',
        status: 'final',
        code: { coding: [{ system: systems[0], code: 'red' }] },
      } as Resource,
    ]);
    const [red, green] = ['red', 'green'].map((code) => new ValueSet(code, null, [new Code(code, systems[0] ?? null)]));
    const [one, other] = [new CodeWatches(), new CodeWatches()].map((watches) => watches.at('Observation', 'code'));
    if (!red || !green || !one || !other) throw new Error('not made');
    const [ofRed, ofGreen] = [one.numberOf(red) ?? Number.NaN, other.numberOf(green) ?? Number.NaN];
    for (const _ of [1, 2]) {
      expect(view.coded(one, ofRed)).toHaveLength(1);
      expect(view.coded(other, ofGreen)).toHaveLength(0);
    }
  });

  test('are not watched for without end: what is posted over and over gets no number, and those who have one keep it', () => {
    const watch = new CodeWatches().at('Observation', 'code');
    const sets = Array.from(
      { length: 1100 },
      (_, n) => new ValueSet(`${n}`, null, [new Code('red', systems[0] ?? null)]),
    );
    const numbers = sets.map((set) => watch.numberOf(set));
    expect(numbers.slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
    expect(numbers.slice(1000).every((number) => number === undefined)).toBe(true);
    expect(sets.map((set) => watch.numberOf(set))).toEqual(numbers);
  });
});
