import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createUcum } from '../../../src/fhir/ucum.ts';
import { countsOf, scoreOf, tallyOf } from '../../../src/measures/counts.ts';
import { Code } from '../../../src/measures/engine/values/code.ts';
import { Decimal } from '../../../src/measures/engine/values/decimal.ts';
import { Quantity } from '../../../src/measures/engine/values/quantity.ts';
import type { Value } from '../../../src/measures/engine/values/types.ts';
import { Units } from '../../../src/measures/engine/values/units.ts';
import { groupEvaluator } from '../../../src/measures/populations/evaluate-group.ts';
import type { GroupDefinition, Unit } from '../../../src/measures/types.ts';
import { Episode, extension, group, type Told, told } from './told.ts';

const proportion = [
  'initial-population',
  'denominator',
  'denominator-exclusion',
  'denominator-exception',
  'numerator',
  'numerator-exclusion',
];
const withObservation = {
  'measure-observation': extension('aggregateMethod', 'median'),
};

function unitsOf(definition: GroupDefinition, { evaluation, logic }: Told): Unit[] {
  const result = groupEvaluator(definition, logic)(evaluation);
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value.units;
}

function fault(definition: GroupDefinition, { evaluation, logic }: Told): string | undefined {
  const result = groupEvaluator(definition, logic)(evaluation);
  return result.ok ? undefined : `${result.error.kind}: ${result.error.issues[0]?.text}`;
}

describe('a child', () => {
  const all = (value: Value) => Object.fromEntries(proportion.map((name) => [name, value]));
  const populations = (values: Record<string, Value>) =>
    unitsOf(group('proportion', proportion), told({ ...all(false), ...values })).map((unit) => unit.populations);

  test('whom nothing is known of counts nowhere', () => {
    expect(populations(all(null))).toEqual([]);
  });

  test.each([
    ['is in no denominator without the initial population', { denominator: true, numerator: true }, []],
    [
      'is in no numerator without the denominator',
      { 'initial-population': true, numerator: true },
      ['initial-population'],
    ],
    [
      'who is excluded is in no numerator and no exception',
      { ...all(true) },
      ['initial-population', 'denominator', 'denominator-exclusion'],
    ],
    [
      'who is in the numerator is no exception',
      { ...all(true), 'denominator-exclusion': false },
      ['initial-population', 'denominator', 'numerator', 'numerator-exclusion'],
    ],
    [
      'who is not is one',
      { ...all(true), 'denominator-exclusion': null, numerator: null },
      ['initial-population', 'denominator', 'denominator-exception'],
    ],
  ] as const)('%s', (_, values, expected) => {
    expect(populations(values)).toEqual(expected.length === 0 ? [] : [[...expected]]);
  });

  test('is asked no more than has to be asked', () => {
    const child = told({ ...all(false), 'initial-population': true });
    unitsOf(group('proportion', proportion), child);
    expect(child.asked).toEqual(['initial-population', 'denominator']);
  });

  test('whose criteria are no truth is an error that names the expression', () => {
    const said = { ...all(false), 'initial-population': [new Episode('1')] };
    expect(fault(group('proportion', proportion), told(said))).toBe(
      'unprocessable: Expression "initial-population" has to give true or false, because the group counts children.',
    );
    expect(fault(group('proportion', proportion), told({ 'initial-population': true }))).toMatch(/"denominator"/);
  });
});

