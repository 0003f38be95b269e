import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCsv } from '../../../src/care/program/read-roster.ts';
import { belongsOn, nextMembers } from '../../../src/care/program/roster-members.ts';
import { groupMembers } from '../../../src/measures/operations/subjects.ts';
import { seesAll } from '../../../src/store/types.ts';
import { openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms('2026-03-02T09:00:00Z');
  const child = (id: string, value: string, system = 'urn:payer') => ({
    resourceType: 'Patient',
    id,
    identifier: [{ system, value }],
  });
  await at.put(
    child('ana', 'M-1'),
    child('ben', 'M-2'),
    child('cleo', 'M-3'),
    child('twin-a', 'M-9'),
    child('twin-b', 'M-9'),
  );
  const npi = { system: 'http://hl7.org/fhir/sid/us-npi', value: '1234567893' };
  await at.put({ resourceType: 'Organization', id: 'practice', active: true, name: 'practice', identifier: [npi] });
});
afterAll(() => at.close());

const csv = (text: string) => ({
  resourceType: 'Binary',
  contentType: 'text/csv',
  data: Buffer.from(text).toString('base64'),
});
const send = (roster: object, month: string, more: Record<string, string> = {}) =>
  at.send('POST', '/fhir/Group/$import-roster', {
    body: {
      resourceType: 'Parameters',
      parameter: [
        { name: 'roster', resource: roster },
        ...Object.entries({
          month,
          payer: 'Organization/vendor',
          contract: 'MCO-7',
          organization: 'Organization/aco',
          memberSystem: 'urn:payer',
          ...more,
        }).map(([name, valueString]) => ({ name, valueString })),
      ],
    },
  });
const told = ({ json }: { json: any }) => {
  const found: Record<string, any[]> = {};
  for (const { name, ...value } of json.parameter) found[name] = [...(found[name] ?? []), Object.values(value)[0]];
  return found as any;
};
const members = async (group: string, date: string) => {
  const { json } = await at.send('GET', `/fhir/${group}/$members?date=${date}`);
  return json.parameter.slice(1).map(({ part }: any) => part[0].valueReference.reference.split('/')[1]);
};

