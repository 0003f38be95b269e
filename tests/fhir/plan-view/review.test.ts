import { describe, expect, test } from '@jest/globals';
import { addMonths, isOverdue, reviewDue, reviewExtension, reviewOf } from '../../../src/fhir/plan-view/review.ts';
import type { r4 } from '../../../src/fhir/types.ts';

const plan = (more: Partial<r4.CarePlan> = {}): r4.CarePlan => ({
  resourceType: 'CarePlan',
  status: 'active',
  intent: 'plan',
  subject: {},
  ...more,
});
const reviewed = (held: string, next?: string) => [
  reviewExtension({ held, agreed: [], copyTo: [], ...(next !== undefined && { next }) }),
];

describe('when a plan is due', () => {
  test.each<[string, r4.CarePlan, string | undefined, string | undefined]>([
    ['nothing is known', plan(), '2020-01-01', undefined],
    ['only a month is known', plan({ period: { start: '2026-03' } }), '2020-01-01', undefined],
    ['it was never reviewed', plan({ period: { start: '2026-03-10' } }), '2020-01-01', '2026-09-10'],
    ['it says only when it was made', plan({ created: '2026-03-10T23:00:00Z' }), undefined, '2026-09-10'],
    ['it began on a day that the month lacks', plan({ period: { start: '2025-08-31' } }), undefined, '2026-02-28'],
    ['the child is one day short of a year', plan({ period: { start: '2026-03-09' } }), '2025-03-10', '2026-06-09'],
    ['it is the first birthday', plan({ period: { start: '2026-03-10' } }), '2025-03-10', '2026-09-10'],
    [
      'it was reviewed',
      plan({ period: { start: '2026-01-01' }, extension: reviewed('2026-03-10') }),
      undefined,
      '2026-09-10',
    ],
    ['a day was agreed', plan({ extension: reviewed('2026-03-10', '2026-04-01') }), undefined, '2026-04-01'],
    [
      'it began after the review',
      plan({ period: { start: '2026-05-01' }, extension: reviewed('2026-03-10', '2026-04-01') }),
      undefined,
      '2026-11-01',
    ],
  ])('%s', (_, one, birthDate, due) => {
    expect(reviewDue(one, birthDate).due).toBe(due);
  });

  test('it is overdue from the day after, and never without a day', () => {
    expect(['2026-09-10', '2026-09-11'].map((today) => isOverdue('2026-09-10', today))).toEqual([false, true]);
    expect(isOverdue(undefined, '2026-09-11')).toBe(false);
  });

  test('months are counted over the end of a year, into a leap day', () => {
    expect([addMonths('2026-11-30', 3), addMonths('2027-12-31', 2), addMonths('2026-12-01', 1)]).toEqual([
      ...['2027-02-28', '2028-02-29', '2027-01-01'],
    ]);
  });

  test('what is written is what is read', () => {
    const review = {
      held: '2026-03-10',
      next: '2026-06-01',
      agreed: [{ reference: 'RelatedPerson/a' }, { reference: 'Practitioner/b' }],
      copyGiven: '2026-03-11',
      copyTo: [{ reference: 'RelatedPerson/a' }],
    };
    expect(reviewOf({ extension: [{ url: 'urn:other' }, reviewExtension(review)] })).toEqual(review);
    expect(reviewOf({ extension: [{ url: 'urn:other' }] })).toBeUndefined();
  });
});
