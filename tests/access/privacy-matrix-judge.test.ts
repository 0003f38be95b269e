import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writtenAt } from './matrix/describe.ts';
import { type Persona, personaOf } from './matrix/persona.ts';
import { judgeViewer, type Ledger, newLedger, reachOf } from './matrix/run.ts';
import { openPrivacyHouse, type PrivacyHouse } from './support/privacy-house.ts';

/** The judge of the matrix must be able to fail: here its table says something else than is so. */
const father = 'RelatedPerson/pv-turning-twelve-father';
let house: PrivacyHouse;
let persona: Persona;

beforeAll(async () => {
  house = await openPrivacyHouse(writtenAt);
  await house.load('turning-twelve');
  persona = personaOf('turning-twelve');
}, 60_000);
afterAll(() => house.shut());

/** The ledger of one viewer, when one cell of the table is turned round. */
async function judgedWith(record: string, sees: boolean): Promise<Ledger> {
  const [first] = persona.moments;
  if (!first) throw new Error('no moment');
  const others = (first.sees[record] ?? []).filter((viewer) => viewer !== father);
  const moment = { ...first, sees: { ...first.sees, [record]: sees ? [...others, father] : others } };
  house.at(writtenAt);
  const reach = await reachOf(house, persona);
  house.at(moment.at);
  const ledger = newLedger();
  await judgeViewer({ house, persona, moment, viewer: father, reach, ledger });
  return ledger;
}

function recordThat(isSeen: boolean, type: string): string {
  const found = Object.entries(persona.moments[0]?.sees ?? {}).find(
    ([record, viewers]) => record.startsWith(`${type}/`) && viewers.includes(father) === isSeen,
  );
  if (!found) throw new Error('no such record');
  return found[0];
}

test('a record that is found though it is to be hidden is a leak on every path that leads to it', async () => {
  const record = recordThat(true, 'Observation');
  const { wrong, faults } = await judgedWith(record, false);
  const leaks = wrong.filter((one) => one.record === record && one.verdict === 'leak').map(({ path }) => path);
  const must = [
    'read',
    'batch GET',
    'search by _id',
    'search by patient',
    '_total=accurate',
    '_summary=count',
    '$everything',
    '$meta',
  ];
  const isCaught = (path: string) => [...leaks, ...faults].some((one) => one.includes(path));
  expect(must.filter((path) => !isCaught(path))).toEqual([]);
  expect(faults.some((fault) => fault.includes('is not like that of an unknown id'))).toBe(true);
}, 120_000);

test('a record that is hidden though it is to be seen is wrongly hidden', async () => {
  const record = recordThat(false, 'Consent');
  const { wrong } = await judgedWith(record, true);
  const hidden = wrong
    .filter((one) => one.record === record && one.verdict === 'wrongly hidden')
    .map(({ path }) => path);
  expect(hidden).toEqual(
    expect.arrayContaining(['read', 'search by patient', 'compartment search of all types', '$meta']),
  );
}, 120_000);
