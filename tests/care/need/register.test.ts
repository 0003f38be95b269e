import { describe, expect, test } from '@jest/globals';
import { type Registered, registerOf } from '../../../src/care/need/register.ts';
import { addMonths, screensOf } from '../../../src/care/need/schedule.ts';
import type { Resource } from '../../../src/fhir/types.ts';

const domains = new Map([['http://hl7.org/fhir/sid/icd-10-cm|Z59.41', 'food-insecurity']]);
const clinical = (code: string) => ({
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code }] },
});
const need = (more: object = {}): Resource => ({
  resourceType: 'Condition',
  id: 'n1',
  ...clinical('active'),
  category: [{ coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category', code: 'sdoh' }] }],
  code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.41' }] },
  recordedDate: '2026-02-02',
  ...more,
});
const request = (more: object = {}): Resource => ({
  resourceType: 'ServiceRequest',
  id: 's1',
  status: 'active',
  intent: 'order',
  reasonReference: [{ reference: 'Condition/n1' }],
  ...more,
});
const task = (status: string, more: object = {}): Resource => ({
  resourceType: 'Task',
  id: 't1',
  status,
  intent: 'order',
  focus: { reference: 'ServiceRequest/s1' },
  ...more,
});
const only = (...records: Resource[]): Registered => {
  const [line, ...more] = registerOf(records, '2026-06-01', domains);
  if (!line || more.length > 0) throw new Error('there is not one line');
  return line;
};

describe('S0.10 the register of needs', () => {
  test.each([
    ['nothing was done', [], 'positive'],
    [
      'the only referral was cancelled and its request revoked',
      [request({ status: 'revoked' }), task('cancelled')],
      'positive',
    ],
    ['the referral was declined', [request(), task('rejected')], 'referred'],
    ['the referral failed', [request(), task('failed')], 'referred'],
    ['the child waits for a place', [request({ status: 'on-hold' }), task('on-hold')], 'referred'],
    [
      'the partner has completed it and the requester has looked at it',
      [request({ status: 'completed' }), task('completed')],
      'served',
    ],
  ])('S0.10 stays open when %s', (_, records, stage) => {
    expect(only(need(), ...records)).toMatchObject({ state: 'open', stage, domain: 'food-insecurity' });
  });

  test('S2.15 a closed referral with an unresolved need counts as unresolved', () => {
    const line = only(need(), request({ status: 'completed' }), task('completed'));
    expect([line.state, line.stage]).toEqual(['open', 'served']);
  });

  test('is resolved when the Condition has ended, and not before its day', () => {
    const records = [request({ status: 'completed' }), task('completed')];
    expect(only(need({ ...clinical('resolved'), abatementDateTime: '2026-05-01' }), ...records)).toMatchObject({
      state: 'resolved',
      stage: 'resolved',
    });
    expect(only(need({ abatementDateTime: '2026-07-01' }), ...records).state).toBe('open');
    // Without a service it ends as well, and no service is praised for it.
    expect(only(need({ ...clinical('resolved'), abatementDateTime: '2026-05-01' }))).toMatchObject({
      state: 'resolved',
      stage: 'positive',
    });
  });

  test('is withdrawn with its reason, and still counted as not met', () => {
    const reason = {
      coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'family-declined' }],
    };
    const url = 'http://careweave.org/fhir/StructureDefinition/need-withdrawn';
    expect(
      only(need({ extension: [{ url, valueCodeableConcept: reason }] }), request(), task('completed')),
    ).toMatchObject({
      state: 'withdrawn',
      stage: 'served',
      reason,
    });
  });

  test('one need told by two sources is one line, refuted ones are none, open ones come first', () => {
    const told = [need({ id: 'n2' }), need(), need({ id: 'n3', recordedDate: '2026-01-01', ...clinical('resolved') })];
    const wrong = need({ id: 'n4', verificationStatus: { coding: [{ code: 'refuted' }] }, recordedDate: '2026-03-03' });
    const lines = registerOf([...told, wrong], '2026-06-01', domains);
    expect(lines.map(({ conditions, state }) => [conditions.map(({ id }) => id), state])).toEqual([
      [['n1', 'n2'], 'open'],
      [['n3'], 'resolved'],
    ]);
  });

  test('says what came of it', () => {
    const done: Resource = {
      resourceType: 'Procedure',
      id: 'p1',
      status: 'completed',
      basedOn: [{ reference: 'ServiceRequest/s1' }],
    };
    const tried: Resource = { ...done, id: 'p2', status: 'not-done' };
    const output = [{ valueReference: { reference: 'Observation/enrolled' } }];
    const line = only(need(), request(), task('completed', { output }), done, tried);
    expect(line.outcomes).toEqual([{ reference: 'Procedure/p1' }, { reference: 'Observation/enrolled' }]);
  });
});

describe('S2.25 when to ask again', () => {
  const schedule = [
    {
      questionnaire: 'q',
      everyMonths: 12,
      again: { domain: 'food-insecurity', everyMonths: 3 },
      codes: new Set(['88124-3']),
    },
  ];
  const answered = (day: string, more: object = {}): Resource => ({
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'q|0.1.0',
    authored: `${day}T10:00:00Z`,
    ...more,
  });
  const open = [{ state: 'open', domain: 'food-insecurity' }] as const;
  const at = (today: string, records: Resource[], needs: Parameters<typeof screensOf>[2] = []) =>
    screensOf(schedule, records, needs, today)[0];

  test.each<[string, string, Resource[], Parameters<typeof screensOf>[2], string | undefined, boolean]>([
    ['never asked', '2026-06-01', [], [], undefined, true],
    ['on the day', '2026-06-01', [answered('2025-06-01')], [], '2026-06-01', false],
    ['a day later', '2026-06-02', [answered('2025-06-01')], [], '2026-06-01', true],
    ['sooner while a need is open', '2026-06-02', [answered('2026-03-01')], open, '2026-06-01', true],
    ['not under way', '2026-06-02', [answered('2026-05-01', { status: 'in-progress' })], [], undefined, true],
    ['not to come', '2026-06-02', [answered('2026-07-01')], [], undefined, true],
  ])('%s', (_, today, records, needs, due, isOverdue) => {
    expect(at(today, records, needs)).toEqual({
      questionnaire: 'q',
      isOverdue,
      ...(due && { due, last: expect.any(String) }),
    });
  });

  test('an answer that a hospital brought counts, a declined one does not', () => {
    const observation = (more: object): Resource => ({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '88124-3' }] },
      effectiveDateTime: '2026-05-01',
      ...more,
    });
    expect(at('2026-06-01', [observation({ valueCodeableConcept: { text: 'x' } })])).toMatchObject({
      isOverdue: false,
    });
    expect(at('2026-06-01', [observation({ dataAbsentReason: { text: 'x' } })])).toMatchObject({ isOverdue: true });
  });

  test('months end where they end', () => {
    expect(addMonths('2026-11-30', 3)).toBe('2027-02-28');
    expect(addMonths('2024-02-29', 12)).toBe('2025-02-28');
    expect(addMonths('2026-10-31', 3)).toBe('2027-01-31');
  });
});
