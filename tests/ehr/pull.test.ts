import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringifyJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { testActor } from '../support/database.ts';
import { addSite, openScene, ours, type Scene, sync, versions } from './support/hospital.ts';
import { chartOf, doctor, plan, weights } from './support/records.ts';

let scene: Scene;

beforeAll(async () => {
  const ada = chartOf({
    id: 'ada',
    given: 'Ada',
    more: (subject) => [doctor('ada'), plan('ada-plan', subject, '53950000'), ...weights('ada', subject, 120)],
  });
  const bo = chartOf({
    id: 'bo',
    given: 'Bo',
    birthDate: '2019-07-04',
    more: (subject) => [...weights('ada', subject, 2).map((each, index) => ({ ...each, id: `bo-weight-${index}` }))],
  });
  const both = { ...ada, entry: [ada, bo].flatMap((bundle) => bundle.entry as Resource[]) };
  // A real lease, so that two runs at the same time can meet.
  scene = await openScene([{ id: 'lakeside', personality: 'vendor', bundles: [both] }], 60);
  await addSite(scene, 'lakeside');
});

afterAll(() => scene.close());

describe('a pull from a vendor that refuses free searches', () => {
  test('of two runs at the same time one is refused in one sentence, the other brings everything once', async () => {
    const { ehr, database } = scene;
    const runs = await Promise.all([1, 2].map(() => ehr.runSync(database.store, 'lakeside')));
    const [refused] = runs.filter((run) => !run.ok);
    const [done] = runs.filter((run) => run.ok);
    expect(refused).toMatchObject({ error: { kind: 'conflict' } });
    expect(done?.ok && done.value.counts).toEqual({
      Patient: { new: 2 },
      // One practitioner of both children, counted once.
      Practitioner: { new: 1 },
      CarePlan: { new: 1 },
      Observation: { new: 122 },
    });
  });

  test('OperationOutcome entries of a searchset are warnings, never resources', async () => {
    expect(await ours(scene, 'OperationOutcome')).toEqual([]);
    const [status] = await scene.ehr.syncStatus(scene.database.store);
    expect(status?.lastRun?.warnings.some((warning) => warning.code.startsWith('outcome-'))).toBe(true);
  });

  test('decimals keep their digits, references lead to ours or are logical', async () => {
    const [weight] = await ours(scene, 'Observation');
    expect(stringifyJson(weight)).toContain('"value":12.50');
    const patients = await ours(scene, 'Patient');
    const doctors = (await ours(scene, 'Practitioner')).map((each) => `Practitioner/${each.id}`);
    expect(patients.map((each) => ({ reference: `Patient/${each.id}` }))).toContainEqual(weight?.subject);
    const [known, unknown] = (weight?.performer ?? []) as Resource[];
    expect(doctors).toContain(known?.reference);
    expect(unknown).toEqual({
      type: 'Practitioner',
      identifier: { system: `${scene.base('lakeside')}/Practitioner`, value: 'left-long-ago' },
      display: 'Dr. Wren',
    });
  });

  test('one Provenance per child names every version written and its raw body', async () => {
    const all = await ours(scene, 'Provenance');
    expect(all).toHaveLength(2);
    const targets = all.flatMap((each) => each.target as { reference: string }[]);
    expect(targets).toHaveLength(126);
    const children = (await ours(scene, 'Patient')).map(({ id }) => `Patient/${id}`);
    const told = all.flatMap((each) => each.extension as { valueReference: { reference: string } }[]);
    expect(told.map(({ valueReference }) => valueReference.reference).sort()).toEqual(children.sort());
    for (const provenance of all) {
      for (const entity of provenance.entity as { what: { identifier: { value: string } } }[]) {
        const [site, type, ehrId, hash] = entity.what.identifier.value.split('/');
        const raw = await scene.database.store.query(
          'select 1 from ehr_raw where site = $1 and type = $2 and ehr_id = $3 and content_hash = $4',
          [site, type, ehrId, hash],
        );
        expect(raw).toHaveLength(1);
      }
    }
  });

  test('the second run writes nothing here and nothing there', async () => {
    const before = await versions(scene);
    scene.wire.sent.length = 0;
    const run = await sync(scene, 'lakeside');
    expect(await versions(scene)).toBe(before);
    expect(run.counts.Observation).toEqual({ unchanged: 122 });
    const writes = scene.wire.sent.filter((each) => each.method !== 'GET' && !each.url.endsWith('/token'));
    expect(writes).toEqual([]);
  });

  test('one change at the hospital is one version and one Provenance here', async () => {
    const before = await versions(scene);
    const [held] = await scene.held('lakeside', 'CarePlan');
    const hospital = scene.sandbox.hospitals[0];
    await hospital?.chart.update({ ...held, title: 'Asthma plan, revised' } as Resource);
    const run = await sync(scene, 'lakeside');
    expect(run.counts.CarePlan).toEqual({ updated: 1 });
    expect(await versions(scene)).toBe(before + 2);
    const [mirror] = await ours(scene, 'CarePlan');
    expect(mirror).toMatchObject({ title: 'Asthma plan, revised', meta: { versionId: '2' } });
  });

  test('what disappears at the hospital is marked and never deleted', async () => {
    const [gone] = await scene.held('lakeside', 'CarePlan');
    await scene.sandbox.hospitals[0]?.chart.remove('CarePlan', String(gone?.id));
    await sync(scene, 'lakeside');
    expect(await ours(scene, 'CarePlan')).toHaveLength(1);
    const [status] = await scene.ehr.syncStatus(scene.database.store);
    expect(status?.missing).toBe(1);
  });

  test('no token went anywhere but to the FHIR base of the site', () => {
    const base = `${scene.base('lakeside')}/`;
    expect(scene.wire.sent.filter((each) => each.token && !each.url.startsWith(base))).toEqual([]);
  });
});

describe('mirrors are read-only', () => {
  test('an update, a delete and a forged mirror are refused by the rule', async () => {
    const { store } = scene.database;
    const [mirror] = await ours(scene, 'CarePlan');
    const forged = { resourceType: 'Basic', meta: { source: 'urn:careweave:site:lakeside#Basic/1' } };
    const answers = [
      await store.transact(testActor, (tx) => tx.update({ ...mirror, title: 'Mine' } as Resource)),
      await store.transact(testActor, (tx) => tx.delete('CarePlan', String(mirror?.id))),
      await store.transact(testActor, (tx) => tx.create(forged)),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({
        ok: false,
        error: { kind: 'unprocessable', issues: [{ code: 'business-rule' }] },
      });
    }
  });
});
