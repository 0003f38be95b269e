import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chartOf } from '../../../src/care/reconcile/chart.ts';
import { contradictions, sideOf } from '../../../src/care/reconcile/contradictions.ts';
import { type Remembered, rowsOf } from '../../../src/care/reconcile/rows.ts';
import { wordsOf } from '../../../src/fhir/plan-view/alike.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import * as a from '../support/child.ts';

const options = { patientId: a.childId, now: new Date('2026-11-23T09:00:00Z'), staleMonths: 12 };
const nothing: Remembered = { hasPair: () => false, hasOne: () => false };
const pairs = new Set(['duplicate', 'overlap', 'conflict']);
function found(resources: Resource[], more: object = {}) {
  return rowsOf(chartOf(resources, { ...options, ...more }), nothing)
    .filter(({ kind }) => pairs.has(kind))
    .map(({ kind, members }) => [kind, ...members.map(({ reference }) => reference)]);
}
const rxnorm = (code: string, display: string) => ({
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code, display }],
});
const drug = (id: string, site: string, medicationCodeableConcept: object, more: object = {}) =>
  a.mirrored(
    {
      resourceType: 'MedicationRequest',
      id,
      status: 'active',
      intent: 'order',
      subject: a.child,
      medicationCodeableConcept,
      ...more,
    },
    site,
  );
const dose = (value: number, frequency: number) => ({
  dosageInstruction: [
    {
      timing: { repeat: { frequency, period: 1, periodUnit: 'd' } },
      doseAndRate: [{ doseQuantity: { value, unit: 'mg' } }],
    },
  ],
});
const problem = (id: string, site: string, text: string, code?: [string, string], more: object = {}) =>
  a.mirrored(
    a.condition(id, '', { code: { text, ...(code && { coding: [{ system: code[0], code: code[1] }] }) }, ...more }),
    site,
  );
const icd = 'http://hl7.org/fhir/sid/icd-10-cm';
const sct = 'http://snomed.info/sct';

describe('duplicates', () => {
  test('are never found within one hospital, nor of what is over', () => {
    expect(found([problem('a', 'one', 'Asthma'), problem('b', 'one', 'Asthma')])).toEqual([]);
    const resolved = { clinicalStatus: { coding: [{ code: 'resolved' }] } };
    expect(found([problem('a', 'one', 'Asthma'), problem('b', 'two', 'Asthma', undefined, resolved)])).toEqual([]);
  });

  test('are never found by words when a code system that both use says that they differ', () => {
    expect(found([problem('a', 'one', 'Asthma', [sct, '1']), problem('b', 'two', 'Asthma', [sct, '2'])])).toEqual([]);
  });

  test('never forgive a word that turns the meaning', () => {
    expect(found([problem('a', 'one', 'Asthma'), problem('b', 'two', 'No asthma')])).toEqual([]);
    expect(found([problem('a', 'one', 'Asthma'), problem('b', 'two', 'Family history of asthma')])).toEqual([]);
  });

  test('are found by a code, and by words across code systems', () => {
    expect(found([problem('a', 'one', 'Asthma', [sct, '1']), problem('b', 'two', 'Asma', [sct, '1'])])).toEqual([
      ['duplicate', 'Condition/a', 'Condition/b'],
    ]);
    const across = [
      problem('a', 'one', 'Asthma, moderate', [sct, '1']),
      problem('b', 'two', 'moderate  ASTHMA', [icd, 'J45']),
    ];
    expect(found(across)).toEqual([['duplicate', 'Condition/a', 'Condition/b']]);
  });

  test('of several hospitals are one question', () => {
    const all = ['one', 'two', 'three'].map((site) => problem(site, site, 'Asthma'));
    expect(found(all)).toEqual([['duplicate', 'Condition/one', 'Condition/three', 'Condition/two']]);
  });
});

