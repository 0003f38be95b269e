import { describe, expect, test } from '@jest/globals';
import { compileLogic } from '../../../../src/measures/engine/logic.ts';
import { fhirModel } from '../built-model.ts';
import { over } from '../logic-of.ts';
import { elmOnly, refusedNodes } from './operator-table.ts';
import { show } from './show.ts';

type Node = Record<string, unknown>;

const system = '{urn:hl7-org:elm-types:r1}';
const literal = (type: string, value: string): Node => ({ type: 'Literal', valueType: `${system}${type}`, value });
const integer = (value: number) => literal('Integer', String(value));
const text = (value: string) => literal('String', value);
const nothing: Node = { type: 'Null' };
const list = (...element: Node[]): Node => ({ type: 'List', element });
const instance = (type: string, elements: Record<string, Node>): Node => ({
  type: 'Instance',
  classType: `${system}${type}`,
  element: Object.entries(elements).map(([name, value]) => ({ name, value })),
});
const apple = instance('Code', { code: text('apple'), system: text('http://example.org/fruits') });

function compile(expression: Node) {
  const identifier = { id: 'Elm', version: '1' };
  const codeSystems = { def: [{ name: 'Fruits', id: 'http://example.org/fruits', accessLevel: 'Public' }] };
  const def = [{ name: 'Result', context: 'Patient', expression }];
  const main = { library: { identifier, codeSystems, statements: { def } } };
  return compileLogic({ main, libraries: [], valueSets: [], model: fhirModel });
}

function resultOf(expression: Node): string {
  const logic = compile(expression);
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  const result = over(logic.value, []).value('Result');
  return result.ok ? show(result.value) : 'error';
}

const toDecimal = { toType: `${system}Decimal` };

const cases: [string, Node, string][] = [
  ['AnyInCodeSystem of null', { codes: nothing, codesystem: { name: 'Fruits' } }, 'false'],
  ['AnyInCodeSystem of one that is in it', { codes: list(nothing, apple), codesystem: { name: 'Fruits' } }, 'true'],
  ['CanConvert of null', { operand: nothing, ...toDecimal }, 'null'],
  ['CanConvert of a text that is no number', { operand: text('x'), ...toDecimal }, 'false'],
  ['CanConvert of a number', { operand: text('1.5'), ...toDecimal }, 'true'],
  ['Children of null', { source: nothing }, 'null'],
  ['Children of a number', { source: integer(1) }, '{}'],
  ['Children of a code', { source: apple }, "{'apple', null, 'http://example.org/fruits', null}"],
  ['Convert of null', { operand: nothing, ...toDecimal }, 'null'],
  ['Convert of a text that is no number', { operand: text('x'), ...toDecimal }, 'null'],
  ['Convert of a number', { operand: text('1.5'), ...toDecimal }, '1.5'],
  ['Descendents of null', { source: nothing }, 'null'],
  ['Descendents of a list of codes', { source: list(apple) }, "{'apple', null, 'http://example.org/fruits', null}"],
  ['NotEqual of null', { operand: [nothing, integer(1)] }, 'null'],
  ['NotEqual of two numbers', { operand: [integer(2), integer(1)] }, 'true'],
  ['TimezoneFrom of null', { operand: nothing }, 'null'],
  ['ToList of null', { operand: nothing }, '{}'],
  ['ToList of a number', { operand: integer(1) }, '{1}'],
];

test.each(cases)('%s', (name, node, expected) => {
  expect(resultOf({ type: name.split(' ')[0], ...node })).toBe(expected);
});

test('every operator that CQL text does not lead to has a case', () => {
  expect([...new Set(cases.map(([name]) => name.split(' ')[0]))]).toEqual(elmOnly);
});

describe('refused at load, by name', () => {
  test.each([...refusedNodes, 'Nonsense', 'constructor'])('%s', (type) => {
    const logic = compile({ type: 'IsNull', operand: { type, locator: '7:1-7:9' } });
    expect(logic.ok ? 'compiled' : logic.error.issues[0]?.text).toBe(
      `Library Elm, expression "Result" (CQL 7:1-7:9): ${type} is not supported.`,
    );
  });

  test.each<[string, Node]>([
    ['a precision that is none', { type: 'SameAs', precision: 'Week', operand: [nothing, nothing] }],
    ['a duration that is none', { type: 'DurationBetween', precision: 'Fortnight', operand: [nothing, nothing] }],
    ['an extreme of a type that has none', { type: 'MaxValue', valueType: `${system}String` }],
    ['a cast to a type that there is not', { type: 'As', operand: nothing, asType: `${system}Unicorn` }],
    ['a conversion to a type without one', { type: 'Convert', operand: nothing, toType: `${system}Any` }],
    ['an aggregate over a path', { type: 'Sum', source: list(integer(1)), path: 'x' }],
    ['a pattern that loops in loops', { type: 'Matches', operand: [text('a'), text('(a+)+')] }],
  ])('%s', (_, expression) => {
    const logic = compile(expression);
    expect(logic.ok ? 'compiled' : logic.error.issues[0]?.text).toMatch(`Library Elm, expression "Result"`);
    expect(logic.ok).toBe(false);
  });
});
