import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { PolicyDocument } from '../../../src/access/policy/document.ts';
import { relabelKind } from '../../../src/access/policy/relabel.ts';
import { unwrap } from '../../support/house.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

/** A policy with other rules that has to close something at once, before every record has been looked at. */
let house: PrivacyHouse;
let directory: string;
const father = 'RelatedPerson/pv-turning-twelve-father';
const doctor = 'Practitioner/pv-doctor';
const asthma = '/Condition/pv-turning-twelve-asthma';
const patient = '/Patient/pv-turning-twelve';

beforeAll(async () => {
  // The day before the birthday: the father sees everything yet.
  house = await openPrivacyHouse('2026-11-01T12:00:00-05:00');
  await house.load('turning-twelve');
  directory = mkdtempSync(join(tmpdir(), 'careweave-closing-'));
}, 60_000);
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await house.shut();
});

const status = async (who: string, path: string) => (await house.as(who, 'GET', path)).status;
const strict = async (version: string, prefix: string, effective?: string): Promise<string> => {
  const document: PolicyDocument = JSON.parse(await house.command('policy', 'show'));
  document.version = version;
  document.effective = effective ?? document.effective;
  document.categories[0]?.rules?.push({ system: 'icd10cm', prefixes: [prefix] });
  document.classes.full?.hides !== 'all' && document.classes.full?.hides.push('sexual-health');
  const file = join(directory, `${version}.json`);
  writeFileSync(file, JSON.stringify(document));
  return file;
};
const standing = async () => (await house.command('policy', 'status')).split('\n').map((line) => line.split('\t')[1]);

test('TH-65 PP-31 nothing is closed by a word that nobody knows, and a policy without one closes nothing before its time', async () => {
  const file = await strict('waits', 'J45');
  await expect(house.command('policy', 'load', file, '--closing', 'perhaps')).rejects.toThrow('--closing');
  expect((await standing())[1]).toBe('none');
  await house.command('policy', 'load', file);
  house.access.forget();
  expect((await standing()).slice(1)).toEqual(['waits']);
  expect(await status(father, asthma)).toBe(200);
});

test('TH-65 PP-31 a policy that closes at once tells families nothing until every record has been looked at, and then what is left', async () => {
  await house.command('policy', 'load', await strict('closes', 'J4'), '--closing', 'outside');
  house.access.forget();
  expect((await standing()).slice(1)).toEqual(['closes', 'outside, until then']);
  for (const path of [asthma, patient]) expect([path, await status(father, path)]).toEqual([path, 404]);
  expect(await house.access.outgoing()).toEqual([]);
  expect(await status(doctor, asthma)).toBe(200);
  // One that is loaded meanwhile, without a word of it, does not open.
  await house.command('policy', 'load', await strict('and-another', 'J'));
  house.access.forget();
  expect(await status(father, patient)).toBe(404);
  await house.command('policy', 'load', await strict('for-everybody', 'J45.9'), '--closing', 'everybody');
  house.access.forget();
  expect(await status(doctor, asthma)).toBe(404);
  expect(await status('system', asthma)).toBe(200);
  // Nor does one that closes less, or one that closes on a day that is yet to come.
  await house.command('policy', 'load', await strict('closes-less', 'J45.90'), '--closing', 'outside');
  house.access.forget();
  expect(await status(doctor, asthma)).toBe(404);
  await house.command('policy', 'load', await strict('next-year', 'J45.91', '2027-01-01'), '--closing', 'outside');
  house.access.forget();
  expect([await status(doctor, asthma), await status(father, patient)]).toEqual([404, 404]);
  const relabel = house.modules.flatMap(({ jobs }) => jobs ?? []).find(({ kind }) => kind === relabelKind);
  if (!relabel) throw new Error('no such job');
  const { store, log, clock } = house;
  unwrap(await relabel.run({ kind: relabelKind, key: 'closes-less', payload: {}, attempt: 1 }, { store, log, clock }));
  expect(await standing()).toEqual(['closes-less', 'none']);
  expect([await status(doctor, asthma), await status(father, patient)]).toEqual([200, 200]);
  expect((await house.access.outgoing()).length).toBe(1);
});
