import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mirrorSource, siteSystem } from '../../src/fhir/mirror.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../access/support/privacy-house.ts';
import { unwrap } from '../support/house.ts';

/**
 * Three hospitals look after Robin, and each has a plan that knows nothing of the others. All three know of the penicillin allergy; one wants more to
 * drink and one less; the heart medicine has two doses; an order belongs to a plan that has ended. A coordinator goes through it, a second one
 * is there at the same time, and in the end there is one plan that says each thing once and where it comes from.
 */
let house: PrivacyHouse;
const child = { reference: 'Patient/robin' };
const sct = 'http://snomed.info/sct';
const names = {
  lakeside: 'Lakeside Children’s Hospital',
  summit: 'Summit Heart Center',
  harbor: 'Harbor Kidney Clinic',
};
type Site = keyof typeof names;
const coordinator = 'Practitioner/coordinator';

beforeAll(async () => {
  house = await openPrivacyHouse();
  const own: Resource[] = [
    { resourceType: 'Patient', id: 'robin', name: [{ family: 'Example', given: ['Robin'] }], birthDate: '2020-03-04' },
    { resourceType: 'Practitioner', id: 'coordinator', name: [{ text: 'Cora Coordinator' }] },
    { resourceType: 'Practitioner', id: 'colleague', name: [{ text: 'Col League' }] },
  ];
  for (const resource of own) {
    const answer = await house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
    expect(answer.status).toBe(201);
  }
});
afterAll(async () => {
  await house?.shut();
});

/** What a hospital sent, as the sync writes it: mirrors, and one Provenance that names the hospital. */
async function sync(site: Site, ...resources: Resource[]): Promise<void> {
  const actor = { kind: 'system', id: 'ehr', requestId: `sync-${site}` } as const;
  unwrap(
    await house.store.transact(actor, async (tx) => {
      const target: { reference: string }[] = [];
      for (const resource of resources) {
        const source = mirrorSource(site, resource.resourceType, resource.id ?? '');
        const written = await tx.update({
          ...resource,
          id: `${site}-${resource.id}`,
          meta: { ...resource.meta, source },
        });
        if (!written.ok) return written;
        target.push({ reference: `${resource.resourceType}/${site}-${resource.id}` });
      }
      return tx.create({
        resourceType: 'Provenance',
        target,
        recorded: '2026-11-23T12:00:00Z',
        agent: [{ who: { identifier: { system: siteSystem, value: site }, display: names[site] } }],
      });
    }),
  );
}
const active = (kind: string) => ({
  coding: [{ system: `http://terminology.hl7.org/CodeSystem/${kind}`, code: 'active' }],
});
const allergy = (code: object, more: object = {}): Resource => ({
  resourceType: 'AllergyIntolerance',
  id: 'penicillin',
  clinicalStatus: active('allergyintolerance-clinical'),
  code,
  patient: child,
  ...more,
});
const heart = (more: object = {}): Resource => ({
  resourceType: 'Condition',
  id: 'heart',
  clinicalStatus: active('condition-clinical'),
  code: { coding: [{ system: sct, code: '84114007', display: 'Heart failure' }] },
  subject: child,
  ...more,
});
const order = (id: string, text: string, more: object = {}): Resource => ({
  resourceType: 'ServiceRequest',
  id,
  status: 'active',
  intent: 'order',
  code: { text },
  subject: child,
  performer: [{ display: 'The ward' }],
  ...more,
});
const furosemide = (value: number, authoredOn: string): Resource => ({
  resourceType: 'MedicationRequest',
  id: 'furosemide',
  status: 'active',
  intent: 'order',
  authoredOn,
  subject: child,
  medicationCodeableConcept: {
    coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '4603', display: 'Furosemide' }],
  },
  dosageInstruction: [
    {
      text: `${value} mg twice a day`,
      timing: { repeat: { frequency: 2, period: 1, periodUnit: 'd' } },
      doseAndRate: [{ doseQuantity: { value, unit: 'mg' } }],
    },
  ],
});
const plan = (site: Site, activities: string[], goals: string[], more: object = {}): Resource => ({
  resourceType: 'CarePlan',
  id: 'plan',
  status: 'active',
  intent: 'plan',
  subject: child,
  goal: goals.map((id) => ({ reference: `Goal/${site}-${id}` })),
  activity: activities.map((id) => ({ reference: { reference: `ServiceRequest/${site}-${id}` } })),
  ...more,
});
const goal = (id: string, text: string): Resource => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text },
  subject: child,
});

