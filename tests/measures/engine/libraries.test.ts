import { describe, expect, test } from '@jest/globals';
import { compileLogic } from '../../../src/measures/engine/logic.ts';
import { fhirModel } from './built-model.ts';
import { child, compileCql, cqlOf, elmOf, given, logicOf, over } from './logic-of.ts';

type Elm = { library: Record<string, unknown> };

/** The text of the refusal. */
function refusal(result: ReturnType<typeof compileLogic>): string {
  if (result.ok) throw new Error('it was compiled');
  expect(result.error.kind).toBe('invalid');
  return result.error.issues[0]?.text ?? '';
}

/** A library with these definitions as ELM, by name. */
function library(definitions: Record<string, unknown>, more: Record<string, unknown> = {}): Elm {
  const def = Object.entries(definitions).map(([name, expression]) => ({ name, context: 'Patient', expression }));
  return { library: { identifier: { id: 'Hand', version: '1' }, statements: { def }, ...more } };
}

const compile = (main: unknown, libraries: unknown[] = []) =>
  compileLogic({ main, libraries, valueSets: [], model: fhirModel });

describe('what cannot be compiled is refused at load, by name', () => {
  test.each<[string, unknown, string]>([
    [
      'a node that nobody supports',
      { type: 'Nonsense', locator: '3:1-3:9' },
      'Library Hand, expression "A" (CQL 3:1-3:9): Nonsense is not supported.',
    ],
    [
      'a node deep inside',
      { type: 'Not', operand: { type: 'Nonsense' } },
      'Library Hand, expression "A": Nonsense is not supported.',
    ],
    ["a node with the name of an object's property", { type: 'constructor' }, 'constructor is not supported'],
    ['a node without a type', { operand: [] }, 'a node without type is not supported'],
    [
      'a reference to nothing',
      { type: 'ExpressionRef', name: 'B' },
      'ExpressionRef "B" leads to no definition of Hand',
    ],
    [
      'a function that there is not',
      { type: 'FunctionRef', name: 'F', operand: [] },
      'FunctionRef "F" with 0 operands leads to no function of Hand',
    ],
    [
      'a library that is not included',
      { type: 'ExpressionRef', name: 'B', libraryName: 'Other' },
      'there is no included library "Other"',
    ],
    [
      'a value set that is not declared',
      { type: 'ValueSetRef', name: 'V' },
      'ValueSetRef "V" leads to nothing that Hand declares',
    ],
    ['an alias out of sight', { type: 'AliasRef', name: 'X' }, 'AliasRef "X" leads nowhere'],
    [
      'a retrieve of no resource',
      { type: 'Retrieve', dataType: '{http://hl7.org/fhir}Period' },
      'Retrieve of Period is of no resource type',
    ],
    [
      'a retrieve of another model',
      { type: 'Retrieve', dataType: '{urn:other}Encounter' },
      'Retrieve of {urn:other}Encounter',
    ],
    [
      'a path of a property that is none',
      { type: 'Property', path: 'a[0]', source: { type: 'Null' } },
      'Property has a path that is not supported',
    ],
    [
      'an instance of no type',
      { type: 'Instance', classType: '{urn:other}Meta', element: [] },
      'Instance of {urn:other}Meta is not supported',
    ],
    [
      'an instance with an element that its type has not',
      { type: 'Instance', classType: '{http://hl7.org/fhir}Meta', element: [{ name: 'x', value: { type: 'Null' } }] },
      'Instance of Meta has no element x',
    ],
    [
      'a literal that cannot be read',
      { type: 'Literal', valueType: '{urn:hl7-org:elm-types:r1}Integer', value: 'x' },
      'Literal of type Integer',
    ],
    ['itself', { type: 'Not', operand: { type: 'ExpressionRef', name: 'A' } }, 'it depends on itself'],
  ])('%s', (_, expression, expected) => {
    expect(refusal(compile(library({ A: expression })))).toContain(expected);
  });

  test.each([[undefined], [null], ['text'], [{}], [{ library: 5 }]])('%j is no library', (elm) => {
    expect(refusal(compile(elm))).toContain('not ELM');
  });

  test('an unknown value set, though it is declared', () => {
    const cql = cqlOf('define A: exists [Condition: "V"]', 'valueset "V": \'http://example.org/v\'');
    expect(refusal(compileCql(cql))).toBe(
      'Library Test, expression "A" (CQL 6:30-6:32): value set "V" (http://example.org/v) is not known.',
    );
  });

  test('a retrieve outside of the Patient context', () => {
    const retrieve = { type: 'Retrieve', dataType: '{http://hl7.org/fhir}Encounter' };
    const elm = library({});
    elm.library.statements = { def: [{ name: 'All', context: 'Unfiltered', expression: retrieve }] };
    expect(refusal(compile(elm))).toContain('outside of the Patient context');
  });

  test('logic nested deeper than the machine can follow', () => {
    let node: unknown = { type: 'Null' };
    for (let n = 0; n < 100_000; n++) node = { type: 'Not', operand: node };
    expect(refusal(compile(library({ A: node })))).toBe('The logic is nested too deep.');
  });
});

