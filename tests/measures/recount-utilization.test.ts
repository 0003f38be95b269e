import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { birthday, dayNumber, isoDay, retold } from './histories.ts';
import { houseMeasures, measureNamed, year2026 } from './house.ts';

/** A second count of emergency visits and inpatient days, by crossing days off a calendar. Written without the CQL. */

const house = houseMeasures();
const afterwards = { now: new Date('2027-01-15T12:00:00Z'), zone: 'UTC' };
const [first, last] = [dayNumber('2026-01-01'), dayNumber('2026-12-31')];

interface Contact {
  kind: 'EMER' | 'IMP' | 'AMB';
  day: number;
  /** Days until it ended. */
  lasting: number;
  status: 'finished' | 'planned' | 'entered-in-error';
  reason: string;
}
interface Span {
  day: number;
  lasting: number;
}
interface History {
  birth: string;
  spans: Span[];
  contacts: Contact[];
}

const isMental = ({ reason }: Contact) => reason.startsWith('F');
const isStay = ({ kind, status }: Contact) => kind === 'IMP' && status === 'finished';

/** Every day of the year on which the child is enrolled and of the age. */
function membership({ birth, spans }: History, youngest: number, oldest: number): number[] {
  const days = [];
  for (let day = first; day <= last; day++) {
    const isOfAge = day >= birthday(birth, youngest) && day < birthday(birth, oldest + 1);
    if (isOfAge && spans.some((span) => span.day <= day && day <= span.day + span.lasting)) days.push(day);
  }
  return days;
}

function isInHospital(stay: Contact, day: number): boolean {
  const nights = Math.max(1, stay.lasting);
  return isStay(stay) && day >= stay.day && day < stay.day + nights;
}

function wasSeen(contacts: readonly Contact[], day: number): boolean {
  return contacts.some((visit) => {
    if (visit.kind !== 'EMER' || visit.status !== 'finished' || visit.day !== day || isMental(visit)) return false;
    return !contacts.some((stay) => {
      const begins = stay.day - day;
      const isAdmission = isStay(stay) && begins >= 0 && begins <= visit.lasting + 1;
      return isAdmission || (stay.day < day && isInHospital(stay, day));
    });
  });
}

const near = fc.oneof(
  fc.integer({ min: first - 20, max: last + 20 }),
  fc.integer({ min: first + 95, max: first + 125 }),
  fc.constantFrom(first - 1, first, first + 1, last - 1, last, last + 1),
);
const contact: fc.Arbitrary<Contact> = fc.record({
  kind: fc.constantFrom('EMER', 'EMER', 'EMER', 'IMP', 'IMP', 'AMB'),
  day: near,
  lasting: fc.constantFrom(0, 0, 1, 2, 5, 30),
  status: fc.constantFrom(...Array<'finished'>(7).fill('finished'), 'planned', 'entered-in-error'),
  reason: fc.constantFrom('J06.9', 'J06.9', 'R07.9', 'R07.9', 'F32.9'),
});
const history: fc.Arbitrary<History> = fc.record({
  birth: fc.oneof(
    fc.integer({ min: dayNumber('2025-01-10'), max: dayNumber('2026-06-10') }).map(isoDay),
    fc.integer({ min: dayNumber('2025-06-10'), max: dayNumber('2026-01-10') }).map(isoDay),
    fc.constantFrom('2024-02-29', '2020-05-05', '2016-04-15'),
    fc.constantFrom('2010-05-05', '2006-04-15', '2005-04-15'),
  ),
  spans: fc.oneof(
    fc.constant<Span[]>([{ day: first - 20, lasting: 400 }]),
    fc.array(fc.record({ day: near, lasting: fc.constantFrom(0, 10, 100, 400) }), { minLength: 1, maxLength: 3 }),
  ),
  contacts: fc.array(contact, { minLength: 2, maxLength: 7 }),
});

type Dated = Resource & { period: { start: string; end: string } };

function encounter(id: string, { kind, day, lasting, status, reason }: Contact): Dated {
  return {
    resourceType: 'Encounter',
    id,
    status,
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: kind },
    subject: { reference: 'Patient/child' },
    reasonCode: [{ coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: reason }] }],
    period: { start: isoDay(day), end: isoDay(day + lasting) },
  };
}

function coverage(id: string, { day, lasting }: Span): Dated {
  const period = { start: isoDay(day), end: isoDay(day + lasting) };
  return { resourceType: 'Coverage', id, status: 'active', beneficiary: { reference: 'Patient/child' }, period };
}

const bandsOf: Record<string, Record<string, [number, number]>> = {
  'emergency-visits': { total: [0, 19], 'under-1': [0, 0], 'age-1-9': [1, 9], 'age-10-19': [10, 19] },
  'inpatient-days': { total: [0, 20], 'under-1': [0, 0], 'age-1-9': [1, 9], 'age-10-20': [10, 20] },
};

test.each(Object.entries(bandsOf))(
  '%s agrees with a recount by hand on random histories, however often and in whatever order they are told',
  async (name, bands) => {
    const measure = measureNamed(house, name);
    const seen = new Set<string>();
    const told = history.chain((each) => {
      const records = [
        ...each.spans.map((span, n) => coverage(`coverage-${n}`, span)),
        ...each.contacts.map((one, n) => encounter(`encounter-${n}`, one)),
      ];
      return fc.record({
        each: fc.constant(each),
        records: retold(records, (one, time) => ({
          ...one,
          period: { start: one.period.start + time, end: one.period.end + time },
        })),
      });
    });
    await fc.assert(
      fc.asyncProperty(told, async ({ each, records }) => {
        const patient: Resource = { resourceType: 'Patient', id: 'child', birthDate: each.birth };
        const result = await evaluateSubject(measure, [patient, ...records], year2026, afterwards);
        if (!result.ok) throw new Error(result.error.issues[0]?.text);
        for (const { group, units } of result.value.groups) {
          const [youngest, oldest] = bands[group] ?? [0, -1];
          const days = membership(each, youngest, oldest);
          const stays = each.contacts.filter((one) => !isMental(one));
          const counted = days.filter((day) =>
            name === 'inpatient-days' ? stays.some((stay) => isInHospital(stay, day)) : wasSeen(each.contacts, day),
          ).length;
          expect(units).toHaveLength(days.length > 0 ? 1 : 0);
          expect(units[0]?.observations.days ?? 0).toBe(counted);
          expect(units[0]?.populations.includes('numerator') ?? false).toBe(counted > 0);
          seen.add(`${group} ${counted > 0}`);
        }
      }),
      { numRuns: 225 },
    );
    // Every group was met and missed, or the histories say nothing of it.
    expect(seen.size).toBe(2 * Object.keys(bands).length);
  },
);
