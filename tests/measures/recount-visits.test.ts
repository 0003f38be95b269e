import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { birthday, dayNumber, isoDay, retold } from './histories.ts';
import { houseMeasures, measureNamed, year2026 } from './house.ts';

/** A second count of the visits in the first 30 months, by crossing days off a calendar. Written without the CQL. */

const measure = measureNamed(houseMeasures(), 'well-child-visits-first-30-months');

interface Visit {
  day: number;
  status: string;
  /** SNOMED CT code of the type, or ICD-10-CM code of the reason. */
  code: string;
}

const well = ['185349003', '410620009', 'Z00.110', 'Z00.111', 'Z00.121', 'Z00.129', 'Z00.00', 'Z00.01'];

function daysSeen(visits: readonly Visit[], first: number, last: number): number {
  let seen = 0;
  for (let day = first; day <= last; day++)
    if (visits.some((visit) => visit.day === day && visit.status === 'finished' && well.includes(visit.code))) seen++;
  return seen;
}

function encounter(id: string, { day, status, code }: Visit): Resource & { period: { start: string } } {
  const coded = { coding: [{ system: 'http://snomed.info/sct', code }] };
  const reason = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code }] };
  return {
    resourceType: 'Encounter',
    id,
    status,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    ...(code.startsWith('Z') ? { reasonCode: [reason] } : { type: [coded] }),
    subject: { reference: 'Patient/child' },
    period: { start: isoDay(day) },
  };
}

const birth = fc.oneof(
  fc.integer({ min: dayNumber('2024-09-25'), max: dayNumber('2025-10-10') }).map(isoDay),
  fc.integer({ min: dayNumber('2023-06-25'), max: dayNumber('2024-07-10') }).map(isoDay),
  fc.constantFrom('2024-02-29', '2024-10-03', '2025-10-02'),
);
/** Ages in days, crowded around birth, 15 months and 30 months; how long a year was is found out by the neighbours. */
const age = fc.oneof(
  fc.integer({ min: 0, max: 930 }),
  fc.constantFrom(-1, 0, 1, 30, 454, 455, 456, 457, 910, 911, 912, 913),
);
const code = fc.constantFrom(
  '410620009',
  '410620009',
  '410620009',
  'Z00.129',
  'Z00.110',
  '185349003',
  '185345009',
  'Z23',
);
const status = fc.constantFrom(
  'finished',
  'finished',
  'finished',
  'finished',
  'planned',
  'cancelled',
  'entered-in-error',
);
const history = fc.record({
  birth,
  // A schedule that is nearly kept, so that rates are met often enough.
  kept: fc.subarray([4, 30, 60, 120, 180, 270, 365, 545, 730]),
  extra: fc.array(fc.record({ age, code, status }), { maxLength: 4 }),
});

test('the CQL agrees with a recount by hand on random visits, however often and in whatever order they are told', async () => {
  const met = new Set<string>();
  const failed = new Set<string>();
  const histories = history.chain(({ birth: born, kept, extra }) => {
    const start = dayNumber(born);
    const visits: Visit[] = [
      ...kept.map((days) => ({ day: start + days, status: 'finished', code: '410620009' })),
      ...extra.map(({ age: days, ...rest }) => ({ ...rest, day: start + days })),
    ];
    const sources = retold(
      visits.map((visit, n) => encounter(`visit-${n}`, visit)),
      (record, time) => ({ ...record, period: { start: `${record.period.start}${time}` } }),
    );
    return fc.record({ born: fc.constant(born), visits: fc.constant(visits), records: sources });
  });
  await fc.assert(
    fc.asyncProperty(histories, async ({ born, visits, records }) => {
      const child: Resource = { resourceType: 'Patient', id: 'child', birthDate: born };
      const result = await evaluateSubject(measure, [child, ...records], year2026);
      if (!result.ok) throw new Error(result.error.issues[0]?.text);
      const fifteen = birthday(born, 1) + 90;
      const thirty = birthday(born, 2) + 180;
      const counted: Record<string, [boolean, boolean]> = {
        'first-15-months': [isoDay(fifteen).startsWith('2026'), daysSeen(visits, dayNumber(born), fifteen) >= 6],
        '15-to-30-months': [isoDay(thirty).startsWith('2026'), daysSeen(visits, fifteen + 1, thirty) >= 2],
      };
      for (const { group, units } of result.value.groups) {
        const populations = new Set(units.flatMap((unit) => unit.populations));
        const [belongs, enough] = counted[group] ?? [];
        const found = [group, populations.has('initial-population'), populations.has('numerator')];
        expect(found).toEqual([group, belongs, belongs && enough]);
        if (belongs) (populations.has('numerator') ? met : failed).add(group);
      }
    }),
    { numRuns: 300 },
  );
  // The comparison means something only when each rate was met by someone, and missed by someone.
  const groups = measure.groups.map(({ id }) => id).sort();
  expect([...met].sort()).toEqual(groups);
  expect([...failed].sort()).toEqual(groups);
});
