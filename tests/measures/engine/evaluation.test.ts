import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../../src/fhir/types.ts';
import type { Explanation } from '../../../src/measures/engine/logic.ts';
import { cqlOf, given, logicOf, over } from './logic-of.ts';

const visit = (id: string, start: unknown, status = 'finished'): Resource => ({
  resourceType: 'Encounter',
  id,
  status,
  period: { start },
});

describe('faults', () => {
  const logic = logicOf(
    cqlOf(
      [
        'define Started: [Encounter] E return E.period.start.value',
        'define Good: 1 = 1',
        'define Indirect: exists Started',
        "define Reported: Message(Patient, true, 'x', 'Error', 'of ' + Patient.id.value)",
      ].join('\n'),
    ),
  );
  const evaluation = over(logic, [visit('e', { secret: 'Ada' })]);
  const textOf = (name: string) => {
    const result = evaluation.value(name);
    return result.ok ? undefined : result.error.issues[0]?.text;
  };

  test('name library, expression and place, and nothing of the record', () => {
    expect(textOf('Started')).toMatch(
      /^Library Test, expression "Started" \(CQL 6:38-6:51\): Period\.start of a record is not a primitive\.$/,
    );
    expect(textOf('Started')).not.toContain('Ada');
    expect(textOf('Reported')).not.toContain('child');
  });

  test('are told where they arose, not where they were met', () => {
    expect(textOf('Indirect')).toContain('expression "Started"');
  });

  test('touch neither other definitions nor other children', () => {
    expect(given(evaluation, 'Good')).toBe(true);
    expect(given(over(logic, [visit('e', '2026-01-01')]), 'Indirect')).toBe(true);
  });

  test('a definition that there is not is an error too', () => {
    expect(evaluation.value('None')).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(evaluation.value('constructor')).toMatchObject({ ok: false });
    expect(evaluation.explain(['None'])).toMatchObject({ ok: false });
  });
});

describe('the moment', () => {
  const logic = logicOf(
    cqlOf(
      [
        'define Zone: ToString(start of "Measurement Period") + \'/\' + ToString(end of "Measurement Period")',
        'define Day: ToString(Today())',
        'define Instant: Now() same as DateTime(2026, 6, 15, 2, 0, 0, 0, 0)',
        'define Visits: Count([Encounter] E where E.period.start.value during "Measurement Period")',
      ].join('\n'),
    ),
  );
  const records = [
    visit('a', '2026-01-01T03:00:00Z'),
    visit('b', '2027-01-01T03:00:00Z'),
    visit('c', '2026-12-31T23:00:00'),
  ];

  test.each([
    ['UTC', '2026-01-01T00:00:00.000+00:00/2026-12-31T23:59:59.999+00:00', '2026-06-15', 2],
    ['America/Chicago', '2026-01-01T00:00:00.000-06:00/2026-12-31T23:59:59.999-06:00', '2026-06-14', 2],
    ['Asia/Tokyo', '2026-01-01T00:00:00.000+09:00/2026-12-31T23:59:59.999+09:00', '2026-06-15', 2],
  ])('the period, today and times without an offset are those of %s', (zone, period, today, visits) => {
    const evaluation = over(logic, records, zone, '2026-06-15T02:00:00Z');
    expect(given(evaluation, 'Zone')).toBe(period);
    expect(given(evaluation, 'Day')).toBe(today);
    expect(given(evaluation, 'Instant')).toBe(true);
    expect(given(evaluation, 'Visits')).toBe(visits);
  });

  test('a visit by night belongs to the year of the zone', () => {
    const in2027 = (zone: string) => given(over(logic, [visit('b', '2027-01-01T03:00:00Z')], zone), 'Visits');
    expect([in2027('America/Chicago'), in2027('UTC'), in2027('Asia/Tokyo')]).toEqual([1, 0, 0]);
  });

  test('a zone that is none is refused', () => {
    expect(() => over(logic, [], 'Mars/Olympus')).toThrow(RangeError);
  });

  test('a library may want its period in days', () => {
    const cql = `library T version '1'\nusing FHIR version '4.0.1'\nparameter "Measurement Period" Interval<Date>\ncontext Patient\ndefine A: ToString(start of "Measurement Period")`;
    expect(given(over(logicOf(cql), [], 'Asia/Tokyo'), 'A')).toBe('2026-01-01');
  });
});

