import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isPlaceholder, strongIdentifiers } from '../../src/ehr/identity/evidence.ts';
import { sameChild } from '../../src/ehr/identity/same-child.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { testActor } from '../support/database.ts';
import { addSite, openScene, ours, type Scene, sync, versions } from './support/hospital.ts';
import { chartOf, registry } from './support/records.ts';

const child = (given: string, more: object = {}): Resource => ({
  resourceType: 'Patient',
  birthDate: '2020-03-01',
  name: [{ family: 'Testwell', given: [given] }],
  ...more,
});

const systemsOf = (patient: Resource | undefined) =>
  ((patient?.identifier ?? []) as { system: string }[]).map((each) => each.system);

describe('the same child', () => {
  test.each([
    ['a twin', child('Ada'), child('Bea'), 'given-name'],
    ['another birthday', child('Ada'), child('Ada', { birthDate: '2020-03-02' }), 'birth-date'],
    ['no birthday', child('Ada', { birthDate: undefined }), child('Ada', { birthDate: undefined }), 'birth-date'],
    [
      'birth order',
      child('Ada', { multipleBirthInteger: 1 }),
      child('Ada', { multipleBirthInteger: 2 }),
      'birth-order',
    ],
    ['two newborns', child('Babygirl'), child('Babygirl'), 'given-name'],
  ])('%s is not', (_name, one, other, conflict) => {
    expect(sameChild(one, other)).toEqual({ same: false, conflict });
  });

  test('accents, case and a new surname do not matter', () => {
    const renamed = child('zoe', { name: [{ family: 'Other', given: ['zoe'] }] });
    expect(sameChild(child('Zoë'), renamed)).toEqual({ same: true });
  });

  test('chart numbers, subscriber numbers and what a site calls a child are no evidence', () => {
    const typed = (code: string) => ({ type: { coding: [{ code }] }, system: 'urn:x', value: '1' });
    const identifier = [
      typed('MR'),
      typed('SN'),
      { system: 'https://a.example/fhir/Patient', value: '1' },
      { value: '2' },
    ];
    expect(strongIdentifiers(child('Ada', { identifier }), ['https://a.example/fhir'])).toEqual([]);
    expect(strongIdentifiers(child('Ada', { identifier: [{ system: registry, value: 'r' }] }), [])).toEqual([
      `${registry}|r`,
    ]);
  });

  test.each(['babyboy', 'girl', 'twina', 'newborn'])('%s is no name', (given) =>
    expect(isPlaceholder(given)).toBe(true),
  );
  test.each(['noa', 'manuela', 'bo'])('%s is a name', (given) => expect(isPlaceholder(given)).toBe(false));
});

describe('two hospitals', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene([
      {
        id: 'lakeside',
        personality: 'open',
        bundles: [
          chartOf({ id: 'l-ada', given: 'Ada', registryId: 'R1' }),
          chartOf({ id: 'l-bea', given: 'Bea', registryId: 'R2' }),
          chartOf({ id: 'l-cy', given: 'Cy', family: 'Otherwise', birthDate: '2018-01-01', registryId: 'R3' }),
          chartOf({ id: 'l-dee', given: 'Dee', family: 'Known', birthDate: '2017-01-01', registryId: 'R4' }),
        ],
      },
      {
        id: 'summit',
        personality: 'open',
        bundles: [
          // Twins: same birthday, family and phone. Bea's paper carries her sister's registry id.
          chartOf({ id: 's-ada', given: 'ADA', registryId: 'R1' }),
          chartOf({ id: 's-bea', given: 'Bea', registryId: 'R1' }),
          chartOf({ id: 's-cy', given: 'Cy', family: 'Otherwise', birthDate: '2018-01-02', registryId: 'R3' }),
          chartOf({ id: 's-dee', given: 'Dee', family: 'Known', birthDate: '2017-01-01', registryId: 'R4' }),
        ],
      },
    ]);
    // Dee is a child of ours already, with a name of her own choice.
    const made = await scene.database.store.transact(testActor, (tx) =>
      tx.update({
        resourceType: 'Patient',
        id: 'dee',
        birthDate: '2017-01-01',
        name: [{ use: 'usual', text: 'Dee-Dee', given: ['Dee'] }],
        identifier: [{ system: registry, value: 'R4' }],
      }),
    );
    if (!made.ok) throw new Error(made.error.issues[0]?.text);
    await addSite(scene, 'lakeside');
    await addSite(scene, 'summit');
    await sync(scene, 'lakeside');
    await sync(scene, 'summit');
  });
  afterAll(() => scene.close());

  const idAt = async (site: string, given: string) => {
    const found = (await scene.held(site, 'Patient')).find((each) =>
      JSON.stringify(each.name).toLowerCase().includes(`"${given}"`),
    );
    return scene.ehr.patientFor(scene.database.store, site, String(found?.id));
  };

  test('twins are never linked, even when their papers are mixed up', async () => {
    const all = await Promise.all([idAt('lakeside', 'ada'), idAt('lakeside', 'bea'), idAt('summit', 'bea')]);
    expect(new Set(all).size).toBe(3);
    expect(await idAt('summit', 'ada')).toBe(all[0]);
  });

  test('an identifier that contradicts the birthday links nobody and is kept for review', async () => {
    expect(await idAt('summit', 'cy')).not.toBe(await idAt('lakeside', 'cy'));
    const conflicts = await scene.database.store.query<{ rule: string }>(
      'select distinct rule from ehr_identity_conflict order by rule',
    );
    expect(conflicts.map((each) => each.rule)).toEqual(['birth-date', 'given-name']);
  });

  test('a child of ours is linked to both charts, gains two identifiers and loses nothing', async () => {
    expect(await idAt('lakeside', 'dee')).toBe('dee');
    expect(await idAt('summit', 'dee')).toBe('dee');
    const dee = (await ours(scene, 'Patient')).find((each) => each.id === 'dee');
    expect(dee?.name).toEqual([{ use: 'usual', text: 'Dee-Dee', given: ['Dee'] }]);
    expect(systemsOf(dee)).toEqual([registry, `${scene.base('lakeside')}/Patient`, `${scene.base('summit')}/Patient`]);
    const renamed = await scene.database.store.transact(testActor, (tx) =>
      tx.update({ ...dee, gender: 'female' } as Resource),
    );
    expect(renamed).toMatchObject({ ok: true });
  });

  test('a child known by two hospitals keeps both names for her, run after run', async () => {
    await sync(scene, 'lakeside');
    const ada = (await ours(scene, 'Patient')).find((each) => JSON.stringify(each.name).includes('"Ada"'));
    expect(systemsOf(ada)).toEqual(
      expect.arrayContaining([`${scene.base('lakeside')}/Patient`, `${scene.base('summit')}/Patient`]),
    );
    const before = await versions(scene);
    await sync(scene, 'summit');
    await sync(scene, 'lakeside');
    expect(await versions(scene)).toBe(before);
  });
});
