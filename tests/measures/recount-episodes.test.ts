import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { dayNumber, isoDay } from './histories.ts';
import { houseMeasures, measureNamed, year2026 } from './house.ts';

/** A second count of the measures that count episodes, day by day on a calendar. Written without the CQL. */

const house = houseMeasures();
const subject = { reference: 'Patient/child' };
const snomed = (code: string) => ({ coding: [{ system: 'http://snomed.info/sct', code }] });
const child: Resource = { resourceType: 'Patient', id: 'child', birthDate: '2015-05-05' };

function encounter(id: string, type: string, reason: string, start: number, end?: number): Resource {
  return {
    resourceType: 'Encounter',
    id,
    status: end === undefined ? 'in-progress' : 'finished',
    type: [snomed(type)],
    ...(reason && { reasonCode: [snomed(reason)] }),
    subject,
    period: {
      start: `${isoDay(start)}T10:00:00-05:00`,
      ...(end !== undefined && { end: `${isoDay(end)}T11:00:00-05:00` }),
    },
  };
}

/** In each group: how many units are in the denominator, and how many in the numerator. */
async function countsOf(name: string, resources: readonly Resource[]): Promise<Record<string, number[]>> {
  const result = await measureNamed(house, name).evaluate(resources, year2026);
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  const counted = (units: { populations: string[] }[], id: string) =>
    units.filter((u) => u.populations.includes(id)).length;
  return Object.fromEntries(
    result.value.groups.map(({ group, units }) => [
      group,
      [counted(units, 'denominator'), counted(units, 'numerator')],
    ]),
  );
}

interface Stay {
  first: number;
  /** Undefined while it goes on. */
  last: number | undefined;
  mental: boolean;
}

/** Walks through the days of discharge and looks where the child is on the 30 days after each. */
function recountDischarges(stays: readonly Stay[], visits: readonly number[]): Record<string, number[]> {
  const [within7, within30] = [
    [0, 0],
    [0, 0],
  ];
  const inHospital = (day: number) =>
    stays.some(({ first, last }) => first <= day && (last === undefined || last >= day));
  for (let day = dayNumber('2026-01-01'); day <= dayNumber('2026-12-01'); day++) {
    if (!stays.some((stay) => stay.last === day && stay.mental)) continue;
    const after = Array.from({ length: 30 }, (_, n) => day + n + 1);
    if (after.some(inHospital)) continue;
    for (const [counts, days] of [
      [within7, 7],
      [within30, 30],
    ] as const) {
      counts[0] = (counts[0] ?? 0) + 1;
      if (after.slice(0, days).some((each) => visits.includes(each))) counts[1] = (counts[1] ?? 0) + 1;
    }
  }
  return { 'within-7-days': within7, 'within-30-days': within30 };
}

test('discharges are counted as the calendar does', async () => {
  const day = (min: number, max: number) => fc.integer({ min, max });
  const stay = fc.record({
    first: fc.oneof(
      day(dayNumber('2025-12-20'), dayNumber('2026-04-10')),
      day(dayNumber('2025-12-20'), dayNumber('2026-12-20')),
      day(dayNumber('2026-11-01'), dayNumber('2026-12-20')),
    ),
    lasting: fc.constantFrom(0, 0, 1, 1, 5, 5, 29, 30, 31, undefined),
    mental: fc.constantFrom(true, true, false),
  });
  const visit = fc.oneof(
    day(dayNumber('2026-01-01'), dayNumber('2026-05-15')),
    day(dayNumber('2026-11-01'), dayNumber('2026-12-31')),
  );
  const reached = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.array(stay, { maxLength: 5 }), fc.array(visit, { maxLength: 12 }), async (told, visits) => {
      const stays = told.map(({ first, lasting, mental }) => ({
        first,
        last: lasting === undefined ? undefined : first + lasting,
        mental,
      }));
      const resources = [
        child,
        ...stays.map(({ first, last, mental }, n) =>
          encounter(`stay-${n}`, '32485007', mental ? '35489007' : '195967001', first, last),
        ),
        ...visits.map((at, n) => encounter(`visit-${n}`, '75516001', '', at, at)),
      ];
      const expected = recountDischarges(stays, visits);
      expect(await countsOf('mental-health-discharge-follow-up', resources)).toEqual(expected);
      reached.add(expected['within-30-days']?.[0] ?? 0);
    }),
    { numRuns: 250 },
  );
  for (const count of [0, 1, 2]) expect(reached).toContain(count);
});

interface Fill {
  day: number;
  lasting: number;
}

/** Walks through the days of intake; an episode keeps the next 30 days. */
function recountBronchitis(visits: readonly number[], fills: readonly Fill[], otitis: readonly number[]): number[] {
  let [episodes, treated] = [0, 0];
  let free = 0;
  for (let day = dayNumber('2025-07-01'); day <= dayNumber('2026-06-30'); day++) {
    const before = fills.some((fill) => fill.day < day && (fill.day >= day - 30 || fill.day + fill.lasting > day));
    const other = otitis.some((each) => each >= day && each <= day + 3);
    if (day < free || !visits.includes(day) || before || other) continue;
    episodes += 1;
    free = day + 31;
    if (fills.some((fill) => fill.day >= day && fill.day <= day + 3)) treated += 1;
  }
  return [episodes, treated];
}

test('episodes of bronchitis are counted as the calendar does', async () => {
  const day = fc.oneof(
    fc.integer({ min: dayNumber('2025-06-20'), max: dayNumber('2025-10-20') }),
    fc.integer({ min: dayNumber('2026-05-20'), max: dayNumber('2026-07-10') }),
  );
  const history = fc.record({
    visits: fc.array(day, { minLength: 1, maxLength: 6 }),
    fills: fc.array(fc.record({ day, lasting: fc.constantFrom(1, 5, 10, 29, 45) }), { maxLength: 3 }),
    /** Days after some visit on which an antibiotic was fetched too. */
    soon: fc.array(fc.constantFrom(-31, -30, 0, 3, 4), { maxLength: 2 }),
    otitis: fc.array(day, { maxLength: 1 }),
  });
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(history, async ({ visits, fills, soon, otitis }) => {
      const all = [...fills, ...soon.map((after) => ({ day: (visits[0] ?? 0) + after, lasting: 5 }))];
      const resources: Resource[] = [
        child,
        ...visits.map((at, n) => encounter(`visit-${n}`, '185345009', '10509002', at, at)),
        ...otitis.map((at, n) => encounter(`otitis-${n}`, '185345009', '65363002', at, at)),
        ...all.map((fill, n) => ({
          resourceType: 'MedicationDispense',
          id: `fill-${n}`,
          status: 'completed',
          subject,
          medicationCodeableConcept: {
            coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '723' }],
          },
          whenHandedOver: isoDay(fill.day),
          daysSupply: { value: fill.lasting, unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' },
        })),
      ];
      const expected = recountBronchitis(visits, all, otitis);
      expect(await countsOf('bronchitis-antibiotics', resources)).toEqual({ episodes: expected });
      reached.add(String(expected));
    }),
    { numRuns: 500 },
  );
  for (const counts of ['0,0', '1,0', '1,1', '2,0', '2,1']) expect(reached).toContain(counts);
});
