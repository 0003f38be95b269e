import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createCare } from '../../src/care/care.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { addSite, openScene, ours, type Scene, versions } from './support/hospital.ts';
import { chartOf, plan } from './support/records.ts';

const care = createCare({ clock: { now: () => new Date() } });
let scene: Scene;

beforeAll(async () => {
  const chart = chartOf({ id: 'ada', given: 'Ada', more: (subject) => [plan('ada-plan', subject)] });
  scene = await openScene([{ id: 'summit', personality: 'open', bundles: [chart] }], 0, care);
  await addSite(scene, 'summit', { writeBack: { referrals: true, planDocument: true } });
});
afterAll(() => scene.close());

const compose = (patientId: string) =>
  scene.database.store.transact({ kind: 'system', id: 'care', requestId: 'test' }, (tx) =>
    care.composePlan(tx, patientId),
  );

async function syncAndCompose() {
  const run = await scene.ehr.runSync(scene.database.store, 'summit', { afterPatient: compose });
  if (!run.ok) throw new Error(run.error.issues[0]?.text);
  return run.value;
}

const textOf = (document: Resource | undefined) => {
  const [content] = (document?.content ?? []) as { attachment: { data: string } }[];
  return Buffer.from(content?.attachment.data ?? '', 'base64').toString();
};

test("a hospital's plan becomes part of the shared plan, which goes back to the hospital once", async () => {
  const first = await syncAndCompose();
  expect(first.delivered).toEqual({ sent: 1 });
  expect(await ours(scene, 'CarePlan')).toHaveLength(2);
  const before = await versions(scene);
  const second = await syncAndCompose();
  expect(second.delivered).toEqual({});
  expect(await versions(scene)).toBe(before);
  expect(await scene.held('summit', 'DocumentReference')).toHaveLength(1);
});

test("a goal in the family's words reaches the hospital in the same document, once", async () => {
  const { store } = scene.database;
  const [patient] = await ours(scene, 'Patient');
  const goal = await store.transact({ kind: 'user', id: 'Practitioner/x', requestId: 'test' }, (tx) =>
    tx.create({
      resourceType: 'Goal',
      lifecycleStatus: 'active',
      description: { text: 'Sleep over at a friend' },
      subject: { reference: `Patient/${patient?.id}` },
    }),
  );
  expect(goal.ok).toBe(true);
  await compose(String(patient?.id));
  expect(await scene.ehr.deliver(store, 'summit')).toEqual({ ok: true, value: { sent: 1 } });
  const documents = await scene.held('summit', 'DocumentReference');
  expect(documents).toHaveLength(1);
  expect(textOf(documents[0])).toContain('Sleep over at a friend');
  expect(await ours(scene, 'Goal')).toHaveLength(1);
  expect((await syncAndCompose()).delivered).toEqual({});
});