describe('S0.1 attribution panels', () => {
  test('S0.1 refuses what is no roster, no month, or names nobody who is here', async () => {
    expect((await send({ resourceType: 'Patient' }, '2026-01')).status).toBe(400);
    expect((await send(csv('member\nM-1\n'), '2026-13')).status).toBe(400);
    expect((await send(csv('name\nM-1\n'), '2026-01')).status).toBe(400);
    expect((await send(csv('member\n"M-1\n'), '2026-01')).status).toBe(400);
    expect((await send(csv('member\nM-1\n'), '2026-01', { payer: 'Patient/ana' })).status).toBe(400);
    const strangers = await send(csv('member\nX-1\nX-2\n'), '2026-01');
    expect(strangers.status).toBe(422);
    expect(strangers.text).not.toMatch(/X-1/);
  });

  test('S0.1 load two monthly rosters: a child dropped in month 2 has member.period.end, is excluded from month-2 denominators and still counted in month 1', async () => {
    const january = await send(
      csv('member,practice\r\nM-1,1234567893\r\n"M-2",Organization/practice\r\nX-404,\r\nM-9,\r\n'),
      '2026-01',
    );
    expect(january.status).toBe(200);
    const first = told(january);
    expect(first).toMatchObject({ added: [2], ended: [0], unknownRow: [3], ambiguousRow: [4] });
    expect(january.text).not.toMatch(/X-404|M-9/);
    const february = told(await send(csv('member,practice\nM-1,1234567893\nM-3,nowhere\n'), '2026-02'));
    expect(february).toMatchObject({ added: [1], kept: [1], ended: [1], unknownPracticeRow: [2] });
    const group = first.group[0].reference;
    const { json } = await at.send('GET', `/fhir/${group}`);
    expect(json).toMatchObject({
      type: 'person',
      actual: true,
      quantity: 2,
      managingEntity: { reference: 'Organization/aco' },
    });
    const dropped = json.member.find(({ entity }: any) => entity.reference === 'Patient/ben');
    expect([dropped.period, dropped.inactive]).toEqual([{ start: '2026-01-01', end: '2026-01-31' }, true]);
    expect(await members(group, '2026-01-31')).toEqual(['ana', 'ben']);
    expect(await members(group, '2026-02-28')).toEqual(['ana', 'cleo']);
    const id = group.split('/')[1];
    const denominator = async (lastDay: string) => {
      const found = await groupMembers({ store: at.store }, id, seesAll, lastDay);
      return found.ok ? found.value : [];
    };
    expect(await denominator('2026-01-31')).toEqual(['ana', 'ben']);
    expect(await denominator('2026-02-28')).toEqual(['ana', 'cleo']);
    const again = told(await send(csv('member,practice\nM-1,1234567893\nM-2,Organization/practice\n'), '2026-02'));
    expect(again).toMatchObject({ added: [0], kept: [2], ended: [0] });
    expect(await members(group, '2026-02-28')).toEqual(['ana', 'ben']);
    expect((await send(csv('member\nM-1\n'), '2026-01')).status).toBe(422);
  });

  test('S0.1 a roster in the form of Da Vinci Member Attribution', async () => {
    const member = (entity: object) => ({ entity });
    const roster = {
      resourceType: 'Group',
      type: 'person',
      actual: true,
      member: [
        member({ reference: 'Patient/ana' }),
        member({ identifier: { system: 'urn:payer', value: 'M-3' } }),
        member({ reference: 'Patient/nobody' }),
        { ...member({ reference: 'Patient/ben' }), inactive: true },
      ],
    };
    const answer = told(await send(roster, '2026-01', { contract: 'ATR' }));
    expect(answer).toMatchObject({ added: [2], unknownRow: [3] });
    expect(await members(answer.group[0].reference, '2026-01-15')).toEqual(['ana', 'cleo']);
  });

  test('S0.1 a child with two numbers, far apart in a long roster, is one child and is not in doubt', async () => {
    const identifier = ['D-1', 'D-2'].map((value) => ({ system: 'urn:payer', value }));
    await at.put({ resourceType: 'Patient', id: 'dora', identifier });
    const strangers = Array.from({ length: 600 }, (_, n) => `X-${n}`);
    const roster = csv(['member', 'D-1', ...strangers, 'D-2'].join('\n'));
    const answer = told(await send(roster, '2026-01', { contract: 'LONG' }));
    expect(answer).toMatchObject({ added: [1], ambiguousRow: [602] });
    expect(answer.unknownRow).toHaveLength(600);
  });

  test('S0.1 a child of whom a row may speak is not dropped', async () => {
    await at.put({ resourceType: 'Patient', id: 'twin-b', identifier: [{ system: 'urn:payer', value: 'M-8' }] });
    const group = told(await send(csv('member\nM-9\nM-1\n'), '2026-01', { contract: 'twins' })).group[0].reference;
    await at.put({ resourceType: 'Patient', id: 'twin-b', identifier: [{ system: 'urn:payer', value: 'M-9' }] });
    const next = told(await send(csv('member\nM-9\nM-1\n'), '2026-02', { contract: 'twins' }));
    expect(next).toMatchObject({ ambiguousRow: [1], ended: [0] });
    expect(await members(group, '2026-02-10')).toEqual(['twin-a', 'ana']);
  });

  test('S0.1 after any rosters, each month has exactly the members of its roster', () => {
    const rosters = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(rosters, fc.boolean(), (months, twice) => {
        const named = months.map((children, index) => ({
          month: `2026-${String(index + 1).padStart(2, '0')}`,
          children,
        }));
        let list: Parameters<typeof nextMembers>[0] = [];
        for (const { month, children } of named) {
          const roster = new Map(children.map((child) => [child, undefined]));
          // A first try with somebody else on it is corrected by the second.
          if (twice)
            list = nextMembers(
              list,
              new Map([
                ['z', undefined],
                ['a', undefined],
              ]),
              month,
            ).members;
          list = nextMembers(list, roster, month).members;
          expect(nextMembers(list, roster, month).members).toEqual(list);
        }
        for (const { month, children } of named) {
          for (const day of ['01', '15', '28']) {
            const there = list.filter((member) => belongsOn(member, `${month}-${day}`));
            expect(there.map(({ entity }) => entity.reference?.split('/')[1]).sort()).toEqual([...children].sort());
          }
        }
      }),
    );
  });
});

test('parseCsv reads quoted fields, doubled quotes and both line ends', () => {
  expect(parseCsv('a,b\r\n"x, ""y""",2\n\n')).toEqual([['a', 'b'], ['x, "y"', '2'], ['']]);
  expect(parseCsv('a\n"x')).toBeUndefined();
});
