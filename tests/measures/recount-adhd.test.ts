import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { dayNumber, isoDay } from './histories.ts';
import { houseMeasures, measureNamed, year2026 } from './house.ts';

/** A second count of follow-up for ADHD, by crossing days off a calendar. Written without the CQL. */

const measure = measureNamed(houseMeasures(), 'adhd-follow-up');

interface Fill {
  medicine: string;
  day: number;
  lasting: number;
}

interface Visit {
  day: number;
  online: boolean;
}

const [intakeFirst, intakeLast] = [dayNumber('2025-10-03'), dayNumber('2026-03-02')];

/** Each day that is covered when supplies of one medicine are taken one after the other. */
function daysTaken(fills: readonly Fill[]): Set<number> {
  const taken = new Set<number>();
  for (const medicine of new Set(fills.map((fill) => fill.medicine))) {
    const seen = new Set<string>();
    let free = Number.NEGATIVE_INFINITY;
    for (const { day, lasting } of fills.filter((fill) => fill.medicine === medicine).sort((a, b) => a.day - b.day)) {
      if (seen.has(`${day} ${lasting}`)) continue;
      seen.add(`${day} ${lasting}`);
      let next = Math.max(day, free);
      for (let n = 0; n < lasting; n++) taken.add(next++);
      free = next;
    }
  }
  return taken;
}

function indexDay(fills: readonly Fill[]): number | undefined {
  for (let day = intakeFirst; day <= intakeLast; day++) {
    if (!fills.some((fill) => fill.day === day)) continue;
    const earlier = fills.some((fill) => fill.day < day && fill.day + Math.max(fill.lasting, 1) - 1 >= day - 120);
    if (!earlier) return day;
  }
  return undefined;
}

/** Which of initial population and numerator the child is in, of both groups. */
function recount(fills: readonly Fill[], visits: readonly Visit[]): Record<string, boolean[]> {
  const index = indexDay(fills);
  // Half a year back by the calendar: the same day of the month six months before.
  const before = index === undefined ? 0 : sixMonthsBefore(index);
  const seen = (first: number, last: number, online: boolean) =>
    new Set(visits.filter((v) => v.day >= first && v.day <= last && (online || !v.online)).map((v) => v.day)).size;
  if (index === undefined || seen(before, index, true) === 0)
    return { initiation: [false, false], continuation: [false, false] };
  const taken = daysTaken(fills.filter((fill) => fill.day >= index));
  const treated = [...taken].filter((day) => day >= index && day <= index + 300).length >= 210;
  const soon = seen(index + 1, index + 30, false) > 0;
  const later = seen(index + 31, index + 300, true) >= 2 && seen(index + 31, index + 300, false) >= 1;
  return { initiation: [true, soon], continuation: [treated, treated && soon && later] };
}

function sixMonthsBefore(day: number): number {
  const [year = 0, month = 0, of = 0] = isoDay(day).split('-').map(Number);
  const last = new Date(Date.UTC(year, month - 6, 0)).getUTCDate();
  return Date.UTC(year, month - 7, Math.min(of, last)) / (24 * 3600 * 1000);
}

const code = (system: string, value: string) => ({ coding: [{ system, code: value }] });

function resourcesOf(fills: readonly Fill[], visits: readonly Visit[]): Resource[] {
  const subject = { reference: 'Patient/child' };
  return [
    { resourceType: 'Patient', id: 'child', birthDate: '2016-05-05' },
    ...fills.map(({ medicine, day, lasting }, n) => ({
      resourceType: 'MedicationDispense',
      id: `fill-${n}`,
      status: 'completed',
      subject,
      medicationCodeableConcept: code('http://www.nlm.nih.gov/research/umls/rxnorm', medicine),
      whenHandedOver: `${isoDay(day)}T09:00:00-05:00`,
      daysSupply: { value: lasting, unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' },
    })),
    ...visits.map(({ day, online }, n) => ({
      resourceType: 'Encounter',
      id: `visit-${n}`,
      status: 'finished',
      type: [code('http://snomed.info/sct', online ? '448337001' : '390906007')],
      subject,
      period: { start: isoDay(day) },
    })),
  ];
}

/** Days from a first fill, crowded around the ends of the phases. */
const offset = fc.oneof(
  fc.integer({ min: -200, max: 330 }),
  fc.constantFrom(-184, -183, -182, -181, -121, -120, -119, -1, 0, 1, 29, 30, 31, 32, 299, 300, 301),
);
const history = fc.record({
  first: fc.oneof(
    fc.integer({ min: intakeFirst - 30, max: intakeLast + 10 }),
    fc.constantFrom(intakeFirst - 1, intakeFirst, intakeLast, intakeLast + 1),
  ),
  fills: fc.array(
    fc.record({
      medicine: fc.constantFrom('6901', '6901', '884173'),
      after: fc.oneof(offset, fc.integer({ min: 0, max: 250 })),
      lasting: fc.constantFrom(1, 30, 30, 60, 90, 120, 209, 210),
    }),
    { maxLength: 7 },
  ),
  lasting: fc.constantFrom(30, 90, 209, 210),
  visits: fc.array(fc.record({ after: offset, online: fc.boolean() }), { maxLength: 9 }),
  seenFirst: fc.boolean(),
});

test('the CQL counts as the calendar does, on random histories', async () => {
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(history, async ({ first, fills: more, lasting, visits: others, seenFirst }) => {
      const fills = [
        { medicine: '6901', day: first, lasting },
        ...more.map((fill) => ({ ...fill, day: first + fill.after })),
      ];
      const visits = [
        ...(seenFirst ? [{ day: first, online: false }] : []),
        ...others.map(({ after, online }) => ({ day: first + after, online })),
      ];
      const expected = recount(fills, visits);
      const result = await measure.evaluate(resourcesOf(fills, visits), year2026);
      if (!result.ok) throw new Error(result.error.issues[0]?.text);
      for (const { group, units } of result.value.groups) {
        const member = new Set(units.flatMap(({ populations }) => populations));
        expect([group, member.has('initial-population'), member.has('numerator')]).toEqual([
          group,
          ...(expected[group] ?? []),
        ]);
      }
      for (const [group, counted] of Object.entries(expected)) reached.add(`${group} ${counted}`);
    }),
    { numRuns: 600 },
  );
  expect([...reached].sort()).toEqual([
    'continuation false,false',
    'continuation true,false',
    'continuation true,true',
    'initiation false,false',
    'initiation true,false',
    'initiation true,true',
  ]);
});
