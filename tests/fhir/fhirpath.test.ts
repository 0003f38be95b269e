import { describe, expect, test } from '@jest/globals';
import { evalFhirPathTyped, parseFhirPath } from '../../src/fhir/fhirpath/parse.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { buildDir } from './support/built.ts';

const link = 'http://example.org/link';
const coding = (code: string, display?: string) => ({
  system: 'http://example.org/codes',
  code,
  ...(display && { display }),
});

const report = {
  resourceType: 'MeasureReport',
  contained: [{ resourceType: 'Practitioner', id: 'inside' }],
  extension: [
    { url: link, valueString: 'one' },
    { url: link, valueString: 'two' },
    { url: 'http://example.org/other', valueString: 'three' },
  ],
  modifierExtension: [
    { url: link, valueBoolean: true },
    { url: link, valueBoolean: false },
  ],
  status: 'complete',
  _date: { extension: [{ url: link, valueString: 'unknown' }] },
  period: { start: '2026-01-01', _start: { extension: [{ url: link, valueString: 'about' }] }, end: '2026-12-31' },
  reporter: { reference: '#inside' },
  subject: { reference: 'https://ehr.example.org/fhir/Patient/p1/_history/2' },
  group: [
    {
      id: 'a',
      code: { coding: [coding('x'), coding('y')] },
      population: [{ count: 1 }, { count: 2 }],
      extension: [{ url: link }],
    },
    {
      id: 'b',
      code: { coding: [coding('x'), coding('y', 'Y')] },
      population: [{ count: 2 }],
      extension: [{ url: link }],
    },
  ],
  evaluatedResource: [{ reference: 'Observation/1' }, { reference: 'Observation/1' }],
};

function answers(expression: string): unknown[] {
  const node = { type: 'MeasureReport', value: structuredClone(report) };
  const variables = { '%resource': node, '%context': node, '%rootResource': node };
  return evalFhirPathTyped(parseFhirPath(expression), [node], variables).map(({ value }) => value);
}

/** What R4 (fhirpath.html) and FHIRPath N1 say of the functions and operators that constraints of R4 and of ours use. */
test.each<[expression: string, expected: unknown[]]>([
  ["extension('http://example.org/link').count()", [2]],
  ["extension('http://example.org/link').value", ['one', 'two']],
  ["extension('http://example.org/nothing').empty()", [true]],
  ["group.extension('http://example.org/link').count()", [2]],
  ["period.start.extension('http://example.org/link').value", ['about']],
  ["date.extension('http://example.org/link').value", ['unknown']],
  ["modifierExtension('http://example.org/link').count()", [2]],
  ["modifierExtension('http://example.org/nothing').count()", [0]],
  ['status.hasValue()', [true]],
  ['date.hasValue()', [false]],
  ['date.exists()', [true]],
  ['period.start.hasValue()', [true]],
  ['period.hasValue()', [false]],
  ['group.id.hasValue()', [false]],
  ['descendants().count.count()', [3]],
  ['descendants().where(code = %resource.group.code.coding.first().code).count()', [2]],
  ['group.children().count.count()', [3]],
  ['period.children().count()', [2]],
  // Equal elements count once, wherever they are.
  ['repeat(group | population).count()', [4]],
  ['period.start.length()', [10]],
  ['date.toString().empty()', [true]],
  ["period.start.startsWith('2026')", [true]],
  ["period.start = '2026-01-01'", [true]],
  ['group.population.select(count).isDistinct()', [false]],
  ['group.population.count.distinct()', [1, 2]],
  ['evaluatedResource.isDistinct()', [false]],
  ['group.id.isDistinct()', [true]],
  ['group[0].code.coding.intersect(group[1].code.coding).code', ['x']],
  ['group[0].code.coding.exclude(group[1].code.coding).code', ['y']],
  ['group[0].code.coding.first() = group[1].code.coding.first()', [true]],
  ['group[0].code.coding[1] != group[1].code.coding[1]', [true]],
  ['group[0].code.coding.first() in group[1].code.coding', [true]],
  ['group[0].code.coding[1] in group[1].code.coding', [false]],
  ['(group[0].code.coding | group[1].code.coding).count()', [3]],
  ['group[0].code.coding.subsetOf(group[1].code.coding)', [false]],
  ['group.code.coding.supersetOf(group[1].code.coding)', [true]],
  ['group.where(population.count contains 1).id', ['a']],
  ['group.where(code.coding.intersect(%resource.group[1].code.coding).exists()).id', ['a', 'b']],
  ['group.all(population.count() = 2)', [false]],
  ['group.exists(population.count() = 2)', [true]],
  ['group.select($index)', [0, 1]],
  ['reporter.resolve().is(Practitioner)', [true]],
  ['subject.resolve() is Patient', [true]],
  ['subject.resolve() is Group', [false]],
  ['evaluatedResource.first().resolve().id', ['1']],
  ['improvementNotation.not()', []],
  ['status.not()', [false]],
  ["(' a b ').trim().split(' ')", ['a', 'b']],
  ["status in ('complete' | 'error')", [true]],
  ["period.end.matches('^[0-9]{4}-')", [true]],
  ["iif(group.exists(), 'some', 'none')", ['some']],
  ["group.tail().id.combine('b').count()", [2]],
  ["status.replaceMatches('^c', 'C') & '!'", ['Complete!']],
  ["'12'.toInteger() + 1", [13]],
  ["'#inside'.substring(1) in contained.id", [true]],
  ["group.id.select($this in ('x' | 'y')).allFalse()", [true]],
])('%s', (expression, expected) => {
  expect(answers(expression)).toEqual(expected);
});