describe('overlaps', () => {
  const [asthma, severe] = [
    problem('a', 'one', 'Asthma', [sct, '1']),
    problem('b', 'two', 'Severe asthma', [sct, '2']),
  ];
  test('are told by the codes where these are loaded, and by nothing else when both are coded alike', () => {
    expect(found([asthma, severe])).toEqual([]);
    const ancestors = new Map([[`${sct}|2`, new Set([`${sct}|1`])]]);
    expect(found([asthma, severe], { ancestors })).toEqual([['overlap', 'Condition/a', 'Condition/b']]);
  });
  test('are told by words where codes cannot say', () => {
    expect(found([problem('a', 'one', 'Asthma'), severe])).toEqual([['overlap', 'Condition/a', 'Condition/b']]);
  });
});

describe('conflicts', () => {
  test('one medicine in two doses; not where only one tells a dose', () => {
    const amoxicillin = rxnorm('723', 'Amoxicillin');
    expect(
      found([drug('a', 'one', amoxicillin, dose(250, 2)), drug('b', 'two', amoxicillin, dose(500, 2))])[0]?.[0],
    ).toBe('conflict');
    expect(
      found([drug('a', 'one', amoxicillin, dose(250, 2)), drug('b', 'two', amoxicillin, dose(250, 3))])[0]?.[0],
    ).toBe('conflict');
    expect(
      found([drug('a', 'one', amoxicillin, dose(250, 2)), drug('b', 'two', amoxicillin, dose(250, 2))])[0]?.[0],
    ).toBe('duplicate');
    expect(found([drug('a', 'one', amoxicillin, dose(250, 2)), drug('b', 'two', amoxicillin)])[0]?.[0]).toBe(
      'duplicate',
    );
  });

  test('one medicine in two strengths, though each strength has a code of its own', () => {
    const [low, high] = [
      rxnorm('308182', 'amoxicillin 250 MG Oral Capsule'),
      rxnorm('308191', 'amoxicillin 500 MG Oral Capsule'),
    ];
    expect(found([drug('a', 'one', low), drug('b', 'two', high)])[0]?.[0]).toBe('conflict');
    expect(found([drug('a', 'one', low), drug('b', 'two', rxnorm('1', 'ibuprofen 250 MG Oral Capsule'))])).toEqual([]);
  });

  test('an allergy against none known, and what was ruled out against what is there', () => {
    const allergy = (id: string, site: string, code: string, more: object = {}) =>
      a.mirrored(
        {
          resourceType: 'AllergyIntolerance',
          id,
          patient: a.child,
          code: { coding: [{ system: sct, code }] },
          ...more,
        },
        site,
      );
    expect(found([allergy('a', 'one', '716186003'), allergy('b', 'two', '91936005')])[0]?.[0]).toBe('conflict');
    const refuted = { verificationStatus: { coding: [{ code: 'refuted' }] } };
    expect(found([allergy('a', 'one', '91936005', refuted), allergy('b', 'two', '91936005')])[0]?.[0]).toBe('conflict');
    expect(found([allergy('a', 'one', '91936005', refuted), allergy('b', 'two', '300913006')])).toEqual([]);
  });

  test('of no known allergy and a named one, by code or in words, also where one hospital says both; never of what is not denied', () => {
    const said = (id: string, code: object, site = 'one', more: object = {}) =>
      a.mirrored({ resourceType: 'AllergyIntolerance', id, patient: a.child, code, ...more }, site);
    const coded = (code: string) => ({ coding: [{ system: sct, code }] });
    const eggs = said('eggs', { text: 'Allergy to eggs', ...coded('91930004') }, 'one', { category: ['food'] });
    const conflict = (none: string) => [['conflict', 'AllergyIntolerance/eggs', `AllergyIntolerance/${none}`]];
    const none = (code: object, site: string, more: object = {}) => found([eggs, said('none', code, site, more)]);
    for (const site of ['one', 'two']) {
      expect(none({ text: 'No known allergy', ...coded('716186003') }, site)).toEqual(conflict('none'));
      expect(none(coded('429625007'), site)).toEqual(conflict('none'));
      for (const text of ['No known allergies', 'NKA', 'Sin alergias conocidas'])
        expect(none({ text }, site)).toEqual(conflict('none'));
      // Of medicines alone; coded as something else; or itself ruled out.
      expect(none(coded('409137002'), site)).toEqual([]);
      expect(none({ text: 'No known allergies', ...coded('91935009') }, site)).toEqual([]);
      const refuted = { verificationStatus: { coding: [{ code: 'refuted' }] } };
      expect(none(coded('716186003'), site, refuted)).toEqual([]);
    }
    expect(found([said('one', coded('716186003')), said('two', { text: 'NKDA' }, 'two')])).toEqual([]);
  });

  test('an order to do and one not to do the same', () => {
    const order = (id: string, site: string, more: object) => a.mirrored(a.request(id, 'MRI of the head', more), site);
    expect(found([order('a', 'one', { doNotPerform: true }), order('b', 'two', {})])[0]?.[0]).toBe('conflict');
  });

  test('a goal of one hospital against an order of another', () => {
    const goal = a.mirrored(a.goal('g', 'Gain weight'), 'one');
    expect(found([goal, a.mirrored(a.request('r', 'Low calorie diet'), 'two')])).toEqual([
      ['conflict', 'Goal/g', 'ServiceRequest/r'],
    ]);
    expect(found([goal, a.mirrored(a.request('r', 'Low calorie diet'), 'one')])).toEqual([]);
  });
});

