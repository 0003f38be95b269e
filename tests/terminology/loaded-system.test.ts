import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { replaceSystem } from '../../src/terminology/load/write-system.ts';
import { conceptsOf, propertyTypes, systemOf } from '../../src/terminology/systems/from-resource.ts';
import { loadedSystem } from '../../src/terminology/systems/loaded-system.ts';
import type { ConceptFilter, Selection, SystemReader } from '../../src/terminology/types.ts';
import { createTestStore, type TestStore } from '../support/database.ts';
import { codeSystem } from './support/arbitrary.ts';

let db: TestStore;
beforeAll(async () => {
  db = await createTestStore();
});
afterAll(() => db.drop());

const url = 'urn:test:tables';
const ops = ['is-a', 'descendent-of', 'is-not-a', 'generalizes', 'in', 'not-in', '=', 'regex', 'exists'] as const;

const filter: fc.Arbitrary<ConceptFilter> = fc.constantFrom(...ops).chain((op): fc.Arbitrary<ConceptFilter> => {
  if (op === 'exists') {
    return fc.record({
      op: fc.constant(op),
      property: fc.constantFrom('kind', 'parent', 'display', 'nothing'),
      values: fc.constantFrom(['true'], ['false']),
    });
  }
  const property = fc.constantFrom('kind', 'code', 'display', 'parent', 'inactive', 'nothing');
  const value = fc.constantFrom('c0', 'c1', 'c3', 'x', 'y', 'mild', 'true', "o'clock", '\\');
  const values = op === 'in' || op === 'not-in' ? fc.array(value, { minLength: 1, maxLength: 3 }) : fc.tuple(value);
  return fc.record({ op: fc.constant(op), property, values: op === 'regex' ? fc.constant(['c[0-2]|mild.*']) : values });
});

const selection: fc.Arbitrary<Selection> = fc.record(
  {
    filters: fc.array(filter, { maxLength: 2 }),
    among: fc.array(fc.constantFrom('c0', 'c1', 'c2', 'c5', 'nothing'), { minLength: 2, maxLength: 4 }),
    words: fc.array(fc.constantFrom('mi', 'asth', 'fever', 'c', 'c', 'c1', 'zz'), { maxLength: 1 }),
    activeOnly: fc.boolean(),
  },
  { requiredKeys: ['filters', 'words', 'activeOnly'] },
);

/** On a machine that does much else even a short pattern can use up its time: it is asked again until it has some. */
async function answers(reader: SystemReader, wanted: Selection) {
  for (;;) {
    const found = await reader.select(wanted);
    if (found.ok) return found.value;
    if (!found.error.issues.every(({ code }) => code === 'too-costly')) return found.error.issues;
  }
}

describe('the concept tables', () => {
  test('have nothing of a system that is not loaded', async () => {
    expect(await loadedSystem(db.store, 'urn:nothing')).toBeUndefined();
  });

  test('answer every selection as the same system in memory does, in the same order', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        codeSystem(url),
        fc.array(selection, { minLength: 5, maxLength: 8 }),
        async (resource, wanted) => {
          const memory = systemOf(resource);
          const concepts = conceptsOf(resource);
          const rows = await Promise.all(
            concepts.map(async (one) => ({ ...one, ancestors: [...(await memory.ancestors(one.code))] })),
          );
          const properties = Object.fromEntries(propertyTypes(resource, concepts));
          await replaceSystem(db.store, { url, version: '1', properties }, rows, () => {});
          const tables = await loadedSystem(db.store, url);
          if (!tables) throw new Error('not loaded');
          for (const one of wanted) {
            const expected = await answers(memory, one);
            expect(await answers(tables, one)).toEqual(expected);
            found += expected.length;
          }
          const codes = concepts.map(({ code }) => code);
          expect(await tables.find([...codes, 'nothing'])).toEqual(await memory.find([...codes, 'nothing']));
          for (const code of codes) expect(await tables.ancestors(code)).toEqual(await memory.ancestors(code));
        },
      ),
      { numRuns: 120 },
    );
    expect(found).toBeGreaterThan(100);
  });
});
