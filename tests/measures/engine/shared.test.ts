import { describe, expect, test } from '@jest/globals';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { SharedDefinitions } from '../../../src/measures/engine/compile/shared.ts';
import { compileLogic, createSlice, type Logic } from '../../../src/measures/engine/logic.ts';
import { fhirModel } from './built-model.ts';
import { child, cqlOf, elmOf, given } from './logic-of.ts';

const url = 'http://example.org/ValueSet/colours';
const library = cqlOf(
  `define "Found": [Condition: "Colours"]
   define "Day": Today()
   define "After Day": "Day" + 1 day
   define "Year": year from start of "Measurement Period"
   define function "How Many"(conditions List<FHIR.Condition>): Count(conditions)
   define function "After"(given Date): given + 1 day
   define "Nothing": null as Integer
   define "Day Before": "As Of" - 1 day
   define "Day After": "As Of" + 1 day
   define function "Language Of"(condition FHIR.Condition): condition.language.value
   define "First Language": First([Condition] C return all C.language.value)
   define "Languages": [Condition] C return all "Language Of"(C)
   define "Languages of Found": "Found" C return all "Language Of"(C)`,
  `valueset "Colours": '${url}' parameter "As Of" Date default Today()`,
  'Shared',
);
const set = (...codes: string[]): r4.ValueSet => ({
  resourceType: 'ValueSet',
  status: 'active',
  url,
  compose: { include: [{ system: 'http://example.org/colours', concept: codes.map((code) => ({ code })) }] },
});
const condition = (id: string, code: string): Resource => ({
  resourceType: 'Condition',
  id,
  code: { coding: [{ system: 'http://example.org/colours', code }] },
});
const records = [child, condition('a', 'red'), condition('b', 'blue')];

/** Measures that include the library, compiled beside each other as a house does it. */
function beside(shared: SharedDefinitions, text: string, codes: string[], name: string): Logic {
  const sources = { Shared: text };
  const main = cqlOf(
    `define "Found": Shared."Found"
     define "Day": Shared."After Day"
     define "Year": Shared."Year"
     define "Nothing": Shared."Nothing"
     define "Day Before": Shared."Day Before"
     define "Day After": Shared."Day After"
     define "Called Day": Shared."After"(Shared."Day")
     define "Count": Shared."How Many"(Shared."Found")
     define "First Language": Shared."First Language"
     define "Languages": Shared."Languages"
     define "Languages of Found": Shared."Languages of Found"`,
    "include Shared version '1'",
    name,
  );
  const logic = compileLogic({
    ...{ main: elmOf(main, sources), libraries: [elmOf(text, sources)], valueSets: [set(...codes)] },
    ...{ model: fhirModel, shared },
  });
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  return logic.value;
}

const at = (year: number, day = '06-15', zone = 'UTC') => ({
  period: { start: `${year}-01-01`, end: `${year}-12-31` },
  now: new Date(`${year}-${day}T12:00:00Z`),
  zone,
});

describe('what measures share of the same child', () => {
  test('is not shared when the codes of a value set differ', () => {
    const shared = new SharedDefinitions();
    const [one, other] = [beside(shared, library, ['red'], 'One'), beside(shared, library, ['red', 'blue'], 'Other')];
    const slice = createSlice(records);
    expect(given(one.over(slice, at(2026)), 'Count')).toBe(1);
    expect(given(other.over(slice, at(2026)), 'Count')).toBe(2);
  });

  test('is not shared when the text of the library differs', () => {
    const shared = new SharedDefinitions();
    const changed = library.replace('year from start of', '1 + year from start of');
    const slice = createSlice(records);
    expect(given(beside(shared, library, ['red'], 'One').over(slice, at(2026)), 'Year')).toBe(2026);
    expect(given(beside(shared, changed, ['red'], 'Other').over(slice, at(2026)), 'Year')).toBe(2027);
  });

  test('is asked anew for another period, and on another day when it asks what day it is', () => {
    const logic = beside(new SharedDefinitions(), library, ['red'], 'One');
    const slice = createSlice(records);
    for (const year of [2026, 2025, 2026]) expect(given(logic.over(slice, at(year)), 'Year')).toBe(year);
    for (const [day, next] of [
      ['06-15', '2026-06-16'],
      ['06-16', '2026-06-17'],
    ] as const) {
      const evaluation = logic.over(slice, at(2026, day));
      for (const name of ['Day', 'Called Day', 'Day After']) expect(String(given(evaluation, name))).toContain(next);
    }
  });

  test('is another one for another child', () => {
    const logic = beside(new SharedDefinitions(), library, ['red'], 'One');
    expect(given(logic.over(createSlice(records), at(2026)), 'Count')).toBe(1);
    expect(given(logic.over(createSlice([child]), at(2026)), 'Count')).toBe(0);
  });

  test('is the very same value where library, codes, child and period are', () => {
    const shared = new SharedDefinitions();
    const [one, other] = [beside(shared, library, ['red'], 'One'), beside(shared, library, ['red'], 'Other')];
    const slice = createSlice(records);
    const found = given(one.over(slice, at(2026)), 'Found');
    expect(found).toHaveLength(1);
    expect(given(other.over(slice, at(2026)), 'Found')).toBe(found);
    expect(given(other.over(slice, at(2026)), 'Nothing')).toBeNull();
  });

  /** A condition that counts how often anybody looks at its language, which it does not have. */
  const watched = (id: string, code: string) => {
    const read = { times: 0 };
    const record = Object.defineProperty(condition(id, code), 'language', {
      get: () => {
        read.times += 1;
        return undefined;
      },
    });
    return { read, record };
  };

  test('is found once although it is nothing', () => {
    const shared = new SharedDefinitions();
    const { read, record } = watched('a', 'red');
    const slice = createSlice([child, record]);
    for (const name of ['One', 'Other'])
      expect(given(beside(shared, library, ['red'], name).over(slice, at(2026)), 'First Language')).toBeNull();
    expect(read.times).toBe(1);
  });

  test('is found once where only codes differ that it does not name', () => {
    const shared = new SharedDefinitions();
    const { read, record } = watched('a', 'red');
    const slice = createSlice([child, record]);
    for (const codes of [['red'], ['red', 'blue']])
      expect(given(beside(shared, library, codes, codes.join('')).over(slice, at(2026)), 'First Language')).toBeNull();
    expect(read.times).toBe(1);
  });

  test('is what a function says of one record, asked from wherever, for each period anew', () => {
    const logic = beside(new SharedDefinitions(), library, ['red'], 'One');
    const { read, record } = watched('a', 'red');
    const slice = createSlice([child, record, condition('b', 'red')]);
    const evaluation = logic.over(slice, at(2026));
    expect(given(evaluation, 'Languages')).toEqual([null, null]);
    expect(given(evaluation, 'Languages of Found')).toEqual([null, null]);
    expect(read.times).toBe(1);
    expect(given(logic.over(slice, at(2025)), 'Languages')).toEqual([null, null]);
    expect(read.times).toBe(2);
  });

  test('is the same for one moment where it asks what day it is', () => {
    const shared = new SharedDefinitions();
    const slice = createSlice(records);
    const day = (name: string) => given(beside(shared, library, ['red'], name).over(slice, at(2026)), 'Day');
    expect(day('Other')).toBe(day('One'));
  });
});
