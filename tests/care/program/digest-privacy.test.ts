import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import { consent } from './town.ts';

/** The digest in a whole house, by the privacy policy that comes with it. */
let house: TestHouse;
const today = new Date().toISOString().slice(0, 10);
/** When this month is over everywhere. */
const later = { now: () => new Date(Date.now() + 33 * 24 * 3_600_000) };
beforeAll(async () => {
  house = await openTestHouse();
}, 60_000);
afterAll(() => house?.shut());

const canonical = 'http://careweave.org/fhir';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const put = async (...resources: { resourceType: string; id: string }[]) => {
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const { status, text } = await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (status !== 200) throw new Error(text);
};
const model = { coding: [{ system: `${canonical}/CodeSystem/care-management-model`, code: 'external' }] };
const concern = (id: string, child: string, text: string, label?: string) => ({
  resourceType: 'Condition',
  id,
  ...(label && { meta: { security: [{ system: actCode, code: label }] } }),
  clinicalStatus: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
  verificationStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'unconfirmed' }],
  },
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'health-concern' }] },
  ],
  code: { text },
  subject: { reference: `Patient/${child}` },
  recordedDate: today,
});
const enroll = async (child: string) => {
  const parameter = Object.entries({
    program: 'HealthcareService/calls',
    status: 'active',
    careManager: 'Practitioner/vera',
    consent: `Consent/yes-${child}`,
  }).map(([name, valueString]) => ({ name, valueString }));
  const { status, json } = await house.fhir('POST', `/Patient/${child}/$enroll`, {
    resourceType: 'Parameters',
    parameter,
  });
  expect(status).toBe(200);
  return json.id as string;
};
const digests = async (child: string) => {
  const category = `${canonical}/CodeSystem/care-communication|monthly-digest`;
  const { json } = await house.fhir('GET', `/Communication?subject=Patient/${child}&category=${category}`);
  return (json.entry ?? []).map(({ resource }: any) => resource.payload[0].contentString) as string[];
};

test('S4.32 by the privacy policy: nothing of a sensitive category stands in it, and nobody is told of a chart that is closed to them', async () => {
  const child = (id: string) => ({
    resourceType: 'Patient',
    id,
    birthDate: '2019-05-05',
    generalPractitioner: [{ reference: 'Practitioner/pcp' }],
  });
  const protection = {
    resourceType: 'Flag',
    id: 'protected-two',
    status: 'active',
    code: { coding: [{ system: `${canonical}/CodeSystem/privacy-flag`, code: 'protected-chart' }] },
    subject: { reference: 'Patient/two' },
  };
  await put(
    { resourceType: 'Organization', id: 'vendor', name: 'Vendor' } as { resourceType: string; id: string },
    { resourceType: 'Practitioner', id: 'pcp' },
    { resourceType: 'Practitioner', id: 'vera' },
    ...([
      {
        resourceType: 'HealthcareService',
        id: 'calls',
        active: true,
        name: 'Daily calls',
        type: [model],
        providedBy: { reference: 'Organization/vendor' },
      },
      child('one'),
      child('two'),
      consent('one'),
      consent('two'),
      protection,
    ] as { resourceType: string; id: string }[]),
  );
  const [episode] = [await enroll('one'), await enroll('two')];
  await put(
    concern('food', 'one', 'Food runs out'),
    concern('mood', 'one', 'Low mood', 'MH'),
    concern('use', 'one', 'Vaping', '42CFRPart2'),
  );
  const job = house.modules.flatMap(({ jobs = [] }) => jobs).find(({ kind }) => kind === 'care.digest');
  const { store, log } = house;
  const context = { store, log, clock: later };
  // With one connection left: what is asked in the transaction of a digest does not wait for another.
  const taken = await Promise.all(Array.from({ length: house.pool.options.max - 1 }, () => house.pool.connect()));
  const done = await job?.run({ kind: 'care.digest', key: 'all', payload: {}, attempt: 1 }, context);
  for (const one of taken) one.release();
  expect(done?.ok).toBe(true);
  const [text, ...others] = await digests('one');
  expect(others).toEqual([]);
  expect(text).toContain('Daily calls');
  expect(text).toContain('Open concerns: 1.\n- Food runs out');
  expect(text).not.toMatch(/mood|Vaping/i);
  expect(await digests('two')).toEqual([]);
  const { json } = await house.fhir('GET', '/Task?patient=Patient/two&status=requested');
  expect(json.entry.map(({ resource }: any) => resource.code.coding[0].code)).toEqual(['name-primary-care']);
  const live = await house.fhir('GET', `/EpisodeOfCare/${episode}/$digest?month=${today.slice(0, 7)}`);
  expect(live.json.parameter.filter(({ name }: any) => name === 'concern')).toHaveLength(3);
});
