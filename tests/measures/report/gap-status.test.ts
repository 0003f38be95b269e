import { describe, expect, test } from '@jest/globals';
import { gapStatus, hasGaps } from '../../../src/measures/report/gap-status.ts';
import type { GroupDefinition } from '../../../src/measures/types.ts';
import { groupOf, population, proportion } from './support.ts';

const codes = [...proportion, 'denominator-exception', 'numerator-exclusion'];
const populations = codes.map((code) => population(code));
const more = (improvement: GroupDefinition['improvement']) => groupOf('g', { improvement, populations });
const initial = ['initial-population'];
const counted = [...initial, 'denominator'];
const at = { today: '2026-06-01' };

describe.each(['increase', 'decrease'] as const)('where %s is better', (improvement) => {
  const good = improvement === 'increase' ? 'closed-gap' : 'open-gap';
  const bad = improvement === 'increase' ? 'open-gap' : 'closed-gap';
  test.each([
    ['outside of the initial population', undefined, 'not-applicable'],
    ['in nothing', [], 'not-applicable'],
    ['in the initial population only', initial, 'closed-gap'],
    ['excluded', [...counted, 'denominator-exclusion'], 'closed-gap'],
    ['excepted', [...counted, 'denominator-exception'], 'closed-gap'],
    ['not in the numerator', counted, bad],
    ['in the numerator', [...counted, 'numerator'], good],
    ['in the numerator and excluded from it', [...counted, 'numerator', 'numerator-exclusion'], bad],
  ])('%s', (_, members, status) => {
    expect(gapStatus(more(improvement), members && { populations: members }, at)).toBe(status);
  });
});

describe('a gap that has to be closed by a day', () => {
  const unit = { populations: counted };
  test('is prospective until the day before, open on the day', () => {
    expect(gapStatus(more('increase'), unit, { ...at, dueOn: '2026-06-02' })).toBe('prospective-gap');
    expect(gapStatus(more('increase'), unit, { ...at, dueOn: '2026-06-01' })).toBe('open-gap');
    expect(gapStatus(more('increase'), unit, { ...at, dueOn: '2026-05-31' })).toBe('open-gap');
  });

  test('is closed once it is closed, and none where nothing is asked', () => {
    const later = { ...at, dueOn: '2026-12-31' };
    expect(gapStatus(more('increase'), { populations: [...counted, 'numerator'] }, later)).toBe('closed-gap');
    expect(gapStatus(more('increase'), undefined, later)).toBe('not-applicable');
  });
});

test('episodes and other scorings have no gaps', () => {
  expect(hasGaps(groupOf('g'))).toBe(true);
  expect(hasGaps(groupOf('g', { basis: 'Encounter' }))).toBe(false);
  expect(hasGaps(groupOf('g', { scoring: 'ratio' }))).toBe(false);
});
