import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { candidatePairs } from '../../../src/care/reconcile/candidates.ts';
import { chartOf } from '../../../src/care/reconcile/chart.ts';
import { areComparable } from '../../../src/care/reconcile/finding.ts';
import { type Remembered, rowsOf } from '../../../src/care/reconcile/rows.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import * as a from '../support/child.ts';

const options = { patientId: a.childId, now: new Date('2026-11-23T09:00:00Z'), staleMonths: 12 };
const nothing: Remembered = { hasPair: () => false, hasOne: () => false };
const sct = 'http://snomed.info/sct';
const ancestors = new Map([
  [`${sct}|2`, new Set([`${sct}|1`])],
  [`${sct}|3`, new Set([`${sct}|1`, `${sct}|2`])],
]);

const words = fc
  .array(
    fc.constantFrom(
      'asma',
      'Asthma',
      'severe',
      'no',
      'restrict',
      'increase',
      'fluids',
      'líquidos',
      'más',
      '5 mg',
      'tablet',
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((some) => some.join(' '));
const concept = fc.record({
  text: words,
  code: fc.option(fc.constantFrom('1', '2', '3', '716186003'), { nil: undefined }),
});
const record = fc.record({
  type: fc.constantFrom('Condition', 'AllergyIntolerance', 'MedicationStatement', 'Goal', 'ServiceRequest', 'Task'),
  concept,
  site: fc.constantFrom('one', 'two', undefined),
  refuted: fc.boolean(),
  doNotPerform: fc.boolean(),
});

function resourceOf({ type, concept: { text, code }, site, refuted, doNotPerform }: any, at: number): Resource {
  const coded = { text, ...(code && { coding: [{ system: sct, code }] }) };
  const status = refuted ? { verificationStatus: { coding: [{ code: 'refuted' }] } } : {};
  const made: Record<string, object> = {
    Condition: { code: coded, subject: a.child, ...status },
    AllergyIntolerance: { code: coded, patient: a.child, ...status },
    MedicationStatement: { medicationCodeableConcept: coded, status: 'active', subject: a.child },
    Goal: { description: coded, lifecycleStatus: 'active', subject: a.child },
    ServiceRequest: {
      code: coded,
      status: 'active',
      intent: 'plan',
      subject: a.child,
      ...(doNotPerform && { doNotPerform }),
    },
    Task: { description: text, status: 'ready', intent: 'plan', for: a.child },
  };
  const resource = { resourceType: type, id: `r${at}`, ...made[type] } as Resource;
  return site === undefined ? resource : a.mirrored(resource, site);
}

const all = (resources: Resource[]) => chartOf(resources, { ...options, ancestors });

describe('the pairs that are held against each other', () => {
  test('are enough: whatever all pairs give is found', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 14 }), (records) => {
        const chart = all(records.map(resourceOf));
        const every = chart.items.flatMap((one, at) =>
          chart.items.slice(at + 1).flatMap((other) => (areComparable(one, other) ? [[one, other] as const] : [])),
        );
        const told = (rows: ReturnType<typeof rowsOf>) => rows.map(({ id, why, kind }) => [id, kind, why]);
        expect(told(rowsOf(chart, nothing))).toEqual(told(rowsOf(chart, nothing, every)));
      }),
      { numRuns: 300 },
    );
  });

  test('are few where records have little in common: ten thousand records are no ten thousand times ten thousand', () => {
    const problem = (at: number) =>
      a.mirrored(
        a.condition(`c${at}`, '', { code: { text: `Finding ${at % 5000} of part ${at % 71}` } }),
        at < 5000 ? 'one' : 'two',
      );
    const chart = all(Array.from({ length: 10_000 }, (_, at) => problem(at)));
    const { pairs, isWhole } = candidatePairs(chart);
    expect(isWhole).toBe(true);
    expect(pairs.length).toBeLessThan(150_000);
    expect(rowsOf(chart, nothing).length).toBeGreaterThan(0);
  });

  test('are refused whole where too many say the same, instead of some of them left out', () => {
    const problem = (at: number) => a.mirrored(a.condition(`c${at}`, '', { code: { text: 'Asthma' } }), `site-${at}`);
    const chart = all(Array.from({ length: 1100 }, (_, at) => problem(at)));
    expect(candidatePairs(chart)).toEqual({ pairs: [], isWhole: false });
  });
});

describe('Spanish', () => {
  const problem = (id: string, site: string, text: string) => a.mirrored(a.condition(id, '', { code: { text } }), site);
  const kinds = (...texts: [string, string]) =>
    rowsOf(all(texts.map((text, at) => problem(`p${at}`, `site-${at}`, text))), nothing).map(({ kind }) => kind);
  const goals = (...texts: string[]) =>
    rowsOf(
      all(texts.map((text, at) => resourceOf({ type: 'Goal', concept: { text }, site: `site-${at}` }, at))),
      nothing,
    ).map(({ kind }) => kind);

  test.each([
    ['Asma alérgica', 'ASMA ALERGICA'],
    ['Dolor de la cabeza', 'dolor cabeza'],
    ['Parálisis cerebral con espasticidad', 'Espasticidad y parálisis cerebral'],
  ])('%s and %s are the same words', (one, other) => {
    expect(kinds(one, other)).toEqual(['duplicate']);
  });

  test.each([
    ['Asma', 'Sin asma'],
    ['Convulsiones', 'Antecedentes de convulsiones'],
    ['Neumonía', 'Sospecha de neumonía'],
    ['Asma', 'Asthma'],
  ])('%s and %s are not, and neither says the other', (one, other) => {
    expect(kinds(one, other)).toEqual([]);
  });

  test.each([
    ['Ofrecer líquidos seguido', 'Restringir los líquidos'],
    ['Más calorías en cada comida', 'Bajar de peso'],
    ['Actividad sin restricciones de actividad', 'Reposo en casa'],
    ['Push fluids', 'Menos líquidos'],
  ])('%s contradicts %s', (one, other) => {
    expect(goals(one, other)).toEqual(['conflict']);
  });
});
