import { expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { houseMeasures, measureNamed, testChildren, year2026 } from './house.ts';

/** In which strata the units of a test child fall, with another birth date or other records than the file has. */

const house = houseMeasures();

async function strataOf(name: string, file: string, change: { birthDate?: string; more?: Resource[] } = {}) {
  const found = testChildren(name).find((child) => child.file === `${file}.json`);
  if (!found) throw new Error(`no test child ${file}`);
  const { birthDate, more = [] } = change;
  const resources = found.resources.map((each) =>
    each.resourceType === 'Patient' && birthDate !== undefined ? { ...each, birthDate } : each,
  );
  const result = await measureNamed(house, name).evaluate([...resources, ...more], year2026);
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value.groups.map(({ units }) => units.map(({ strata }) => strata));
}

function coverage(id: string, start: string, end?: string): Resource {
  return {
    resourceType: 'Coverage',
    id,
    status: 'active',
    beneficiary: { reference: 'Patient/child' },
    payor: [{ display: 'Example Plan' }],
    period: { start, ...(end && { end }) },
  };
}

test.each([
  ['chlamydia-screening', 'numerator-of-screening-when-tested-in-the-period', '2010-12-31', 'age-16-20'],
  ['chlamydia-screening', 'numerator-of-screening-when-tested-in-the-period', '2005-01-02', 'age-21-24'],
  ['chlamydia-screening', 'numerator-of-screening-when-tested-in-the-period', '2006-01-01', 'age-16-20'],
  ['chlamydia-screening', 'numerator-of-screening-when-tested-in-the-period', '2005-12-31', 'age-21-24'],
  ['metabolic-monitoring', 'numerator-of-glucose-when-only-glucose-was-tested', '2015-01-01', 'age-1-11'],
  ['metabolic-monitoring', 'numerator-of-glucose-when-only-glucose-was-tested', '2014-12-31', 'age-12-17'],
  ['asthma-medication-ratio', 'numerator-of-ratio-when-all-are-controllers', '2015-01-01', 'age-5-11'],
  ['asthma-medication-ratio', 'numerator-of-ratio-when-all-are-controllers', '2014-12-31', 'age-12-18'],
])('%s: %s, born %s: %s', async (name, file, birthDate, expected) => {
  const groups = await strataOf(name, file, { birthDate });
  for (const units of groups) expect(units.map(({ age }) => age)).toEqual([expected]);
});

test.each([
  ['nothing is known', [], ''],
  ['the whole window', [coverage('c', '2025-01-01')], 'continuous'],
  ['a gap of 45 days', [coverage('c', '2025-01-01', '2025-12-31'), coverage('d', '2026-02-15')], 'continuous'],
  ['a gap of 46 days', [coverage('c', '2025-01-01', '2025-12-31'), coverage('d', '2026-02-16')], 'interrupted'],
])('enrollment around the start of treatment: %s', async (_what, more, expected) => {
  const [initiation] = await strataOf(
    'adhd-follow-up',
    'denominator-of-initiation-when-seen-only-on-the-day-of-the-prescription',
    { more },
  );
  expect(initiation).toEqual([{ enrollment: expected }]);
});

test.each([
  ['nothing is known', [], ''],
  ['the whole year', [coverage('c', '2025-01-01')], '180 days or more'],
  ['180 days', [coverage('c', '2026-01-01', '2026-06-29')], '180 days or more'],
  ['179 days', [coverage('c', '2026-01-01', '2026-06-28')], 'fewer than 180 days'],
  ['180 days, a part of them before the year', [coverage('c', '2025-12-01', '2026-05-29')], 'fewer than 180 days'],
  ['the last 180 days', [coverage('c', '2026-07-05')], '180 days or more'],
  [
    'two that touch',
    [coverage('c', '2026-01-01', '2026-03-31'), coverage('d', '2026-04-01', '2026-06-29')],
    '180 days or more',
  ],
  [
    'two with a day between',
    [coverage('c', '2026-01-01', '2026-03-31'), coverage('d', '2026-04-02', '2026-08-31')],
    'fewer than 180 days',
  ],
  [
    'two that overlap',
    [coverage('c', '2026-01-01', '2026-05-31'), coverage('d', '2026-04-01', '2026-06-29')],
    '180 days or more',
  ],
  ['none in the year', [coverage('c', '2025-01-01', '2025-12-31')], 'fewer than 180 days'],
])('covered for 180 days on end: %s', async (_what, more, expected) => {
  const [total] = await strataOf('oral-evaluation', 'numerator-of-total-when-a-dentist-was-visited', { more });
  expect(total?.map((strata) => strata['covered-180-days'])).toEqual([expected]);
});

test('of several discharges each has its own enrollment', async () => {
  const [seven] = await strataOf(
    'mental-health-discharge-follow-up',
    'numerator-and-denominator-of-within-7-days-when-two-stays-and-one-follow-up',
    {
      more: [coverage('c', '2026-01-01', '2026-05-01')],
    },
  );
  expect(seven?.map(({ enrollment }) => enrollment).sort()).toEqual(['continuous', 'interrupted']);
});

test('of several episodes of bronchitis each has its own enrollment', async () => {
  const [episodes] = await strataOf(
    'bronchitis-antibiotics',
    'denominator-and-numerator-of-episodes-when-the-second-episode-had-an-antibiotic',
    {
      more: [coverage('c', '2025-01-01', '2026-03-01')],
    },
  );
  expect(episodes?.map(({ enrollment }) => enrollment).sort()).toEqual(['continuous', 'interrupted']);
});

test.each([
  ['adhd-follow-up', ['Encounter', 'MedicationDispense', 'MedicationRequest']],
  ['asthma-medication-ratio', ['MedicationDispense']],
  ['bronchitis-antibiotics', ['Encounter', 'MedicationDispense', 'MedicationRequest']],
  ['chlamydia-screening', ['Encounter', 'Observation']],
  ['depression-screening', ['Encounter', 'MedicationRequest', 'Observation', 'Procedure', 'ServiceRequest']],
  ['emergency-visits', ['Encounter']],
  ['inpatient-days', ['Encounter']],
  ['mental-health-discharge-follow-up', ['Encounter']],
  ['metabolic-monitoring', ['MedicationDispense', 'MedicationRequest', 'Observation']],
  ['oral-evaluation', ['Encounter', 'Procedure']],
  ['topical-fluoride', ['Procedure']],
])('the records behind every numerator of %s are shown', async (name, types) => {
  const shown = new Set<string>();
  for (const { file, resources } of testChildren(name)) {
    const [, group] = /numerator-of-(.+?)-when-/.exec(file) ?? [];
    if (group === undefined) continue;
    const result = await measureNamed(house, name).evaluate(resources, year2026);
    if (!result.ok) throw new Error(result.error.issues[0]?.text);
    const evidence = result.value.groups.find((each) => each.group === group)?.evidence ?? [];
    expect([file, evidence.length > 0]).toEqual([file, true]);
    for (const reference of evidence) shown.add(reference.split('/')[0] ?? '');
  }
  expect([...shown].sort()).toEqual(types);
});
