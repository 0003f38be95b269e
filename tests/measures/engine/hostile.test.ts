import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import { compileLogic, createSlice } from '../../../src/measures/engine/logic.ts';
import { houseMeasures, measureNamed, year2026 } from '../house.ts';
import { fhirModel } from './built-model.ts';
import { childOf } from './children.ts';

/** Records and logic with parts that are not what they should be: a child or a measure may fail, the house may not. */

const measure = measureNamed(houseMeasures(), 'childhood-immunization-status');
const included = measure.libraries.map(({ elm }) => elm).filter((elm) => elm !== measure.elm);
const compile = (main: unknown) =>
  compileLogic({ main, libraries: included, valueSets: measure.valueSets, model: fhirModel });
const compiled = compile(measure.elm);
if (!compiled.ok) throw new Error(compiled.error.issues[0]?.text);
const logic = compiled.value;
const definitions = [...logic.definitions];
const at = { period: year2026, now: new Date('2026-12-31T12:00:00Z'), zone: 'UTC' };

const secret = 'Zebulon-Quince';
const odd = fc.constantFrom<unknown>(
  null,
  5,
  -1.5,
  true,
  '',
  secret,
  [],
  {},
  [secret],
  { value: secret },
  [[]],
  '2026-02-30',
  '2026-01-01T25:00:00Z',
);

/** The same JSON with one part, counted through, replaced. */
function replaced(json: unknown, place: number, by: unknown): unknown {
  let count = 0;
  const walk = (part: unknown): unknown => {
    if (count++ === place) return by;
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([name, inner]) => [name, walk(inner)]));
  };
  return walk(json);
}

test('odd parts of records make faults of definitions at most, and no error says what was in them', () => {
  let faults = 0;
  fc.assert(
    fc.property(
      childOf(logic.retrievesOf(definitions)),
      fc.array(fc.tuple(fc.nat({ max: 200 }), odd), { minLength: 1, maxLength: 4 }),
      (records, changes) => {
        const [patient, ...others] = records;
        const changed = changes.reduce<unknown>(
          (json, [place, by]) => replaced(json, place + 1, by),
          others,
        ) as Resource[];
        const resources = [patient, ...changed].filter(
          (each) => typeof each === 'object' && each !== null,
        ) as Resource[];
        const evaluation = logic.over(createSlice(resources), at);
        for (const name of definitions) {
          const result = evaluation.value(name);
          if (result.ok) continue;
          faults++;
          expect(result.error.kind).toBe('unprocessable');
          expect(result.error.issues[0]?.text).toMatch(
            /^Library \w+, expression ".+" \(CQL \d+:\d+-\d+:\d+\): \w+(\.\w+)+ of a record is not /,
          );
          expect(result.error.issues[0]?.text).not.toContain(secret);
        }
        expect(evaluation.explain(definitions).ok).toBe(true);
      },
    ),
    { numRuns: 40 },
  );
  expect(faults).toBeGreaterThan(0);
});

test('odd parts of ELM are refused, or compiled to what can be asked', () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.nat({ max: 6000 }), odd, (place, by) => {
      const result = compile(replaced(measure.elm, place + 2, by));
      if (!result.ok) {
        refused++;
        expect(result.error.kind).toBe('invalid');
        return;
      }
      const evaluation = result.value.over(
        createSlice([{ resourceType: 'Patient', id: 'p', birthDate: '2024-05-05' }]),
        at,
      );
      for (const name of result.value.definitions) evaluation.value(name);
    }),
    { numRuns: 150 },
  );
  expect(refused).toBeGreaterThan(0);
});
