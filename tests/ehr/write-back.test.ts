import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { testActor } from '../support/database.ts';
import { addSite, openScene, ours, type Scene, sharePlan, sync, versions } from './support/hospital.ts';
import { chartOf } from './support/records.ts';

const writeBack = { referrals: true, planDocument: true };
let scene: Scene;
let ada: string;
let bo: string;

beforeAll(async () => {
  const bundles = [chartOf({ id: 'ada', given: 'Ada' }), chartOf({ id: 'bo', given: 'Bo', birthDate: '2019-07-04' })];
  scene = await openScene([
    { id: 'lakeside', personality: 'vendor', bundles },
    { id: 'summit', personality: 'open', bundles: [chartOf({ id: 'cy', given: 'Cy', birthDate: '2018-05-05' })] },
  ]);
  await addSite(scene, 'lakeside', { writeBack });
  await addSite(scene, 'summit', { writeBack });
  await sync(scene, 'lakeside');
  [ada = '', bo = ''] = (await ours(scene, 'Patient'))
    .sort((a, b) => (String(a.birthDate) < String(b.birthDate) ? 1 : -1))
    .map((each) => String(each.id));
});

beforeEach(() => {
  scene.wire.afterSend = undefined;
  scene.wire.loseAnswer = undefined;
  scene.wire.instead = undefined;
  scene.wire.sent.length = 0;
});

afterAll(() => scene.close());

/** Everything that waits is due now, as when its time has come. */
const makeDue = () => scene.database.store.query('update ehr_outbox set next_at = now()');

const deliver = async (site: string) => {
  const delivered = await scene.ehr.deliver(scene.database.store, site);
  if (!delivered.ok) throw new Error(delivered.error.issues[0]?.text);
  return delivered.value;
};

const posts = () => scene.wire.sent.filter((each) => each.method === 'POST' && !each.url.endsWith('/token'));

describe('the plan document', () => {
  test('killed between sending and hearing back: the next delivery looks, and there is one document', async () => {
    await sharePlan(scene, ada, 'plan-ada', 'Plan of Ada, first');
    scene.wire.afterSend = (method, url) => {
      if (method === 'POST' && url.endsWith('/DocumentReference')) throw new Error('killed');
    };
    await expect(scene.ehr.deliver(scene.database.store, 'lakeside')).rejects.toThrow('killed');
    expect(await scene.held('lakeside', 'DocumentReference')).toHaveLength(1);

    scene.wire.afterSend = undefined;
    scene.wire.sent.length = 0;
    expect(await deliver('lakeside')).toEqual({ found: 1 });
    expect(posts()).toEqual([]);
    expect(await scene.held('lakeside', 'DocumentReference')).toHaveLength(1);
  });

  test('killed before the request left: it is sent once', async () => {
    await sharePlan(scene, bo, 'plan-bo', 'Plan of Bo');
    scene.wire.instead = (url, request) => {
      if (request.method === 'POST' && url.endsWith('/DocumentReference')) throw new Error('killed');
      return undefined;
    };
    await expect(scene.ehr.deliver(scene.database.store, 'lakeside')).rejects.toThrow('killed');
    scene.wire.instead = undefined;
    expect(await deliver('lakeside')).toEqual({ sent: 1 });
    expect(await scene.held('lakeside', 'DocumentReference')).toHaveLength(2);
  });

  test('the site has it readable, for its own patient, as a plan of care note', async () => {
    const documents = await scene.held('lakeside', 'DocumentReference');
    const patients = (await scene.held('lakeside', 'Patient')).map((each) => `Patient/${each.id}`);
    for (const document of documents) {
      expect(document.type).toMatchObject({ coding: [{ system: 'http://loinc.org', code: '18776-5' }] });
      expect(patients).toContain((document.subject as { reference: string }).reference);
      const [content] = document.content as { attachment: { data: string } }[];
      expect(Buffer.from(content?.attachment.data ?? '', 'base64').toString()).toMatch(/<body>Plan of (Ada|Bo)/);
    }
  });

  test('a sync after that sends nothing and takes no echo for a mirror', async () => {
    const before = await versions(scene);
    const run = await sync(scene, 'lakeside');
    expect(run.delivered).toEqual({});
    expect(run.counts.DocumentReference).toEqual({ echo: 2 });
    expect(posts()).toEqual([]);
    expect(await versions(scene)).toBe(before);
    expect(await ours(scene, 'DocumentReference')).toEqual([]);
  });

  test('a new version replaces the document where the site cannot update one', async () => {
    const [first] = (await scene.held('lakeside', 'DocumentReference')).filter((each) =>
      /Ada/.test(String(each.description)),
    );
    await sharePlan(scene, ada, 'plan-ada', 'Plan of Ada, second');
    scene.wire.loseAnswer = (method, url) => method === 'POST' && url.endsWith('/DocumentReference');
    expect(await deliver('lakeside')).toEqual({ postponed: 1 });
    scene.wire.loseAnswer = undefined;
    await makeDue();
    expect(await deliver('lakeside')).toEqual({ found: 1 });
    const documents = await scene.held('lakeside', 'DocumentReference');
    expect(documents).toHaveLength(3);
    const second = documents.find((each) => each.description === 'Plan of Ada, second');
    expect(second?.relatesTo).toEqual([{ code: 'replaces', target: { reference: `DocumentReference/${first?.id}` } }]);
  });

  test('where the site can update, there is one document for ever', async () => {
    await sync(scene, 'summit');
    const cy = await scene.ehr.patientFor(
      scene.database.store,
      'summit',
      String((await scene.held('summit', 'Patient'))[0]?.id),
    );
    await sharePlan(scene, String(cy), 'plan-cy', 'Plan of Cy, first');
    expect(await deliver('summit')).toEqual({ sent: 1 });
    await sharePlan(scene, String(cy), 'plan-cy', 'Plan of Cy, second');
    expect(await deliver('summit')).toEqual({ sent: 1 });
    const documents = await scene.held('summit', 'DocumentReference');
    expect(documents.map((each) => each.description)).toEqual(['Plan of Cy, second']);
  });
});

