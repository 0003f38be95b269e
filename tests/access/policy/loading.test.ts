import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PolicyDocument } from '../../../src/access/policy/document.ts';
import { beginLabels, relabelKind } from '../../../src/access/policy/relabel.ts';
import { fail, ok, type Result } from '../../../src/base/errors.ts';
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

  const strict = (version: string, prefix: string) =>
    policy((one) => {
      one.version = version;
      one.categories[0]?.rules?.push({ system: 'icd10cm', prefixes: [prefix] });
      one.classes.full?.hides !== 'all' && one.classes.full?.hides.push('sexual-health');
    });
  const job = async (key: string, store = house.store): Promise<Result<void>> => {
    const relabel = house.modules.flatMap(({ jobs }) => jobs ?? []).find(({ kind }) => kind === relabelKind);
    if (!relabel) throw new Error('no such job');
    const { log, clock } = house;
    return relabel.run({ kind: relabelKind, key, payload: {}, attempt: 1 }, { store, log, clock });
  };
  const standing = async () => (await house.command('policy', 'status')).split('\n').map((line) => line.split('\t')[1]);
  const conditions = async () => {
    const rows = await house.store.query<{ id: string; categories: string }>(
      `SELECT id, categories FROM resource WHERE type = 'Condition' AND NOT deleted`,
    );
    return new Map(rows.map(({ id, categories }) => [id, BigInt(categories)]));
  };

  test('TH-65 PP-31 a policy with other rules is followed when every record has been looked at by them, and not before', async () => {
    const file = await strict('asthma', 'J45');
    expect(await house.command('policy', 'load', file)).toContain('as soon as every record has been looked at');
    expect(await standing()).toEqual(['twelve', 'asthma']);
    const [queued] = await house.store.query('SELECT 1 AS one FROM job WHERE kind = $1 AND key = $2', [
      relabelKind,
      'asthma',
    ]);
    expect(queued).toBeDefined();
    // Broken off before its end, and a job for another policy: still the one before.
    let transactions = 0;
    const store = {
      ...house.store,
      transact: (async (actor, work) =>
        ++transactions > 1 ? fail('busy', 'no') : house.store.transact(actor, work)) as typeof house.store.transact,
    };
    expect((await job('asthma', store)).ok).toBe(false);
    expect((await job('no-such-policy')).ok).toBe(true);
    expect((await job('tidy up')).ok).toBe(true);
    expect(await standing()).toEqual(['twelve', 'asthma']);
    expect(await status(father, asthma)).toBe(200);
    // What is written meanwhile follows the rules of both.
    const written = await house.as('system', 'PUT', '/Condition/written-meanwhile', {
      ...(await house.as('system', 'GET', asthma)).json,
      id: 'written-meanwhile',
    });
    expect(written.status).toBe(201);
    expect((await conditions()).get('written-meanwhile')).toBe(1n);
    // Somebody who writes since before the policy was loaded is waited for.
    let release = () => {};
    const wait = new Promise<void>((resolve) => {
      release = resolve;
    });
    let opened = () => {};
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const actor = { kind: 'system', id: 'test', requestId: 'test' } as const;
    const writing = house.store.transact(actor, async (tx) => {
      await tx.own.query('SELECT 1 AS one');
      opened();
      await wait;
      return ok(undefined);
    });
    await isOpen;
    let isDone = false;
    const running = job('asthma').then((done) => {
      isDone = true;
      return done;
    });
    await house.as('system', 'GET', asthma);
    expect(isDone).toBe(false);
    expect(await standing()).toEqual(['twelve', 'asthma']);
    release();
    await writing;
    expect((await running).ok).toBe(true);
    expect(await standing()).toEqual(['asthma', 'none']);
    for (const path of [asthma, '/Condition/written-meanwhile']) expect(await status(father, path)).toBe(404);
    expect(await status(father, '/Encounter/pv-turning-twelve-visit')).toBe(200);
  });

  test('PP-31 what only the rules of before said stays hidden until the policy after them is followed, and is then taken away', async () => {
    const lenient = await policy((one) => {
      one.version = 'lenient';
      one.categories[0]?.rules?.pop();
    });
    await house.command('policy', 'load', lenient);
    expect((await job('lenient')).ok).toBe(true);
    expect(await standing()).toEqual(['lenient', 'none']);
    expect(await status(father, asthma)).toBe(404);
    expect((await job('tidy up')).ok).toBe(true);
    expect(await status(father, asthma)).toBe(200);
    // A policy that is overtaken while its job runs does not come into force by it.
    await house.command('policy', 'load', await strict('overtaken', 'J45'));
    await house.command('policy', 'load', await strict('overtaking', 'Z'));
    expect((await job('overtaken')).ok).toBe(true);
    expect(await standing()).toEqual(['lenient', 'overtaking']);
    expect((await job('overtaking')).ok).toBe(true);
    expect(await standing()).toEqual(['overtaking', 'none']);
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
    const { json } = await house.as('system', 'GET', '/Immunization/pv-turning-twelve-tdap');
    const written = { ...json, id: 'written-without' };
    expect((await house.as('system', 'PUT', '/Immunization/written-without', written)).status).toBe(201);
    await house.store.query(`DELETE FROM access_policy WHERE version = 'damaged'`);
    house.access.forget();
    expect(await status('Practitioner/pv-doctor', '/Patient/pv-turning-twelve')).toBe(200);
    // What was written meanwhile is of every category until it is looked at by a policy again.
    expect(await status('Practitioner/pv-doctor', '/Immunization/written-without')).toBe(404);
    expect((await job('overtaking')).ok).toBe(true);
    expect(await status('Practitioner/pv-doctor', '/Immunization/written-without')).toBe(200);
  });

  test('TH-65 a server whose records follow no policy that it has, as after an upgrade, follows none until it has looked at all of them, and does that before it serves', async () => {
    const settle = (text: string) =>
      house.store.query(`UPDATE server_setting SET value = $1::jsonb WHERE name = 'privacy-rules'`, [text]);
    // As versions that knew one pass only have written it.
    await settle('"rules-of-before"');
    expect((await standing())[0]).toMatch(/^none/);
    expect(await status('Practitioner/pv-doctor', '/Patient/pv-turning-twelve')).toBe(404);
    const begun = await beginLabels(house.store, house.access.policy, house.clock.now());
    expect(begun.ok).toBe(true);
    house.access.forget();
    expect(await standing()).toEqual(['overtaking', 'none']);
    expect(await status('Practitioner/pv-doctor', '/Patient/pv-turning-twelve')).toBe(200);
  });
});
