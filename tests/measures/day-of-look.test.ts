import { describe, expect, test } from '@jest/globals';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { houseMeasures, measureNamed, testChildren, year2026 } from './house.ts';

const measure = measureNamed(houseMeasures(), 'shared-plan-current');
const [child] = testChildren('shared-plan-current').filter(({ file }) =>
  file.includes('when-agreed-six-months-before-the-last-day'),
);

async function populationsOn(day: string): Promise<readonly string[]> {
  const at = { now: new Date(`${day}T12:00:00Z`), zone: 'UTC' };
  const result = await evaluateSubject(measure, child?.resources ?? [], year2026, at);
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value.groups[0]?.units[0]?.populations ?? [];
}

describe('measures of plans look on today while the period runs, and on its last day afterwards', () => {
  test.each([
    // Agreed on 30 June 2026.
    ['2026-06-29', 0],
    ['2026-06-30', 3],
    ['2026-12-30', 3],
    ['2026-12-31', 3],
    ['2027-06-01', 3],
  ])('on %s the child is in %i populations', async (day, count) => {
    expect(await populationsOn(day)).toHaveLength(count);
  });

  test('what was current in spring is not any more in autumn, without any change of the record', async () => {
    const at = (day: string) => ({ now: new Date(`${day}T12:00:00Z`), zone: 'UTC' });
    const [old] = testChildren('shared-plan-current').filter(({ file }) => file.includes('a-day-more-than-six-months'));
    const on = async (day: string) => {
      const result = await evaluateSubject(measure, old?.resources ?? [], year2026, at(day));
      return result.ok && result.value.groups[0]?.units[0]?.populations.includes('numerator');
    };
    // Agreed on 29 June 2026.
    expect([await on('2026-12-29'), await on('2026-12-30')]).toEqual([true, false]);
  });
});
