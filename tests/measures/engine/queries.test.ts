import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import { compileLogic } from '../../../src/measures/engine/logic.ts';
import { fhirModel } from './built-model.ts';
import { cqlOf, given, logicOf, over } from './logic-of.ts';

/** CQL wants a list that is a source in parentheses. */
const answer = (expression: string, records: readonly Resource[] = []) => {
  const written = expression.replace(/(^|with |without |exists \()(\{[^{}]*\})/g, '$1($2)');
  return given(over(logicOf(cqlOf(`define A: ${written}`)), records), 'A');
};

describe('sources', () => {
  test.each([
    ['(null as List<Integer>) X where X > 1', null],
    ['(null as Integer) X where X > 1', null],
    ['(5) X where X > 9', null],
    ['(5) X where X > 1', 5],
    ['{ 1, 2, 3 } X where X > 1', [2, 3]],
    ['{ 1, null, 3 } X where X > 1', [3]],
    ['{ 1, null } X', [1, null]],
    ['{ 1, 1, 2 } X where X < 9', [1, 1, 2]],
    ['{ 1, 1, 2 } X return X', [1, 2]],
    ['{ 1, 1, 2 } X return all X', [1, 1, 2]],
    ['from ({ 1, 2 }) X, ({ 10, 20 }) Y return X + Y', [11, 21, 12, 22]],
    ['from ({ 1, 2 }) X, (5) Y return X + Y', [6, 7]],
    ['from ({ 1, 2 }) X, (null as List<Integer>) Y return X', []],
    ['exists ({ 1, 2 } X where X > 1)', true],
    ['exists ({ 1, 2 } X where X > 2)', false],
    ['exists ({ 1 } X return null)', false],
    ['exists ((null as List<Integer>) X where X > 1)', false],
  ])('%s', (expression, expected) => {
    expect(answer(expression)).toEqual(expected);
  });

  test('without a return clause a row of several sources is a tuple', () => {
    expect(answer('First(from ({ 1 }) X, ({ 2 }) Y)')).toMatchObject({ elements: { X: 1, Y: 2 } });
  });
});

describe('let', () => {
  test.each([
    ['{ 1, 2, 3 } X let D: X * 2 where D > 2 return D + X', [6, 9]],
    ['{ 1, 2 } X let D: X * 2, E: D + 1 return E', [3, 5]],
    ['from ({ 1, 2 }) X, ({ 3, 4 }) Y let S: X + Y where S = 5 return S * X', [5, 10]],
    ['{ 1, 2 } X let L: (({ 5, 6 }) Z where Z > X + 3) return all Count(L)', [2, 1]],
    ['{ 1, 2 } X let L: (({ 5, 6 }) Z where Z > X + 4) return (({ 7, 8 }) W where W > Count(L) + 6)', [[8], [7, 8]]],
  ])('%s', (expression, expected) => {
    expect(answer(expression)).toEqual(expected);
  });
});

describe('relationships', () => {
  test.each([
    ['{ 1, 2, 3 } X with { 2, 3 } Y such that Y = X', [2, 3]],
    ['{ 1, 2, 3 } X without { 2, 3 } Y such that Y = X', [1]],
    ['{ 1, 2, 3 } X with { 2, 3 } Y such that Y = X and Y > 2', [3]],
    ['{ 1, 2, 3 } X with (null as List<Integer>) Y such that Y = X', []],
    ['{ 1, 2, 3 } X without (null as List<Integer>) Y such that Y = X', [1, 2, 3]],
    ['{ 1, 2, 3 } X with { 2, 3 } Y such that Y = X where X < 3', [2]],
    ['{ 1, 2, 3 } X with { 1 } Y such that Y < X without { 2 } Z such that Z = X', [3]],
    ['{ 1, 2, 3 } X with (({ 1, 2, 3 }) W where W > 1) Y such that Y < X', [3]],
    ['from ({ 1, 2 }) X, ({ 1, 2 }) Y with { 3 } Z such that Z = X + Y return X', [1, 2]],
  ])('%s', (expression, expected) => {
    expect(answer(expression)).toEqual(expected);
  });
});

describe('aggregate', () => {
  test.each([
    ['({ 1, 2, 3 }) X aggregate R starting 10: R + X', 16],
    ['({ 1, 2, 2 }) X aggregate distinct R starting 0: R + X', 3],
    ['({ 1, 2, 2 }) X aggregate all R starting 0: R + X', 5],
    ['(null as List<Integer>) X aggregate R starting 1: R + X', null],
    ['({ 1, 2, 3 }) X where X > 1 aggregate R starting 1: R * X', 6],
  ])('%s', (expression, expected) => {
    expect(answer(expression)).toEqual(expected);
  });
});

describe('sort', () => {
  const doses = ['2026-03-01', '2026-01-01', undefined, '2026-02-01'].map(
    (date, n): Resource => ({
      resourceType: 'Immunization',
      id: `d${n}`,
      ...(date === undefined ? {} : { occurrenceDateTime: date }),
    }),
  );
  const order = (clause: string) => {
    const logic = logicOf(cqlOf(`define A: [Immunization] I ${clause}`));
    const evaluation = over(logic, doses);
    const value = given(evaluation, 'A');
    return Array.isArray(value) ? value.map((each) => evaluation.referenceOf(each)?.slice(-2)) : value;
  };

  test.each([
    ['sort by (occurrence as FHIR.dateTime).value', ['d2', 'd1', 'd3', 'd0']],
    ['sort by (occurrence as FHIR.dateTime).value desc', ['d0', 'd3', 'd1', 'd2']],
    ["where I.id.value > 'd0' sort by id.value desc", ['d3', 'd2', 'd1']],
  ])('%s', (clause, expected) => {
    expect(order(clause)).toEqual(expected);
  });

  test.each([
    ['{ 3, null, 1, 2 } X sort asc', [null, 1, 2, 3]],
    ['{ 3, null, 1, 2 } X sort desc', [3, 2, 1, null]],
    ["({ Tuple { a: 2, b: 'x' }, Tuple { a: 1, b: 'z' }, Tuple { a: 2, b: 'a' } }) T return T.b", ['x', 'z', 'a']],
  ])('%s', (expression, expected) => {
    expect(answer(expression)).toEqual(expected);
  });

  test('by two columns', () => {
    const sorted = answer(
      "({ Tuple { a: 2, b: 'x' }, Tuple { a: 1, b: 'z' }, Tuple { a: 2, b: 'a' } }) T sort by a desc, b",
    );
    expect(sorted).toMatchObject([{ elements: { b: 'a' } }, { elements: { b: 'x' } }, { elements: { b: 'z' } }]);
  });
});

describe('testing conditions early changes no row', () => {
  type Elm = Record<string, unknown>;
  const integer = '{urn:hl7-org:elm-types:r1}Integer';
  const literal = (value: number | null): Elm =>
    value === null
      ? { type: 'As', asType: integer, operand: { type: 'Null' } }
      : { type: 'Literal', valueType: integer, value: `${value}` };
  const aliases = ['X', 'Y', 'Z'];
  const number = fc.option(fc.integer({ min: 0, max: 3 }), { freq: 4 });
  const operand = fc.oneof(
    fc.constantFrom(...aliases).map((name): Elm => ({ type: 'AliasRef', name })),
    number.map(literal),
  );
  const comparison = fc
    .tuple(fc.constantFrom('Equal', 'Less', 'GreaterOrEqual'), operand, operand)
    .map(([type, left, right]): Elm => ({ type, operand: [left, right] }));
  /** Faults for a list of two: what stands before it in the text may keep it from being asked. */
  const fault = fc.constantFrom(...aliases).map((name): Elm => {
    const list = { type: 'List', element: [literal(1), { type: 'AliasRef', name }] };
    return { type: 'Equal', operand: [{ type: 'SingletonFrom', operand: list }, literal(1)] };
  });
  const condition = fc.letrec((tie) => ({
    part: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 6, arbitrary: comparison },
      { weight: 1, arbitrary: fault },
      { weight: 6, arbitrary: fc.tuple(tie('part'), tie('part')).map((both): Elm => ({ type: 'And', operand: both })) },
      { weight: 2, arbitrary: fc.tuple(tie('part'), tie('part')).map((both): Elm => ({ type: 'Or', operand: both })) },
    ),
  })).part as fc.Arbitrary<Elm>;
  const list = fc.array(number, { maxLength: 4 });

  const query = (lists: (number | null)[][], where: Elm): Elm => ({
    type: 'Query',
    source: lists.map((values, n) => ({
      alias: aliases[n],
      expression: { type: 'List', element: values.map(literal) },
    })),
    where,
    return: {
      distinct: false,
      expression: { type: 'List', element: aliases.map((name) => ({ type: 'AliasRef', name })) },
    },
  });
  const run = (expression: Elm) => {
    const def = [
      { name: 'Patient', context: 'Patient', expression: { type: 'Null' } },
      { name: 'A', context: 'Patient', expression },
    ];
    const logic = compileLogic({
      main: { library: { identifier: { id: 'Hand' }, statements: { def } } },
      libraries: [],
      valueSets: [],
      model: fhirModel,
    });
    if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
    const result = over(logic.value, []).value('A');
    return result.ok ? result.value : 'fault';
  };

  test('three sources, any conditions, with nulls and faults', () => {
    let [faults, rows] = [0, 0];
    fc.assert(
      fc.property(fc.tuple(list, list, list), condition, (lists, where) => {
        const early = run(query(lists, where));
        // An `or` hides the conjuncts: the whole condition is tested for whole rows, in the order of the text.
        const no = { type: 'Literal', valueType: '{urn:hl7-org:elm-types:r1}Boolean', value: 'false' };
        const late = run(query(lists, { type: 'Or', operand: [where, no] }));
        if (late === 'fault') faults++;
        else rows += (late as unknown[]).length;
        // Rows that are dropped early are asked nothing more, so there may be fewer faults, never more and never other rows.
        if (late !== 'fault') expect(early).toEqual(late);
      }),
      { numRuns: 300 },
    );
    expect(faults).toBeGreaterThan(0);
    expect(rows).toBeGreaterThan(0);
  });

  test('a source that is empty keeps a faulty condition of another from being asked', () => {
    const where = {
      type: 'Equal',
      operand: [
        { type: 'SingletonFrom', operand: { type: 'List', element: [literal(1), literal(2)] } },
        { type: 'AliasRef', name: 'X' },
      ],
    };
    expect(run(query([[1], [1], []], where))).toEqual([]);
    expect(run(query([[1], [1], [1]], where))).toBe('fault');
  });
});

test('four doses are looked for without trying all combinations', () => {
  const doses = Array.from(
    { length: 200 },
    (_, n): Resource => ({
      resourceType: 'Immunization',
      id: `d${n}`,
      occurrenceDateTime: new Date(Date.UTC(2026, 0, 1 + (n % 2))).toISOString().slice(0, 10),
    }),
  );
  const logic = logicOf(
    cqlOf(`
define function Day(i FHIR.Immunization): date from (i.occurrence as FHIR.dateTime).value
define A: exists (from [Immunization] A, [Immunization] B, [Immunization] C, [Immunization] D
  where Day(A) < Day(B) and Day(B) < Day(C) and Day(C) < Day(D))`),
  );
  // Two days cannot hold four doses on different days. All combinations are 1.6 billion, more than this test may take.
  expect(given(over(logic, doses), 'A')).toBe(false);
});