describe('episodes', () => {
  const [a, b, c] = [new Episode('a'), new Episode('b'), new Episode('c')];
  const codes = ['initial-population', 'denominator', 'denominator-exclusion', 'numerator'];

  test('count one by one, and a record that is there twice counts once', () => {
    const said = {
      'initial-population': [c, a, new Episode('a'), b],
      denominator: [a, b, c],
      'denominator-exclusion': [b],
      numerator: [new Episode('a'), b, null],
    };
    const found = unitsOf(group('proportion', codes, { basis: 'Encounter' }), told(said));
    expect(found.map(({ resource, populations }) => [resource, populations.at(-1)])).toEqual([
      ['Encounter/a', 'numerator'],
      ['Encounter/b', 'denominator-exclusion'],
      ['Encounter/c', 'denominator'],
    ]);
  });

  test('of another type, or a truth, are an error', () => {
    const definition = group('proportion', codes, { basis: 'Encounter' });
    const text =
      'unprocessable: Expression "initial-population" has to give a list of Encounter, because the group counts these.';
    expect(fault(definition, told({ 'initial-population': [new Episode('o', 'Observation')] }))).toBe(text);
    expect(fault(definition, told({ 'initial-population': true }))).toBe(text);
  });

  describe('may have quantities as observations', () => {
    const units = new Units(createUcum());
    const quantity = (value: string, unit: string) => new Quantity(Decimal.parse(value) ?? Decimal.one, units.of(unit));
    const cv = ['initial-population', 'measure-population', 'measure-observation'];
    const said = { 'initial-population': [a, b, c], 'measure-population': [a, b, c] };
    const observed = (episode: Value) =>
      new Map<Value, Value>([
        [a, quantity('30', 'min')],
        [b, quantity('0.75', 'hours')],
        [c, 60],
      ]).get(episode) ?? null;
    const inUnit = (scoringUnit: string | undefined, observe: (episode: Value) => Value = observed) => ({
      definition: group('continuous-variable', cv, { basis: 'Encounter', populations: withObservation, scoringUnit }),
      said: told(said, { 'measure-observation': observe }),
    });

    test.each([
      ['without a scoringUnit', undefined, observed, /has to give a number/],
      ['with a scoringUnit of a rate', '/(1000.mo)', observed, /has to give a number/],
      ['that measure something else', 'min', () => quantity('3', 'mg'), /can be told in the scoringUnit/],
      ['in a unit that nobody knows', 'min', () => quantity('3', 'spoons'), /can be told in the scoringUnit/],
      ['where nobody knows the scoringUnit', '{wishes}', observed, /can be told in the scoringUnit/],
    ])('but none %s', (_, scoringUnit, observe, text) => {
      const { definition, said: asked } = inUnit(scoringUnit, observe);
      expect(fault(definition, asked)).toMatch(text);
    });

    test('but none in a ratio, which divides them', () => {
      const populations = {
        ...Object.fromEntries(
          ['numerator', 'denominator'].map((about) => [
            `measure-observation-of-${about[0]}`,
            {
              extension: [
                ...extension('criteriaReference', about).extension,
                ...extension('aggregateMethod', 'sum').extension,
              ],
            },
          ]),
        ),
      };
      const codes = ['initial-population', 'denominator', 'numerator', ...Object.keys(populations)];
      const definition = group('ratio', codes, { basis: 'Encounter', populations, scoringUnit: 'min' });
      const functions = Object.fromEntries(Object.keys(populations).map((name) => [name, observed]));
      const all = { 'initial-population': [a], denominator: [a], numerator: [a] };
      expect(fault(definition, told(all, functions))).toMatch(/has to give a number/);
    });

    test('each told in the scoringUnit, beside plain numbers', () => {
      const minutes = inUnit('min');
      const tally = tallyOf(minutes.definition, unitsOf(minutes.definition, minutes.said));
      expect(tally.observations).toEqual({ 'measure-observation': [30, 45, 60] });
      expect(scoreOf(minutes.definition, tally)).toBe(45);
      const seconds = inUnit('s', (episode) => (episode === c ? null : observed(episode)));
      expect(tallyOf(seconds.definition, unitsOf(seconds.definition, seconds.said)).observations).toEqual({
        'measure-observation': [1800, 2700],
      });
    });
  });

  test('have observations of their own; unknown is none, text is an error', () => {
    const cv = ['initial-population', 'measure-population', 'measure-population-exclusion', 'measure-observation'];
    const definition = group('continuous-variable', cv, { basis: 'Encounter', populations: withObservation });
    const said = {
      'initial-population': [a, b, c],
      'measure-population': [a, b, c],
      'measure-population-exclusion': [c],
    };
    const minutes = new Map<Value, Value>([
      [a, 30],
      [b, Decimal.parse('45.5')],
      [c, 1000],
    ]);
    const units = unitsOf(definition, told(said, { 'measure-observation': (episode) => minutes.get(episode) ?? null }));
    const tally = tallyOf(definition, units);
    expect(tally.observations).toEqual({ 'measure-observation': [30, 45.5] });
    expect(tally.counts).toEqual({
      'initial-population': 3,
      'measure-population': 3,
      'measure-population-exclusion': 1,
      'measure-observation': 2,
    });
    expect(scoreOf(definition, tally)).toBe(37.75);
    expect(
      unitsOf(definition, told(said, { 'measure-observation': () => null })).flatMap((unit) =>
        Object.keys(unit.observations),
      ),
    ).toEqual([]);
    expect(fault(definition, told(said, { 'measure-observation': () => 'long' }))).toMatch(
      /"measure-observation" has to give a number/,
    );
  });

  test('are stratified by a function of each, by a list of those in it, or with the child', () => {
    const stratifier = [
      { id: 'kind', criteria: { language: 'text/cql-identifier', expression: 'Kind' } },
      { id: 'listed', criteria: { language: 'text/cql-identifier', expression: 'Listed' } },
      { id: 'of-child', ...{ criteria: { language: 'text/cql-identifier', expression: 'Young' } } },
      {
        id: 'numerator-only',
        criteria: { language: 'text/cql-identifier', expression: 'Young' },
        extension: [
          {
            url: 'http://hl7.org/fhir/us/cqfmeasures/StructureDefinition/cqfm-appliesTo',
            valueCodeableConcept: { coding: [{ code: 'numerator' }] },
          },
        ],
      },
      {
        id: 'both',
        component: [
          { id: 'one', criteria: { language: 'text/cql-identifier', expression: 'Kind' } },
          { id: 'two', criteria: { language: 'text/cql-identifier', expression: 'Young' } },
        ],
      },
    ];
    const definition = group('proportion', codes, { basis: 'Encounter', stratifier });
    const everything = [a, b];
    const said = {
      ...{ 'initial-population': everything, denominator: everything, 'denominator-exclusion': null, numerator: [b] },
      ...{ Listed: [new Episode('b')], Young: null },
    };
    const kind = (episode: Value) => (episode === a ? new Code('AMB', 'urn:class') : null);
    expect(unitsOf(definition, told(said, { Kind: kind })).map(({ strata }) => strata)).toEqual([
      { kind: 'urn:class|AMB', listed: 'false', 'of-child': '', both: '["urn:class|AMB",""]' },
      { kind: '', listed: 'true', 'of-child': '', 'numerator-only': '', both: '["",""]' },
    ]);
  });
});