interface Row {
  id: string;
  state: string;
  kind: string;
  about: string;
  sources: string[];
  records: string[];
}
async function ask(who = coordinator): Promise<Row[]> {
  const { status, json } = await house.as(who, 'GET', '/CarePlan/$reconcile?patient=Patient/robin');
  expect({ status, json }).toMatchObject({ status: 200 });
  return json.parameter
    .filter(({ name }: any) => name === 'row')
    .map(({ part }: any) => {
      const of = (name: string) => part.filter((one: any) => one.name === name);
      return {
        ...{ id: of('id')[0].valueString, state: of('state')[0].valueString },
        ...{ kind: of('kind')[0].valueCode, about: of('about')[0].valueCode },
        sources: of('source')
          .map(({ valueString }: any) => valueString)
          .sort(),
        records: of('member').map((one: any) => one.part[0].valueReference.reference),
      };
    });
}
const find = (rows: Row[], kind: string, about: string) =>
  rows.filter((row) => row.kind === kind && row.about === about);
function decide(decisions: [Row | undefined, Record<string, string>][], who = coordinator) {
  const references = new Set(['keep', 'drop', 'owner', 'goal']);
  const parameter = decisions.map(([row, wish]) => ({
    name: 'decision',
    part: Object.entries({ row: row?.id ?? '', state: row?.state ?? '', ...wish }).map(([name, value]) =>
      references.has(name) ? { name, valueReference: { reference: value } } : { name, valueString: value },
    ),
  }));
  const body = {
    resourceType: 'Parameters',
    parameter: [{ name: 'patient', valueString: 'Patient/robin' }, ...parameter],
  };
  return house.as(who, 'POST', '/CarePlan/$accept-reconciliation', body);
}
let planId: string;
async function page(): Promise<string> {
  const headers = { Accept: 'text/html', Authorization: `Bearer ${coordinator.replaceAll('/', '~')}` };
  return (await fetch(`${house.url}/fhir/CarePlan/${planId}/$document`, { headers })).text();
}
const times = (text: string, words: string) => text.split(words).length - 1;
let mirrors: string[];
const contents = () => Promise.all(mirrors.map(async (one) => (await house.as('system', 'GET', `/${one}`)).text));

