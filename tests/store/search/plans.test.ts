import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { touched } from './support/touched.ts';

/** Children, each with two measurements in the same unit: what is rare among the first is common among the second. */
const children = 3000;
let home: TestStore;

const loinc = 'http://loinc.org';
const two = (number: number) => String(number).padStart(2, '0');

function chart(n: number): (Resource & { id: string })[] {
  const subject = { reference: `Patient/p${n}` };
  const measured = (id: string, code: string, value: number): Resource & { id: string } => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: loinc, code }] },
    subject,
    valueQuantity: { value, unit: 'g/L', system: 'http://unitsofmeasure.org', code: 'g/L' },
  });
  return [
    {
      resourceType: 'Patient',
      id: `p${n}`,
      name: [{ family: n % 7 === 0 ? `Hollow ${n}` : `Moss ${n}`, given: ['Ada'] }],
      birthDate: `${2004 + (n % 20)}-${two(1 + (n % 12))}-${two(1 + (n % 28))}`,
    },
    measured(`a${n}`, 'rare', n % 30 === 0 ? 90 : 1),
    measured(`b${n}`, 'common', 100),
  ];
}

beforeAll(async () => {
  home = await createTestStore();
  const written = await home.store.transact(testActor, async (tx) => {
    const all = Array.from({ length: children }, (_, n) => chart(n)).flat();
    const answers = await Promise.all(all.map((one) => tx.create(one, { id: one.id, isNew: true })));
    return answers.find((answer) => !answer.ok) ?? ok(undefined);
  });
  if (!written.ok) throw new Error('not written');
  await home.pool.query('VACUUM (ANALYZE)');
}, 60_000);
afterAll(() => home.drop());

const quantity = (text: string) => `value-quantity=${encodeURIComponent(`${text}|http://unitsofmeasure.org|g/L`)}`;

describe('what a search over everybody looks at', () => {
  test('a number that many records of other codes have: the rows of one page, not all that have it', async () => {
    const found = await touched(home, `Observation?code=${loinc}|rare&${quantity('gt50')}`);
    expect(found.ids.slice(0, 3)).toEqual(['a0', 'a30', 'a60']);
    expect(found.ids).toHaveLength(20);
    // Each of the 3,100 rows with the number would be four pages.
    expect(found.pages).toBeLessThan(1000);
  });

  test('a number that few have', async () => {
    const found = await touched(home, `Observation?${quantity('eq90')}`);
    expect(found.ids).toHaveLength(20);
    expect(found.pages).toBeLessThan(500);
  });

  test('numbers counted: every one once', async () => {
    const found = await touched(home, `Observation?${quantity('gt50')}&_total=accurate`);
    expect(found.total).toBe(children + 100);
    const rare = await touched(home, `Observation?code=rare&${quantity('gt50')}&_summary=count`);
    expect(rare.total).toBe(100);
  });
});

describe('what the searches of every day look at', () => {
  test('a birth date and a name: the names of those born then, and the records of those so named', async () => {
    const found = await touched(home, 'Patient?name=Hollow&birthdate=2010-07');
    // Fifty were born then; eight of them are called Hollow.
    expect(found.ids).toEqual(['p126', 'p546', 'p966', 'p1386', 'p1806', 'p2226', 'p2646']);
    expect(found.pages).toBeLessThan(300);
  });

  test('a week of birth dates: those of the year before, and not all that are earlier', async () => {
    const found = await touched(home, 'Patient?birthdate=ge2022-07-01&birthdate=lt2022-07-20');
    expect(found.ids.every((id) => Number(id.slice(1)) % 20 === 18)).toBe(true);
    expect(found.ids.length).toBeGreaterThan(0);
    expect(found.pages).toBeLessThan(300);
  });

  test.each([
    ['by one id', 'Patient?_id=p7', ['p7'], 1],
    ['by ids', 'Patient?_id=p7,p8,p9', ['p7', 'p8', 'p9'], 1],
    ['what refers to a patient', 'Patient?_id=p7&_revinclude=Observation:patient', ['p7', 'a7', 'b7'], 2],
    ['what a record refers to', 'Observation?_id=a7,a8&_include=Observation:patient', ['a7', 'a8', 'p7', 'p8'], 2],
  ])('%s: some pages, in statements that are prepared', async (_name, search, ids, statements) => {
    const found = await touched(home, search);
    expect(found.ids).toEqual(ids);
    expect(found).toMatchObject({ statements, prepared: statements });
    expect(found.pages).toBeLessThan(40);
  });
});
