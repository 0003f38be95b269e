import { afterEach, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { addSite, openScene, type Scene, sync } from './support/hospital.ts';
import { chartOf, doctor, plan, weights } from './support/records.ts';

let scene: Scene;
afterEach(() => scene.close());

const bundles = (): Resource[] =>
  ['ada', 'bo', 'cy'].map((id, index) =>
    chartOf({
      id,
      given: id,
      birthDate: `2020-03-0${index + 1}`,
      more: (subject) => [doctor(id), plan(`${id}-plan`, subject), ...weights(id, subject, 60)],
    }),
  );

/** What Careweave holds, and how often each was written. */
const holdings = (of: Scene) =>
  of.database.store.query<{ type: string; resources: number; versions: number }>(
    `select type, count(*)::int as resources, sum(version)::int as versions from resource where type <> 'Provenance'
     group by type order by type`,
  );

describe('a run that is cut off', () => {
  test('anywhere on the way, and run again, ends as if nothing had happened', async () => {
    scene = await openScene([{ id: 'lakeside', personality: 'vendor', bundles: bundles() }]);
    await addSite(scene, 'lakeside');
    const { store } = scene.database;
    for (const fatal of [1, 2, 3, 7, 40, 90, 130]) {
      let left = fatal;
      scene.wire.afterSend = () => {
        left -= 1;
        if (left === 0) throw new Error('cut off');
      };
      await expect(scene.ehr.runSync(store, 'lakeside')).rejects.toThrow('cut off');
    }
    scene.wire.afterSend = undefined;
    // Cut off in the house, after a child's data were written.
    const afterPatient = () => Promise.reject(new Error('cut off'));
    await expect(scene.ehr.runSync(store, 'lakeside', { afterPatient })).rejects.toThrow('cut off');
    await sync(scene, 'lakeside');
    expect(await holdings(scene)).toEqual([
      { type: 'CarePlan', resources: 3, versions: 3 },
      { type: 'Observation', resources: 180, versions: 180 },
      { type: 'Patient', resources: 3, versions: 3 },
      { type: 'Practitioner', resources: 3, versions: 3 },
    ]);
    const runs = await store.query<{ state: string; runs: number }>(
      'select state, count(*)::int as runs from ehr_run group by state order by state',
    );
    expect(runs).toEqual([
      { state: 'done', runs: 1 },
      { state: 'failed', runs: 8 },
    ]);
  });

  test('a run whose site was taken over writes nothing more', async () => {
    scene = await openScene([{ id: 'lakeside', personality: 'vendor', bundles: bundles() }]);
    await addSite(scene, 'lakeside');
    const { store } = scene.database;
    let children = 0;
    const run = await scene.ehr.runSync(store, 'lakeside', {
      async afterPatient() {
        children += 1;
        await store.query(`update ehr_site set fence = fence + 1 where id = 'lakeside'`);
        return { ok: true, value: undefined };
      },
    });
    expect(run).toMatchObject({ ok: false, error: { kind: 'conflict' } });
    expect(children).toBe(1);
    const [patients] = (await holdings(scene)).filter((each) => each.type === 'Patient');
    expect(patients?.resources).toBe(1);
  });
});