test.each([
  ['status.decode()'],
  ['group.distance()'],
  ['group.extension()'],
  ['group.trim()'],
  ['group.id in group.id'],
])('%s is an error, not an empty answer', (expression) => {
  expect(() => answers(expression)).toThrow();
});

test('a repeat that does not end is an error', () => {
  expect(() => answers("repeat($this & 'x')")).toThrow();
  expect(() => answers("group.id.repeat($this & 'x')")).toThrow();
});

describe('Constraints that count', () => {
  const validate = createValidator(buildDir);
  const invariants = (resource: { resourceType: string; [element: string]: unknown }) =>
    validate(resource)
      .filter(({ code }) => code === 'invariant')
      .map(({ text }) => text.split(':')[0]);

  const ours = 'http://careweave.org/fhir/StructureDefinition';

  test('a group of a report names its counterpart in the measure once', () => {
    const url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.group.linkId';
    const group = (...links: string[]) => ({
      resourceType: 'MeasureReport',
      meta: { profile: [`${ours}/measure-report-summary`] },
      ...{ status: 'complete', type: 'summary', measure: 'http://careweave.org/fhir/Measure/x|1', date: '2027-01-02' },
      ...{ reporter: { display: 'The practice' }, period: { start: '2026-01-01', end: '2026-12-31' } },
      group: [{ id: 'g', ...(links[0] && { extension: links.map((valueString) => ({ url, valueString })) }) }],
    });
    expect(invariants(group('a'))).toEqual([]);
    expect(invariants(group())).toContain('cw-mr-2');
    expect(invariants(group('a', 'b'))).toContain('cw-mr-2');
  });

  test('a gap in care has one gap status', () => {
    const url = 'http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-gapStatus';
    const status = { url, valueCodeableConcept: { text: 'open' } };
    const gap = (modifierExtension?: unknown[]) => ({
      resourceType: 'DetectedIssue',
      meta: { profile: [`${ours}/care-gap`] },
      status: 'final',
      ...(modifierExtension && { modifierExtension }),
      code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'CAREGAP' }] },
      patient: { reference: 'Patient/1' },
      evidence: [{ detail: [{ reference: 'MeasureReport/1' }] }],
    });
    expect(invariants(gap([status]))).toEqual([]);
    expect(invariants(gap())).toContain('cw-gap-1');
    expect(invariants(gap([status, status]))).toContain('cw-gap-1');
  });

  test('a questionnaire with a link id twice, however deep, is refused', () => {
    const form = (inner: string) => ({
      resourceType: 'Questionnaire',
      status: 'active',
      item: [{ linkId: 'a', type: 'group', item: [{ linkId: inner, type: 'string', text: 'b' }] }],
    });
    expect(invariants(form('b'))).not.toContain('que-2');
    expect(invariants(form('a'))).toContain('que-2');
  });

  test('a code system with a code twice, however deep, is refused', () => {
    const system = (inner: string) => ({
      resourceType: 'CodeSystem',
      status: 'active',
      content: 'complete',
      concept: [{ code: 'a', concept: [{ code: inner }] }],
    });
    expect(invariants(system('b'))).not.toContain('csd-1');
    expect(invariants(system('a'))).toContain('csd-1');
  });
});
