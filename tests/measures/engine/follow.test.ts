import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileLogic, createSlice, type Logic } from '../../../src/measures/engine/logic.ts';
import { sameValue } from '../../../src/measures/engine/values/same.ts';
import type { MeasureDefinition } from '../../../src/measures/types.ts';
import { houseMeasures, year2026 } from '../house.ts';
import { fhirModel } from './built-model.ts';
import { childOf } from './children.ts';
import { comparable } from './comparable.ts';
import { cqlOf, logicOf } from './logic-of.ts';

/** What is followed through time is held against what is asked anew at each moment. */

const dayMs = 86_400_000;
const noon = (day: number) => new Date(Date.UTC(2026, 0, 1, 12) + day * dayMs);
const child = { resourceType: 'Patient', id: 'p', birthDate: '2020-02-29' };
const visit = (id: string, day: string, status = 'finished') => ({
  resourceType: 'Encounter',
  id,
  status,
  period: { start: day },
});

/** Asks for all definitions on each of these days, anew and followed; how often the day brought nothing new, and how often it might have. */
function follow(logic: Logic, resources: readonly object[], days: readonly number[]) {
  const slice = () => createSlice(resources.map((each) => ({ ...each }) as never));
  const names = [...logic.definitions];
  const at = (day: number) => ({ period: year2026, now: noon(day), zone: 'UTC' });
  const ask = (evaluation: ReturnType<Logic['over']>) =>
    names.map((name) => {
      const answer = evaluation.value(name);
      return [name, answer.ok ? comparable(answer.value, evaluation.referenceOf) : answer.error.issues[0]?.text];
    });
  const [first = 0, ...rest] = days;
  const { evaluation, moveTo } = logic.follow(slice(), at(first));
  let told = ask(evaluation);
  expect(told).toEqual(ask(logic.over(slice(), at(first))));
  let still = 0;
  for (const day of rest) {
    const isStill = moveTo(noon(day));
    if (isStill) still += 1;
    else told = ask(evaluation);
    expect(told).toEqual(ask(logic.over(slice(), at(day))));
  }
  return { still, asked: rest.length - still };
}

test('what is asked for again is not computed again', () => {
  const logic = logicOf(
    cqlOf('define "Visits": [Encounter] E where E.id.value is not null\ndefine "Ages": { Today() }'),
  );
  const at = { period: year2026, now: noon(0), zone: 'UTC' };
  const slice = createSlice([child, visit('a', '2026-03-01')] as never);
  for (const evaluation of [logic.over(slice, at), logic.follow(slice, at).evaluation]) {
    for (const name of ['Visits', 'Ages']) {
      const [once, again] = [evaluation.value(name), evaluation.value(name)];
      if (!once.ok || !again.ok) throw new Error('it was not computed');
      expect(once.value).toHaveLength(1);
      expect(again.value).toBe(once.value);
    }
  }
});