describe('three mirrored plans are reconciled', () => {
  test('three hospitals send what they have, and the shared plan is composed of it', async () => {
    const penicillin = { coding: [{ system: sct, code: '91936005', display: 'Allergy to penicillin' }] };
    await sync(
      'lakeside',
      allergy(penicillin, { recordedDate: '2024-05-01' }),
      heart(),
      furosemide(10, '2026-01-10'),
      goal('drink', 'Drink enough every day'),
      order('up', 'Encourage extra fluids'),
      plan('lakeside', ['up'], ['drink']),
    );
    await sync(
      'summit',
      allergy(
        { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z88.0' }], text: 'Allergy to penicillin' },
        { recordedDate: '2026-02-01' },
      ),
      heart(),
      furosemide(20, '2026-06-01'),
      goal('grow', 'Grow along the curve'),
      order('down', 'Fluid restriction, 800 mL a day'),
      plan('summit', ['down'], ['grow']),
    );
    await sync(
      'harbor',
      allergy({ text: 'allergy to PENICILLIN' }),
      goal('blood', 'Blood pressure in range'),
      order('sonogram', 'Kidney sonogram'),
      plan('harbor', ['sonogram'], ['blood'], { status: 'completed' }),
    );
    const composed = await house.as(coordinator, 'POST', '/Patient/robin/$compose-shared-plan');
    expect(composed.status).toBe(200);
    planId = composed.json.id;
    mirrors = ['lakeside', 'summit', 'harbor'].map((site) => `AllergyIntolerance/${site}-penicillin`);
    mirrors.push(
      'Condition/lakeside-heart',
      'Condition/summit-heart',
      'ServiceRequest/lakeside-up',
      'ServiceRequest/summit-down',
    );
    mirrors.push(
      'MedicationRequest/lakeside-furosemide',
      'MedicationRequest/summit-furosemide',
      'ServiceRequest/harbor-sonogram',
    );
  });

  test('a family member and whoever has no part in it find nothing to reconcile', async () => {
    const asked = await house.as('RelatedPerson/stranger', 'GET', '/CarePlan/$reconcile?patient=Patient/robin');
    const none = await house.as('RelatedPerson/stranger', 'GET', '/CarePlan/$reconcile?patient=Patient/never-was');
    expect(asked.status).toBe(404);
    expect(asked.json).toEqual(none.json);
  });

  test('S3.13 the coordinator is asked about each thing once, with where it comes from', async () => {
    const rows = await ask();
    const { lakeside, summit, harbor } = names;
    expect(find(rows, 'duplicate', 'allergy').map(({ sources }) => sources)).toEqual([
      [harbor, lakeside, summit].sort(),
    ]);
    expect(find(rows, 'duplicate', 'problem').map(({ sources }) => sources)).toEqual([[lakeside, summit].sort()]);
    expect(find(rows, 'conflict', 'activity').map(({ sources }) => sources)).toEqual([[lakeside, summit].sort()]);
    expect(find(rows, 'conflict', 'medication').map(({ sources }) => sources)).toEqual([[lakeside, summit].sort()]);
    expect(find(rows, 'stale', 'activity').map(({ records }) => records)).toEqual([['ServiceRequest/harbor-sonogram']]);
    expect(rows.filter(({ kind }) => kind === 'orphan')).toEqual([]);
  });

  test('a conflict is not decided without a reason, and then nothing of the rest is written', async () => {
    const rows = await ask();
    const answer = await decide([
      [find(rows, 'duplicate', 'allergy')[0], { choice: 'same' }],
      [find(rows, 'conflict', 'activity')[0], { choice: 'keep-one', keep: 'ServiceRequest/summit-down' }],
    ]);
    expect(answer.status).toBe(422);
    expect(await ask()).toEqual(rows);
  });

  test('S3.13 all is decided in one transaction; hospitals’ records stay as they were', async () => {
    const [rows, before] = [await ask(), await contents()];
    const answer = await decide([
      [find(rows, 'duplicate', 'allergy')[0], { choice: 'same' }],
      [find(rows, 'duplicate', 'problem')[0], { choice: 'same', keep: 'Condition/summit-heart' }],
      [
        find(rows, 'conflict', 'activity')[0],
        { choice: 'keep-one', keep: 'ServiceRequest/summit-down', reason: 'The heart center decides about fluids' },
      ],
      [
        find(rows, 'conflict', 'medication')[0],
        { choice: 'same', keep: 'MedicationRequest/summit-furosemide', reason: 'Raised in June, told by the mother' },
      ],
      [find(rows, 'stale', 'activity')[0], { choice: 'drop', reason: 'Was done in spring' }],
      [find(rows, 'stale', 'goal')[0], { choice: 're-create' }],
    ]);
    expect({ status: answer.status, issue: answer.json.issue?.[0].diagnostics }).toEqual({ status: 200 });
    expect(await contents()).toEqual(before);
    const provenances = answer.json.parameter
      .filter(({ name }: any) => name === 'decided')
      .map(({ part }: any) => part.find(({ name }: any) => name === 'provenance').valueReference.reference);
    expect(provenances).toHaveLength(6);
    for (const reference of provenances) {
      const { json } = await house.as('system', 'GET', `/${reference}`);
      expect(json.agent[0].who.reference).toBe(coordinator);
      expect(json.entity.length).toBeGreaterThan(0);
    }
  });

  test('whoever decides by what was asked before is told that it has changed', async () => {
    const late = { id: 'x', state: 'y', kind: 'duplicate', about: 'allergy', sources: [], records: [] };
    expect((await decide([[late, { choice: 'same' }]], 'Practitioner/colleague')).status).toBe(409);
    expect(
      (await ask('Practitioner/colleague')).filter(({ kind }) => kind === 'duplicate' || kind === 'conflict'),
    ).toEqual([]);
  });

  test('S3.13 the plan that people read says the allergy once, with its three sources, and no second dose', async () => {
    await house.as(coordinator, 'POST', '/Patient/robin/$compose-shared-plan');
    const text = await page();
    expect(times(text, 'Encourage extra fluids')).toBe(0);
    expect(times(text, 'Kidney sonogram')).toBe(0);
    expect(text).toContain('Fluid restriction, 800 mL a day');
    expect(text).toContain('20 mg twice a day');
    // What Lakeside's record still says is told as Lakeside's, never as what the child takes.
    expect(text).toContain('<li>Furosemide (20 mg twice a day)');
    expect(times(text, '10 mg twice a day')).toBe(1);
    expect(text).toMatch(/Lakeside Children’s Hospital[^·\]]*10 mg twice a day/);
    const bundle = await house.as(coordinator, 'GET', `/CarePlan/${planId}/$document`);
    const told = JSON.stringify(bundle.json.entry[0].resource.section);
    // Once at a glance and once among the allergies, there with everybody who says it.
    const lines = text.split('\n').filter((line) => /allergy to penicillin/i.test(line));
    expect(lines).toHaveLength(2);
    for (const name of Object.values(names)) expect(lines[1]).toContain(name);
    for (const name of Object.values(names)) expect(told).toContain(name);
  });

  test('a hospital changes its mind, and only that is asked', async () => {
    await sync('lakeside', furosemide(30, '2026-11-20'));
    const rows = await ask();
    expect(rows.map(({ kind, about }) => [kind, about])).toEqual([['conflict', 'medication']]);
    expect(rows[0]?.records).toContain('MedicationRequest/lakeside-furosemide');
  });

  test('what is hidden from the coordinator takes no part, and where a child who must stay safe is cared for is not told', async () => {
    const before = await ask();
    const part2 = { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: '42CFRPart2' }] };
    const text = 'Opioid withdrawal of the newborn';
    const hidden = (id: string): Resource => ({ ...heart({ code: { text } }), id, meta: part2 });
    await sync('lakeside', hidden('hidden'));
    await sync('summit', hidden('hidden'));
    expect(await ask()).toEqual(before);
    expect((await ask('system')).some(({ records }) => records.includes('Condition/lakeside-hidden'))).toBe(true);
    const met = {
      ...{ resourceType: 'Encounter', id: 'met', status: 'finished', subject: child, period: { start: '2026-11-20' } },
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'FLD' },
      type: [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-activity', code: 'plan' }] }],
      participant: [{ individual: { reference: coordinator } }],
      location: [{ location: { display: 'Shelter on Elm Street' } }],
    };
    expect((await house.as('system', 'PUT', '/Encounter/met', met)).status).toBe(201);
    const log = async () => (await house.as(coordinator, 'GET', '/Patient/robin/$contacts')).text;
    expect(await log()).toContain('Shelter on Elm Street');
    const flag = {
      ...{ resourceType: 'Flag', id: 'safe', status: 'active', subject: child },
      code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/privacy-flag', code: 'safe-address' }] },
    };
    expect((await house.as('system', 'PUT', '/Flag/safe', flag)).status).toBe(201);
    const told = JSON.stringify(await ask());
    for (const name of Object.values(names)) expect(told).not.toContain(name);
    expect(told).toMatch(/Hospital \d/);
    expect(await log()).toContain('community-visit');
    expect(await log()).not.toContain('Shelter');
  });
});