describe('a referral', () => {
  const refer = async (referral: Partial<Resource>, patientId: string) => {
    const done = await scene.database.store.transact(testActor, (tx) =>
      tx.create({
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        code: { text: 'Home nursing' },
        subject: { reference: `Patient/${patientId}` },
        ...referral,
      }),
    );
    if (!done.ok) throw new Error(done.error.issues[0]?.text);
    return done.value.stored.id;
  };
  // Each referral may change how the plan reads, so its document is made again, and is the same.
  const heldReferrals = () => scene.held('lakeside', 'ServiceRequest');

  test('drafts and what is labelled restricted are not sent', async () => {
    await refer({ status: 'draft' }, ada);
    const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
    await refer({ meta: { security } }, ada);
    expect(await deliver('lakeside')).toEqual({ same: 1 });
    expect(await heldReferrals()).toEqual([]);
  });

  test("goes to the site in the site's own names; another child's resource is named, never shown", async () => {
    await refer(
      {
        identifier: [{ system: 'urn:example:ours', value: 'r1' }],
        supportingInfo: [
          { reference: `Patient/${bo}` },
          { reference: 'Observation/not-at-the-site', display: 'A note' },
        ],
        text: { status: 'generated', div: '<div>kept here</div>' },
      },
      ada,
    );
    expect(await deliver('lakeside')).toEqual({ sent: 1, same: 1 });
    const [sent] = await heldReferrals();
    const atSite = await scene.held('lakeside', 'Patient');
    const adaThere = atSite.find((each) => each.birthDate === '2020-03-01');
    expect(sent?.subject).toEqual({ reference: `Patient/${adaThere?.id}` });
    expect(sent?.text).toBeUndefined();
    expect(sent?.supportingInfo).toContainEqual({
      type: 'Observation',
      identifier: { system: 'http://careweave.test/fhir/Observation', value: 'not-at-the-site' },
      display: 'A note',
    });
    await sync(scene, 'lakeside');
    expect(await ours(scene, 'ServiceRequest')).toHaveLength(3);
  });

  test('written for the wrong child and corrected before it left: it goes to the right chart, or nowhere', async () => {
    const correct = async (id: string, code: string, patientId: string) => {
      const subject = { reference: `Patient/${patientId}` };
      const referral = { resourceType: 'ServiceRequest', id, status: 'active', intent: 'order', subject };
      const done = await scene.database.store.transact(testActor, (tx) =>
        tx.update({ ...referral, code: { text: code } }),
      );
      if (!done.ok) throw new Error(done.error.issues[0]?.text);
    };
    const before = (await heldReferrals()).length;
    await correct(await refer({ code: { text: 'For Bo' } }, ada), 'For Bo', bo);
    await correct(await refer({ code: { text: 'For somebody else' } }, ada), 'For somebody else', 'not-at-this-site');
    await deliver('lakeside');
    const boThere = (await scene.held('lakeside', 'Patient')).find((each) => each.birthDate === '2019-07-04');
    const sent = (await heldReferrals()).filter((each) => JSON.stringify(each.code).includes('For '));
    expect(sent.map(({ code, subject }) => ({ code, subject }))).toEqual([
      { code: { text: 'For Bo' }, subject: { reference: `Patient/${boThere?.id}` } },
    ]);
    expect(await heldReferrals()).toHaveLength(before + 1);
  });

  test('a site that asks for patience gets it, and then the referral', async () => {
    await refer({ code: { text: 'Physical therapy' } }, ada);
    scene.wire.instead = async (url, request) =>
      request.method === 'POST' && url.endsWith('/ServiceRequest')
        ? { ok: false, error: { class: 'http', text: 'busy', status: 429, retryAfterSeconds: 900 } }
        : undefined;
    expect(await deliver('lakeside')).toEqual({ postponed: 1, same: 1 });
    expect(await deliver('lakeside')).toEqual({});
    const [waiting] = await scene.database.store.query<{ seconds: number }>(
      `select extract(epoch from next_at - now())::int as seconds from ehr_outbox where state = 'pending'`,
    );
    expect(waiting?.seconds).toBeGreaterThan(800);
    scene.wire.instead = undefined;
    await makeDue();
    expect(await deliver('lakeside')).toEqual({ sent: 1 });
    expect(
      (await heldReferrals()).filter((each) => JSON.stringify(each.code).includes('Physical therapy')),
    ).toHaveLength(1);
  });

  test('what a site refuses is kept for an operator to see, and blocks nothing', async () => {
    await refer({ code: { text: 'Refused' } }, ada);
    scene.wire.instead = async (url, request) =>
      request.method === 'POST' && url.endsWith('/ServiceRequest')
        ? { ok: false, error: { class: 'http', text: 'no', status: 422, body: '<html>' } }
        : undefined;
    expect(await deliver('lakeside')).toEqual({ rejected: 1, same: 1 });
    const [status] = await scene.ehr.syncStatus(scene.database.store);
    expect(status?.rejected).toEqual([{ kind: 'referral', reason: 'refused', count: 1 }]);
  });
});