describe('logic followed through time', () => {
  test('without a clock is the same at every moment', () => {
    const logic = logicOf(cqlOf('define "Visits": [Encounter]\ndefine "Many": Count("Visits") > 1'));
    expect(follow(logic, [child, visit('a', '2026-03-01')], [0, 1, 200])).toEqual({ still: 2, asked: 0 });
  });

  test('stands still where the clock is not looked at for this child', () => {
    const body = `define "Open": [Encounter] E where E.status.value = 'in-progress' and E.period."start".value before Now()
      define function "Since"(visit FHIR.Encounter): difference in days between date from visit.period."start".value and Today()
      define "Waiting": [Encounter] E where E.status.value = 'in-progress' and "Since"(E) > 3`;
    const logic = logicOf(cqlOf(body));
    expect(follow(logic, [child, visit('a', '2026-03-01')], [60, 61, 62])).toEqual({ still: 2, asked: 0 });
    const open = [child, visit('a', '2026-03-01', 'in-progress')];
    expect(follow(logic, open, [60, 61, 62, 63]).asked).toBeGreaterThan(0);
  });

  test('stands still where the clock shows another day and nothing that was asked for is another', () => {
    const body = `define "Day": if Today() before @2026-06-01 then Today() else @2026-06-01
      define "Age": CalculateAgeInYearsAt(Patient.birthDate.value, "Day")
      define "Is Six": "Age" >= 6`;
    const logic = logicOf(cqlOf(body));
    expect(follow(logic, [child], [200, 201, 230])).toEqual({ still: 2, asked: 0 });
    expect(follow(logic, [child], [100, 101, 102])).toEqual({ still: 0, asked: 2 });
  });

  test('looks again where a parameter defaults to today, an age is asked for, or an aggregate counts by today', () => {
    const declared = 'parameter "As Of" Date default Today()';
    const body = `define "Old": CalculateAgeInDaysAt(Patient.birthDate.value, Today())
      define "Before": "As Of" - 1 day
      define "Days": [Encounter] E aggregate R starting 0: R + (difference in days between date from E.period."start".value and Today())
      define "Pairs": from [Encounter] A, [Encounter] B where (date from A.period."start".value) + 3 days after Today()
        and (date from B.period."start".value) + 3 days after Today() return all A.id.value + B.id.value`;
    const logic = logicOf(cqlOf(body, declared));
    const visits = [visit('a', '2026-03-01'), visit('b', '2026-03-02'), visit('c', '2026-03-09')];
    expect(follow(logic, [child, ...visits], [57, 58, 59, 60, 61, 62, 63, 64, 67, 68, 69]).still).toBe(0);
  });

  test('goes on after a fault, and back in time', () => {
    const body = `define "Odd": if Today() = @2026-01-03 then Message(1, true, 'E', 'Error', 'odd') else 2
      define "Twice": "Odd" * 2`;
    const logic = logicOf(cqlOf(body));
    follow(logic, [child], [0, 1, 2, 3, 4, 2, 1]);
  });

  const { measures } = houseMeasures();
  const timely = measures.flatMap((measure): [string, Logic][] => {
    const logic = logicOfMeasure(measure);
    return logic.readsToday([...logic.definitions]) ? [[measure.name, logic]] : [];
  });

  test('is what several measures of this house have', () => {
    expect(timely.length).toBeGreaterThan(2);
  });

  test.each(timely)(
    'says of random children what asking anew says: %s',
    (_, logic) => {
      let still = 0;
      const days = fc.array(fc.integer({ min: 0, max: 420 }), { minLength: 2, maxLength: 4 });
      const some = days.chain((starts) => fc.constant(starts.flatMap((day) => [day, day + 1, day + 2])));
      fc.assert(
        fc.property(childOf(logic.retrievesOf([...logic.definitions])), some, (resources, when) => {
          still += follow(logic, resources, when).still;
        }),
        { numRuns: 60 },
      );
      expect(still).toBeGreaterThan(0);
    },
    60_000,
  );
});

function logicOfMeasure({ elm, libraries, valueSets }: MeasureDefinition): Logic {
  const included = libraries.map((library) => library.elm).filter((each) => each !== elm);
  const logic = compileLogic({ main: elm, libraries: included, valueSets, model: fhirModel });
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  return logic.value;
}

test('the same value is one that nothing can tell from it', () => {
  const logic = logicOf(
    cqlOf(`define "Values": { Tuple { name: 'null', value: null as System.String } }
      define "D1": @2026-01-01
      define "D2": @2026-01
      define "T1": @2026-01-01T00:00:00.000Z
      define "T2": @2026-01-01T01:00:00.000+01:00
      define "N1": 1
      define "N2": 1.0
      define "N3": 1.00
      define "C1": System.Code { code: 'a', system: 's' }
      define "C2": System.Code { code: 'a', system: 's', display: 'x' }
      define "I1": Interval[1, 3]
      define "I2": Interval[1, 4)
      define "L1": { 1, 2 }
      define "L2": { 2, 1 }
      define "B": true`),
  );
  const over = () => logic.over(createSlice([child as never]), { period: year2026, now: noon(0), zone: 'UTC' });
  const names = [...logic.definitions].filter((name) => !['Patient', 'Values'].includes(name));
  const values = (evaluation: ReturnType<typeof over>) =>
    names.map((name) => {
      const value = evaluation.value(name);
      if (!value.ok) throw new Error(value.error.issues[0]?.text);
      return value.value;
    });
  const [one, other] = [values(over()), values(over())];
  one.forEach((left, n) => {
    other.forEach((right, m) => {
      expect([names[n], names[m], sameValue(left, right)]).toEqual([names[n], names[m], n === m]);
    });
  });
});