describe('the table of contradictions', () => {
  test.each([
    ['fluids', 'Push fluids', 0],
    ['fluids', 'Fluid restriction 500 mL', 1],
    ['fluids', 'No fluid restriction', undefined],
    ['fluids', 'Do not restrict fluids', undefined],
    ['fluids', 'Encourage fluids, restricted on dialysis days', undefined],
    ['activity', 'No activity restrictions', 0],
    ['activity', 'No contact sports', 1],
    ['resuscitation', 'Do not resuscitate', 1],
    ['feeding', 'NPO after midnight', 1],
  ] as const)('%s: %s', (name, text, side) => {
    const one = contradictions.find((each) => each.name === name);
    expect(one && sideOf(one, wordsOf(text))).toBe(side);
  });

  test('no alternative stands on both sides of its own contradiction', () => {
    for (const one of contradictions) {
      for (const [at, alternatives] of one.sides.entries()) {
        for (const text of alternatives)
          expect([one.name, text, sideOf(one, wordsOf(text.replaceAll('*', '')))]).toEqual([one.name, text, at]);
      }
    }
  });
});

describe('whatever the records', () => {
  const some = fc.array(
    fc.record({
      site: fc.constantFrom('one', 'two', 'three', undefined),
      text: fc.constantFrom('Asthma', 'Severe asthma', 'No asthma', 'Eczema'),
      code: fc.constantFrom(undefined, '1', '2'),
    }),
    { maxLength: 8 },
  );
  const records = (list: { site?: string; text: string; code?: string }[]) =>
    list.map(({ site, text, code }, at) => {
      const one = a.condition(`c${at}`, '', { code: { text, ...(code && { coding: [{ system: sct, code }] }) } });
      return site === undefined ? one : a.mirrored(one, site);
    });

  test('the rows do not depend on the order, no pair is asked twice, and deciding all leaves nothing to ask', () => {
    fc.assert(
      fc.property(some, (list) => {
        const resources = records(list as { site?: string; text: string; code?: string }[]);
        const rows = rowsOf(chartOf(resources, options), nothing);
        const turned = rowsOf(chartOf([...resources].reverse(), options), nothing);
        expect(turned.map(({ id, state }) => [id, state])).toEqual(rows.map(({ id, state }) => [id, state]));
        const asked = new Set<string>();
        for (const { members } of rows)
          for (const one of members) for (const other of members) asked.add(`${one.reference} ${other.reference}`);
        const all: Remembered = { hasPair: (x, y) => asked.has(`${x.reference} ${y.reference}`), hasOne: () => true };
        expect(rowsOf(chartOf(resources, options), all)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