describe('a ratio', () => {
  test('has a numerator that is no part of its denominator, each of its own initial population', () => {
    const codes = [
      'initial-population-of-d',
      'initial-population-of-n',
      'denominator',
      'numerator',
      'numerator-exclusion',
    ];
    const definition = group('ratio', codes, {
      populations: {
        denominator: extension('criteriaReference', 'initial-population-of-d'),
        numerator: extension('criteriaReference', 'initial-population-of-n'),
      },
    });
    const said = {
      ...{ 'initial-population-of-d': false, 'initial-population-of-n': true, denominator: true },
      ...{ numerator: true, 'numerator-exclusion': false },
    };
    expect(unitsOf(definition, told(said)).map(({ populations }) => populations)).toEqual([
      ['initial-population-of-n', 'numerator'],
    ]);
  });

  test('divides observations', () => {
    const both = (reference: string) => ({
      extension: [
        ...extension('criteriaReference', reference).extension,
        ...extension('aggregateMethod', 'sum').extension,
      ],
    });
    const codes = [
      'initial-population',
      'denominator',
      'numerator',
      'measure-observation-of-d',
      'measure-observation-of-n',
    ];
    const definition = group('ratio', codes, {
      populations: {
        'measure-observation-of-d': both('denominator'),
        'measure-observation-of-n': both('numerator'),
      },
    });
    const said = {
      ...{ 'initial-population': true, denominator: true, numerator: true },
      ...{ 'measure-observation-of-d': 12, 'measure-observation-of-n': 3 },
    };
    const child = unitsOf(definition, told(said));
    expect(scoreOf(definition, tallyOf(definition, [...child, ...child]))).toBe(0.25);
    const out = unitsOf(definition, told({ ...said, numerator: false }));
    expect(countsOf(definition, out)).toEqual({
      ...{ 'initial-population': 1, denominator: 1, numerator: 0 },
      ...{ 'measure-observation-of-d': 1, 'measure-observation-of-n': 0 },
    });
  });
});

test('nesting holds whatever the criteria say, and neither order nor repeated records change an answer', () => {
  const episodes = Array.from({ length: 6 }, (_, n) => new Episode(`e${n}`));
  const list = fc.array(fc.constantFrom(...episodes), { maxLength: 9 });
  const said = fc.record(Object.fromEntries(proportion.map((name) => [name, list])));
  let seen = 0;
  fc.assert(
    fc.property(said, fc.integer(), (lists, seed) => {
      const definition = group('proportion', proportion, { basis: 'Encounter' });
      const found = unitsOf(definition, told(lists));
      for (const { populations } of found) {
        const has = (code: string) => populations.includes(code);
        expect(has('initial-population')).toBe(true);
        if (has('numerator'))
          expect([has('denominator'), has('denominator-exclusion'), has('denominator-exception')]).toEqual([
            true,
            false,
            false,
          ]);
        if (has('numerator-exclusion')) expect(has('numerator')).toBe(true);
        if (has('denominator-exclusion')) expect(has('denominator')).toBe(true);
        if (has('denominator-exception'))
          expect([has('denominator'), has('denominator-exclusion')]).toEqual([true, false]);
        if (has('numerator-exclusion') || has('denominator-exception')) seen += 1;
      }
      const shuffled = Object.fromEntries(
        Object.entries(lists).map(([name, each]) => [
          name,
          [...each, ...each].sort((a, b) => ((seed ^ a.id.charCodeAt(1)) % 7) - ((seed ^ b.id.charCodeAt(1)) % 7)),
        ]),
      );
      expect(unitsOf(definition, told(shuffled))).toEqual(found);
    }),
    { numRuns: 200 },
  );
  expect(seen).toBeGreaterThan(0);
});
