import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { houseMeasures } from './house.ts';
import { valuesOf } from './measure-logic.ts';

/** The rules of CareweaveMedications, seen through the days of treatment of a measure that uses all of them. */

const value = valuesOf(houseMeasures(), 'adhd-follow-up');
const child: Resource = { resourceType: 'Patient', id: 'child', birthDate: '2016-05-05' };
const medicine = (code: string) => ({
  coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code }],
});
const days = (amount: number, code = 'd') => ({ value: amount, system: 'http://unitsofmeasure.org', code });

let made = 0;
function order(more: object): Resource {
  made += 1;
  const base = {
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: medicine('6901'),
    authoredOn: '2026-01-10',
  };
  return {
    resourceType: 'MedicationRequest',
    id: `order-${made}`,
    subject: { reference: 'Patient/child' },
    ...base,
    ...more,
  };
}
function dispensing(more: object): Resource {
  made += 1;
  const base = {
    status: 'completed',
    medicationCodeableConcept: medicine('6901'),
    whenHandedOver: '2026-01-10',
    daysSupply: days(30),
  };
  return {
    resourceType: 'MedicationDispense',
    id: `fill-${made}`,
    subject: { reference: 'Patient/child' },
    ...base,
    ...more,
  };
}
const repeat = (bounds: object) => ({ dosageInstruction: [{ timing: { repeat: bounds } }] });
const supply = (amount: object, repeats?: number) => ({
  dispenseRequest: {
    expectedSupplyDuration: amount,
    ...(repeats !== undefined && { numberOfRepeatsAllowed: repeats }),
  },
});

describe('days of treatment', () => {
  test.each<[string, number, Resource[]]>([
    ['none without a supply', 0, [order({})]],
    ['none of a unit that is no time', 0, [order(supply({ value: 30, unit: 'tablets' }))]],
    ['none of hours', 0, [order(supply(days(48, 'h')))]],
    ['none of a supply of no days', 0, [order(supply(days(0)))]],
    [
      'none of a use that ends before it begins',
      0,
      [order(repeat({ boundsPeriod: { start: '2026-01-10', end: '2026-01-09' } }))],
    ],
    ['none of a draft', 0, [order({ ...supply(days(30)), status: 'draft' })]],
    ['none of an order not to give it', 0, [order({ ...supply(days(30)), doNotPerform: true })]],
    ['none of a dispensing that was stopped', 0, [dispensing({ status: 'stopped' })]],
    ['none of a dispensing without a day', 0, [dispensing({ whenHandedOver: undefined })]],
    ['the expected supply', 30, [order(supply(days(30)))]],
    ['the expected supply with repeats', 90, [order(supply(days(30), 2))]],
    ['the expected supply in weeks', 28, [order(supply(days(4, 'wk')))]],
    ['the expected supply in months of 30 days', 60, [order(supply(days(2, 'mo')))]],
    ['the unit in words', 30, [order(supply({ value: 30, unit: 'days' }))]],
    ['a use of one day', 1, [order(repeat({ boundsPeriod: { start: '2026-01-10', end: '2026-01-10' } }))]],
    [
      'the use before the supply',
      10,
      [order({ ...supply(days(30)), ...repeat({ boundsPeriod: { start: '2026-01-10', end: '2026-01-19' } }) })],
    ],
    [
      'the supply when the use has no end',
      30,
      [order({ ...supply(days(30)), ...repeat({ boundsPeriod: { start: '2026-01-10' } }) })],
    ],
    ['the duration of the use', 14, [order(repeat({ boundsDuration: days(2, 'wk') }))]],
    ['a dispensing', 30, [dispensing({})]],
    ['a dispensing that only says a number', 30, [dispensing({ daysSupply: { value: 30 } })]],
    ['a dispensing prepared that day', 30, [dispensing({ whenHandedOver: undefined, whenPrepared: '2026-01-10' })]],
    ['a day within two months once', 31, [dispensing({ daysSupply: days(31) })]],
    ['two supplies one after the other', 60, [dispensing({}), dispensing({ whenHandedOver: '2026-01-20' })]],
    ['two different amounts on one day', 40, [dispensing({}), dispensing({ daysSupply: days(10) })]],
    ['the same amount on one day once', 30, [dispensing({}), dispensing({})]],
    [
      'two medicines together once',
      40,
      [dispensing({}), dispensing({ medicationCodeableConcept: medicine('884173'), whenHandedOver: '2026-01-20' })],
    ],
    [
      'an order and its dispensing once',
      30,
      [
        order({ id: 'linked', ...supply(days(30)) }),
        dispensing({ authorizingPrescription: [{ reference: 'MedicationRequest/linked' }] }),
      ],
    ],
    [
      'an order and a dispensing of another medicine both',
      60,
      [order(supply(days(60))), dispensing({ medicationCodeableConcept: medicine('884173') })],
    ],
    [
      'an order after the dispensed one ended',
      60,
      [dispensing({}), order({ ...supply(days(30)), authoredOn: '2026-03-01' })],
    ],
    ['no more than 301 days', 301, [order(supply(days(400)))]],
  ])('%s', (_what, expected, records) => {
    expect(value([child, ...records], 'Days Treated')).toBe(expected);
  });
});