describe('included libraries', () => {
  const shared = (version: string, answer: number) =>
    `library Shared version '${version}'\nusing FHIR version '4.0.1'\ncontext Patient\ndefine Answer: ${answer}\ndefine function Twice(n Integer): n * 2\n`;

  test('a missing one is named with its version', () => {
    const cql = cqlOf('define A: S.Answer', "include Shared version '2' called S");
    const main = elmOf(cql, { Shared: shared('2', 2) });
    expect(refusal(compile(main))).toBe(
      'Library Test includes Shared version 2, which is not among the libraries of the measure.',
    );
    expect(refusal(compile(main, [elmOf(shared('1', 1))]))).toContain('Shared version 2');
  });

  test('two versions of one library stand beside each other', () => {
    const one = elmOf(cqlOf('define A: S.Answer', "include Shared version '1' called S", 'One'), {
      Shared: shared('1', 1),
    });
    const main = elmOf(cqlOf('define B: S.Answer', "include Shared version '2' called S"), { Shared: shared('2', 2) });
    const both = main as Elm;
    const includes = both.library.includes as { def: unknown[] };
    includes.def.push({ localIdentifier: 'One', path: 'One', version: '1' });
    const statements = both.library.statements as { def: unknown[] };
    statements.def.push({
      name: 'A',
      context: 'Patient',
      expression: { type: 'ExpressionRef', name: 'A', libraryName: 'One' },
    });
    const logic = compile(both, [one, elmOf(shared('1', 1)), elmOf(shared('2', 2))]);
    if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
    const evaluation = over(logic.value, []);
    expect([given(evaluation, 'A'), given(evaluation, 'B')]).toEqual([1, 2]);
  });

  test('definitions of an included library are no definitions of the main one', () => {
    const cql = cqlOf('define A: S.Twice(S.Answer)', 'include Shared called S');
    const logic = logicOf(cql, { sources: { Shared: shared('1', 21) } });
    expect(logic.definitions).toEqual(new Set(['Patient', 'A']));
    expect(given(over(logic, []), 'A')).toBe(42);
    expect(over(logic, []).value('Answer')).toMatchObject({ ok: false });
  });

  test('what an included library has besides is not compiled', () => {
    const other = library({
      Bad: { type: 'Nonsense' },
      Good: { type: 'Literal', valueType: '{urn:hl7-org:elm-types:r1}Integer', value: '7' },
    });
    other.library.identifier = { id: 'Other', version: '1' };
    const main = library(
      { A: { type: 'ExpressionRef', name: 'Good', libraryName: 'O' } },
      { includes: { def: [{ localIdentifier: 'O', path: 'Other', version: '1' }] } },
    );
    const logic = compile(main, [other]);
    expect(logic.ok && given(over(logic.value, []), 'A')).toBe(7);
  });
});

describe('functions', () => {
  test('overloads are told apart by the types of their operands', () => {
    const logic = logicOf(
      cqlOf(
        [
          "define function Name(n Integer): 'integer'",
          "define function Name(t String): 'string'",
          "define function Name(p FHIR.Period): 'period'",
          "define function Name(a Integer, b Integer): 'two'",
          "define A: { Name(1), Name('x'), Name(First([Encounter]).period), Name(1, 2) }",
        ].join('\n'),
      ),
    );
    const encounter = { resourceType: 'Encounter', id: 'e', period: { start: '2026' } };
    expect(given(over(logic, [encounter]), 'A')).toEqual(['integer', 'string', 'period', 'two']);
  });

  test('without a signature the values tell overloads apart', () => {
    const elm = elmOf(
      cqlOf(
        [
          "define function Name(n Integer): 'integer'",
          "define function Name(t String): 'string'",
          "define A: { Name(1), Name('x') }",
        ].join('\n'),
      ),
    );
    const unsigned = JSON.parse(JSON.stringify(elm), (key, value) => (key === 'signature' ? [] : value));
    const logic = compile(unsigned);
    if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
    expect(given(over(logic.value, []), 'A')).toEqual(['integer', 'string']);
  });

  test('a function that calls itself does so only so often', () => {
    const elm = library({ A: { type: 'FunctionRef', name: 'F', operand: [{ type: 'Null' }] } });
    const statements = elm.library.statements as { def: unknown[] };
    const again = { type: 'FunctionRef', name: 'F', operand: [{ type: 'OperandRef', name: 'x' }] };
    statements.def.push({
      type: 'FunctionDef',
      name: 'F',
      context: 'Patient',
      operand: [{ name: 'x' }],
      expression: again,
    });
    const logic = compile(elm);
    if (!logic.ok) throw new Error('it was refused');
    const result = over(logic.value, []).value('A');
    expect(result.ok ? '' : result.error.issues[0]?.text).toContain('A function calls itself too often.');
    // The count is of calls within each other, not of all calls.
    expect(over(logic.value, []).value('A')).toEqual(result);
  });

  test('a function can be called from outside, for measure observations', () => {
    const logic = logicOf(
      cqlOf('define function Days(e FHIR.Encounter): days between e.period.start.value and e.period.end.value'),
    );
    expect(logic.functions).toEqual([{ name: 'Days', operands: 1 }]);
    const evaluation = over(logic, [
      { resourceType: 'Encounter', id: 'e', period: { start: '2026-01-01', end: '2026-01-05' } },
    ]);
    expect(evaluation.apply('Hours', [null])).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(evaluation.apply('Days', [])).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(evaluation.apply('Days', [null])).toEqual({ ok: true, value: null });
  });
});

test('parameters: given, by default, and null', () => {
  const cql = cqlOf(
    'define A: { Given, Default, Nothing }',
    "parameter Given String default 'x'\nparameter Default String default 'd' + 'ef'\nparameter Nothing String",
  );
  const logic = compileLogic({
    main: elmOf(cql),
    libraries: [],
    valueSets: [],
    model: fhirModel,
    parameters: { Given: 'g' },
  });
  expect(logic.ok && given(over(logic.value, []), 'A')).toEqual(['g', 'def', null]);
});

test('an evaluation is for exactly one Patient', () => {
  const logic = logicOf(cqlOf('define A: true'));
  const result = over(logic, [child, { ...child, id: 'other' }]).value('A');
  expect(result).toMatchObject({ ok: false, error: { kind: 'invalid' } });
});
