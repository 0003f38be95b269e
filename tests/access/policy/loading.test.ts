import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyDocument } from '../../../src/access/policy/document.ts';
import { relabelKind } from '../../../src/access/policy/relabel.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
let directory: string;
const father = 'RelatedPerson/pv-turning-twelve-father';
const asthma = '/Condition/pv-turning-twelve-asthma';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('turning-twelve');
  directory = mkdtempSync(join(tmpdir(), 'careweave-policy-'));
}, 60_000);
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await house.shut();
});

const status = async (who: string, path: string) => (await house.as(who, 'GET', path)).status;
const policy = async (change: (document: PolicyDocument) => void): Promise<string> => {
  const document: PolicyDocument = JSON.parse(await house.command('policy', 'show'));
  change(document);
  const file = join(directory, `${document.version}.json`);
  writeFileSync(file, JSON.stringify(document));
  return file;
};

describe('a policy that a site loads', () => {
  test('TH-65 one that is broken is refused and changes nothing', async () => {
    const broken = await policy((one) =>
      Object.assign(one, { version: 'broken', thresholds: { limited: 2, adult: 3 } }),
    );
    await expect(house.command('policy', 'check', broken)).rejects.toThrow('not well-formed at /thresholds');
    await expect(house.command('policy', 'load', broken)).rejects.toThrow('not well-formed');
    await expect(house.command('policy', 'load', join(directory, 'no-such-file'))).rejects.toThrow('cannot be read');
    expect(await house.store.query('SELECT 1 AS one FROM access_policy')).toEqual([]);
    expect(await status(father, asthma)).toBe(200);
  });

  test('PP-02 one that holds from a day to come does not hold before', async () => {
    house.at('2026-11-01T12:00:00-05:00');
    const later = { version: 'later', effective: '2026-11-10', thresholds: { limited: 10, adult: 18 } };
    await house.command('policy', 'load', await policy((one) => Object.assign(one, later)));
    house.access.forget();
    expect(await status(father, asthma)).toBe(200);
    house.at('2026-11-12T12:00:00-05:00');
    expect(await status(father, asthma)).toBe(404);
    expect(await status(father, '/Immunization/pv-turning-twelve-tdap')).toBe(200);
  });

  test('PP-02 it holds for the next request, by its version; one that is loaded is never changed', async () => {
    const twelve = { version: 'twelve', effective: '2026-01-01', thresholds: { limited: 12, adult: 18 } };
    expect(await house.command('policy', 'load', await policy((one) => Object.assign(one, twelve)))).toContain(
      'Policy twelve is loaded',
    );
    house.access.forget();
    expect(await status(father, asthma)).toBe(200);
    const other = await policy((one) => Object.assign(one, { thresholds: { limited: 11, adult: 18 } }));
    await expect(house.command('policy', 'load', other)).rejects.toThrow('give it a new version');
  });

  test('PP-31 new rules give the records that are there their categories anew', async () => {
    const strict = await policy((one) => {
      one.version = 'asthma';
      one.categories[0]?.rules?.push({ system: 'icd10cm', prefixes: ['J45'] });
      one.classes.full?.hides !== 'all' && one.classes.full?.hides.push('sexual-health');
    });
    await house.command('policy', 'load', strict);
    const [job] = await house.store.query<{ kind: string }>('SELECT kind FROM job WHERE kind = $1', [relabelKind]);
    expect(job).toBeDefined();
    house.access.forget();
    const relabel = house.modules.flatMap(({ jobs }) => jobs ?? []).find(({ kind }) => kind === relabelKind);
    const { store, log, clock } = house;
    const done = await relabel?.run({ kind: relabelKind, key: 'x', payload: {}, attempt: 1 }, { store, log, clock });
    expect(done?.ok).toBe(true);
    expect(await status(father, asthma)).toBe(404);
    expect(await status(father, '/Encounter/pv-turning-twelve-visit')).toBe(200);
  });

  test('TH-65 without a policy that can be followed nobody but a system client sees anything', async () => {
    await house.store.query(
      `INSERT INTO access_policy (version, effective, content) VALUES ('damaged', '2026-01-01', '{}')`,
    );
    house.access.forget();
    for (const who of [father, 'Practitioner/pv-doctor', 'Patient/pv-turning-twelve'])
      for (const path of ['/Patient/pv-turning-twelve', '/Organization/pv-clinic'])
        expect([who, await status(who, path)]).toEqual([who, 404]);
    expect(await status('system', '/Patient/pv-turning-twelve')).toBe(200);
    await house.store.query(`DELETE FROM access_policy WHERE version = 'damaged'`);
    house.access.forget();
    expect(await status('Practitioner/pv-doctor', '/Patient/pv-turning-twelve')).toBe(200);
  });
});