describe('explained', () => {
  const logic = logicOf(
    cqlOf(
      [
        "define Finished: [Encounter] E where E.status.value = 'finished'",
        'define Early: Finished F where F.period.start.value before @2026-06-01T00:00:00.0+00:00',
        'define Old: years between Patient.birthDate.value and @2026-12-31 >= 18',
        'define Met: Old and exists Early',
        'define Either: Old or exists Early',
        'define Twice: Old or (exists Early and not Old)',
      ].join('\n'),
    ),
  );
  const records = [visit('a', '2026-01-01'), visit('b', '2026-09-01'), visit('c', '2026-01-01', 'planned')];
  const explain = (name: string, slice: readonly Resource[] = records): Explanation => {
    const result = over(logic, slice).explain([name]);
    if (!result.ok) throw new Error(result.error.issues[0]?.text);
    const [first] = result.value;
    if (!first) throw new Error('nothing was explained');
    return first;
  };
  const all = (explanation: Explanation): Explanation[] => [explanation, ...explanation.parts.flatMap(all)];
  const part = (explanation: Explanation, node: string, expression: string) =>
    all(explanation).find((each) => each.node === node && each.expression === expression);

  test('gives the same value as the fast way', () => {
    for (const name of logic.definitions) {
      const value = given(over(logic, records), name);
      const told = explain(name);
      if (typeof value === 'boolean') expect([name, told.holds, told.value]).toEqual([name, value, String(value)]);
      else expect(told.holds).toBeUndefined();
    }
  });

  test('shows both sides of an and, though the first decides', () => {
    const met = explain('Met');
    expect(met).toMatchObject({ node: 'Definition', expression: 'Met', library: 'Test', holds: false });
    expect(part(met, 'And', 'Met')?.parts.map(({ node, holds }) => [node, holds])).toEqual([
      ['Definition', false],
      ['Exists', true],
    ]);
  });

  test('names the records that made it so', () => {
    expect(part(explain('Met'), 'Exists', 'Met')?.references).toEqual(['Encounter/a']);
    expect(part(explain('Met'), 'Definition', 'Finished')?.references).toEqual(['Encounter/a', 'Encounter/b']);
    expect(explain('Early')).toMatchObject({ value: 'Encounter/a', references: ['Encounter/a'] });
    expect(explain('Early', []).value).toBe('nothing');
  });

  test('a definition that is referred to twice is one answer', () => {
    const twice = explain('Twice');
    const old = all(twice).filter(({ node, expression }) => node === 'Definition' && expression === 'Old');
    expect(old.map(({ holds, value }) => [holds, value])).toEqual([
      [false, 'false'],
      [false, 'false'],
    ]);
  });

  test('tells of the rows of a query together', () => {
    expect(part(explain('Early'), 'Equal', 'Finished')?.value).toBe('true for 2 of 3');
    expect(part(explain('Early'), 'Before', 'Early')?.value).toBe('true for 1 of 2');
  });

  test('has the place of every part in the text', () => {
    const written = all(explain('Met')).filter(({ node }) =>
      /^(?:Definition|And|Exists|Query|Retrieve|Equal)$/.test(node),
    );
    expect(written.length).toBeGreaterThan(6);
    for (const each of written) expect(each.locator).toMatch(/^\d+:\d+(-\d+:\d+)?$/);
  });

  test('a fault is shown where it is, also on the side that did not matter', () => {
    const odd = [visit('a', 5)];
    expect(part(explain('Either', odd), 'Definition', 'Early')?.value).toBe('could not be evaluated');
    const adult: Resource = { resourceType: 'Patient', id: 'adult', birthDate: '2000-01-01' };
    const either = explain('Either', [adult, ...odd]);
    expect(either.holds).toBe(true);
    expect(part(either, 'Exists', 'Either')?.value).toBe('could not be evaluated');
  });
});

test('logic may make elements of FHIR, for its functions', () => {
  const logic = logicOf(
    cqlOf(
      [
        'define function Codes(c FHIR.CodeableConcept): c.coding D return D.code.value',
        "define Made: Codes(FHIR.CodeableConcept { coding: { FHIR.Coding { code: FHIR.code { value: 'x' } } } })",
        "define Chosen: (FHIR.Observation { value: FHIR.string { value: 'y' } }).value as FHIR.string",
        'define Day: (FHIR.Period { start: FHIR.dateTime { value: DateTime(2026, 3) } }).start.value',
        "define Visit: FHIR.Encounter { id: FHIR.id { value: 'none' } }",
      ].join('\n'),
    ),
  );
  const evaluation = over(logic, []);
  expect(given(evaluation, 'Made')).toEqual(['x']);
  expect(given(evaluation, 'Chosen')).toMatchObject({ json: 'y' });
  expect(String(given(evaluation, 'Day'))).toBe('2026-03');
  // It is not among the child's records.
  expect(evaluation.referenceOf(given(evaluation, 'Visit'))).toBeUndefined();
});
