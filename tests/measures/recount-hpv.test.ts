import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import { evaluateSubject } from '../../src/measures/evaluate-subject.ts';
import { birthday, dayNumber, isoDay, retold } from './histories.ts';
import { houseMeasures, immunization, measureNamed, year2026 } from './house.ts';

/** A second count of adolescent immunizations, by walking through all pairs and triples of doses. Written without the CQL. */

const measure = measureNamed(houseMeasures(), 'adolescent-immunizations');

interface Dose {
  code: string;
  day: number;
  status: string;
}

const hpv = ['62', '118', '137', '165'];
const quadrivalentMeningococcal = ['32', '108', '114', '136', '147', '203', '316'];

function recount(birth: string, doses: readonly Dose[]): Record<string, boolean> {
  const [nine, ten, thirteen] = [birthday(birth, 9), birthday(birth, 10), birthday(birth, 13)];
  const given = doses.filter(({ status, day }) => status === 'completed' && day <= thirteen);
  const shots = given.filter(({ code, day }) => hpv.includes(code) && day >= nine);
  let complete = false;
  for (const one of shots)
    for (const two of shots) {
      if (two.day - one.day >= 146) complete = true;
      for (const three of shots) if (one.day < two.day && two.day < three.day) complete = true;
    }
  const meningococcal = given.some(({ code, day }) => quadrivalentMeningococcal.includes(code) && day >= ten);
  const tdap = given.some(({ code, day }) => code === '115' && day >= ten);
  return {
    hpv: complete,
    meningococcal,
    tdap,
    'combination-1': meningococcal && tdap,
    'combination-2': meningococcal && tdap && complete,
  };
}

const birth = fc.oneof(
  fc.integer({ min: dayNumber('2012-12-20'), max: dayNumber('2014-01-10') }).map(isoDay),
  fc.constantFrom('2012-12-31', '2013-01-01', '2013-03-01', '2013-12-31', '2014-01-01'),
);
/** A day by its distance from a birthday, crowded around the days on which a rule turns. */
const when = fc.record({
  years: fc.constantFrom(9, 10, 11, 12, 13),
  days: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.constantFrom(-146, -145, -1, 0, 1, 145, 146, 147)),
});
const code = fc.oneof(
  { arbitrary: fc.constantFrom('165', '165', '62', '118', '137'), weight: 5 },
  { arbitrary: fc.constantFrom('203', '114', '115', '115', '162', '20', '9'), weight: 4 },
);
const status = fc.constantFrom('completed', 'completed', 'completed', 'completed', 'not-done', 'entered-in-error');
const dose = fc.record({ code, when, status });
/** A schedule that is nearly kept, so that rates are met often enough. */
const kept = fc.subarray(
  ['203', '115', '165'].map((each) => ({ code: each, when: { years: 11, days: 20 }, status: 'completed' })),
);

test('the CQL agrees with a recount by hand on random histories, however often and in whatever order they are told', async () => {
  const met = new Set<string>();
  const failed = new Set<string>();
  const history = fc.record({ birth, kept, extra: fc.array(dose, { maxLength: 5 }) });
  const histories = history.chain(({ birth: born, kept: some, extra }) => {
    const counted = [...some, ...extra].map(({ when: { years, days }, ...rest }) => ({
      ...rest,
      day: birthday(born, years) + days,
    }));
    const records = counted.map((each, n) =>
      immunization(`dose-${n}`, each.code, isoDay(each.day), 'child', each.status),
    );
    const sources = retold(records, (record, time) => ({
      ...record,
      occurrenceDateTime: `${record.occurrenceDateTime}${time}`,
    }));
    return fc.record({ born: fc.constant(born), counted: fc.constant(counted), records: sources });
  });
  await fc.assert(
    fc.asyncProperty(histories, async ({ born, counted, records }) => {
      const child: Resource = { resourceType: 'Patient', id: 'child', birthDate: born };
      const result = await evaluateSubject(measure, [child, ...records], year2026);
      if (!result.ok) throw new Error(result.error.issues[0]?.text);
      const turnsThirteen = isoDay(birthday(born, 13)).startsWith('2026');
      const expected = recount(born, counted);
      for (const { group, units } of result.value.groups) {
        const populations = new Set(units.flatMap((unit) => unit.populations));
        const found = [group, populations.has('initial-population'), populations.has('numerator')];
        expect(found).toEqual([group, turnsThirteen, turnsThirteen && expected[group]]);
        if (turnsThirteen) (populations.has('numerator') ? met : failed).add(group);
      }
    }),
    { numRuns: 400 },
  );
  // The comparison means something only when every rate was met by someone, and missed by someone.
  const groups = measure.groups.map(({ id }) => id).sort();
  expect([...met].sort()).toEqual(groups);
  expect([...failed].sort()).toEqual(groups);
});
