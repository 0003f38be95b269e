import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { birthday, dayNumber, isoDay, retold } from './histories.ts';
import { houseMeasures, immunization, measureNamed, year2026 } from './house.ts';

/** An independent recount of childhood immunization status: slow, obvious, and written without looking at the CQL. */

const measure = measureNamed(houseMeasures(), 'childhood-immunization-status');
const codes: Record<string, string[]> = {
  dtap: ['20', '50', '106', '107', '110', '120', '130', '146'],
  ipv: ['10', '89', '110', '120', '130', '146'],
  mmr: ['03', '94'],
  hib: ['17', '46', '47', '48', '49', '50', '51', '120', '146', '148'],
  'hepatitis-b': ['08', '45', '51', '110', '146'],
  varicella: ['21', '94'],
  'pneumococcal-conjugate': ['100', '133', '152', '215', '216'],
  'hepatitis-a': ['31', '83', '84', '85'],
  rotavirus: ['119', '116', '122'],
  influenza: ['15', '88', '140', '141', '150', '153', '158', '161', '171', '186'],
};
const live = ['111', '149', '151'];

interface Dose {
  code: string;
  date: string;
  status: string;
}

function recount(birth: string, doses: readonly Dose[]): Record<string, boolean> {
  const [born, one, two] = [dayNumber(birth), birthday(birth, 1), birthday(birth, 2)];
  const days = (wanted: string[], from: number, to = two): number[] => {
    const found: number[] = [];
    for (const { code, date, status } of doses) {
      const day = dayNumber(date);
      if (status !== 'completed' || !wanted.includes(code) || day < from || day > to) continue;
      if (!found.includes(day)) found.push(day);
    }
    return found;
  };
  const count = (antigen: string, from: number) => days(codes[antigen] ?? [], from).length;
  const nasal = days(live, two);
  const flu = days(codes.influenza ?? [], born + 180);
  const each: Record<string, boolean> = {
    dtap: count('dtap', born + 42) >= 4,
    ipv: count('ipv', born + 42) >= 3,
    mmr: count('mmr', one) >= 1,
    hib: count('hib', born + 42) >= 3,
    'hepatitis-b': count('hepatitis-b', born) >= 3,
    varicella: count('varicella', one) >= 1,
    'pneumococcal-conjugate': count('pneumococcal-conjugate', born + 42) >= 4,
    'hepatitis-a': count('hepatitis-a', one) >= 1,
    rotavirus: days(['119'], born + 42).length >= 2 || count('rotavirus', born + 42) >= 3,
    influenza: flu.length + nasal.filter((day) => !flu.includes(day)).length >= 2,
  };
  const all = (names: string[]) => names.every((name) => each[name]);
  const three = ['dtap', 'ipv', 'mmr', 'hib', 'hepatitis-b', 'varicella', 'pneumococcal-conjugate'];
  const seven = [...three, 'hepatitis-a', 'rotavirus'];
  const combinations = {
    'combination-3': all(three),
    'combination-7': all(seven),
    'combination-10': all([...seven, 'influenza']),
  };
  return { ...each, ...combinations };
}

/** Ages in days, crowded around the days on which a rule turns. */
const age = fc.oneof(
  fc.integer({ min: -3, max: 800 }),
  fc.constantFrom(0, 41, 42, 43, 100, 160, 179, 180, 181, 364, 365, 366, 367, 400, 729, 730, 731, 732),
);
const birth = fc.oneof(
  fc.integer({ min: dayNumber('2023-12-20'), max: dayNumber('2025-01-10') }).map(isoDay),
  fc.constantFrom('2023-12-31', '2024-01-01', '2024-02-29', '2024-03-01', '2024-12-31', '2025-01-01'),
);
const code = fc.constantFrom(...new Set([...Object.values(codes).flat(), ...live, '02', '114', '208']));
const status = fc.constantFrom('completed', 'completed', 'completed', 'completed', 'not-done', 'entered-in-error');
/** A full schedule, so that series are completed often enough, with random doses besides and some of it missing. */
const schedule: [string, number][] = [
  ...[0, 60, 200].map((day): [string, number] => ['08', day]),
  ...[60, 120, 180, 450].flatMap((day): [string, number][] => [
    ['20', day],
    ['133', day],
  ]),
  ...[60, 120, 180].flatMap((day): [string, number][] => [
    ['10', day],
    ['49', day],
    ['116', day],
  ]),
  ['94', 370],
  ['83', 370],
  ['140', 200],
  ['140', 560],
];
const history = fc.record({
  birth,
  kept: fc.subarray(schedule, { minLength: schedule.length - 3 }).chain((most) => fc.constantFrom(most, [])),
  extra: fc.array(fc.record({ code, age, status }), { maxLength: 12 }),
});

/** The same doses from several sources, in any order: no answer may change. */
const histories = history.chain(({ birth, kept, extra }) => {
  const doses: Dose[] = [
    ...kept.map(([code, days]) => ({ code, date: isoDay(dayNumber(birth) + days), status: 'completed' })),
    ...extra.map((dose) => ({ ...dose, date: isoDay(dayNumber(birth) + dose.age) })),
  ];
  const records = retold(
    doses.map((dose, n) => immunization(`dose-${n}`, dose.code, dose.date, 'child', dose.status)),
    (record, time) => ({ ...record, occurrenceDateTime: `${record.occurrenceDateTime}${time}` }),
  );
  return fc.record({ birth: fc.constant(birth), doses: fc.constant(doses), records });
});

test('the CQL agrees with a recount by hand on random vaccine histories, however often they are told', async () => {
  const met = new Set<string>();
  await fc.assert(
    fc.asyncProperty(histories, async ({ birth, doses, records }) => {
      const child: Resource = { resourceType: 'Patient', id: 'child', birthDate: birth };
      const result = await evaluateSubject(measure, [child, ...records], year2026);
      if (!result.ok) throw new Error(result.error.issues[0]?.text);
      const turnsTwo = isoDay(birthday(birth, 2)).startsWith('2026');
      const expected = recount(birth, doses);
      for (const { group, units } of result.value.groups) {
        const populations = new Set(units.flatMap((unit) => unit.populations));
        const found = [group, populations.has('initial-population'), populations.has('numerator')];
        expect(found).toEqual([group, turnsTwo, turnsTwo && expected[group]]);
        if (populations.has('numerator')) met.add(group);
      }
    }),
    { numRuns: 300 },
  );
  // The comparison means something only when every numerator was met by someone.
  expect([...met].sort()).toEqual(measure.groups.map(({ id }) => id).sort());
});
