import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planCategorySystem, sharedPlanCode } from '../../src/fhir/shared-plan.ts';
import { hospitalRecord, openTestHouse, type TestHouse } from '../support/house.ts';

/**
 * The main job on a FHIR server that is not our sandbox: a second Careweave holds the records and is configured as a site. After one sync each child
 * has a shared plan, a mirror of every plan, every resource, and measure results; the plan's document arrives once; a second sync changes nothing.
 */
const children = ['theo-larkspur', 'ottilie-penhallow', 'gideon-applewhite', 'hazel-ironwood'];
const compared = [
  'Patient',
  'Encounter',
  'Condition',
  'Observation',
  'Immunization',
  'AllergyIntolerance',
  'MedicationRequest',
  'Procedure',
  'CarePlan',
  'Goal',
  'CareTeam',
  'ServiceRequest',
  'Practitioner',
  'Organization',
  'Coverage',
  'Device',
];

let ours: TestHouse;
let hospital: TestHouse;

async function countsOf(house: TestHouse): Promise<Record<string, number>> {
  const rows = await house.store.query<{ type: string; resources: string }>(
    'SELECT type, count(*) AS resources FROM resource WHERE NOT deleted GROUP BY type',
  );
  return Object.fromEntries(rows.map(({ type, resources }) => [type, Number(resources)]));
}

async function versionsOf(house: TestHouse): Promise<string> {
  const rows = await house.store.query('SELECT type, id, version FROM resource ORDER BY type, id');
  return JSON.stringify(rows);
}

const sync = () => ours.command('sync', 'run', 'general');
const planDocuments = async () =>
  (await hospital.fhir('GET', '/DocumentReference?type=http://loinc.org|18776-5&_count=200')).json.entry ?? [];

beforeAll(async () => {
  hospital = await openTestHouse();
  ours = await openTestHouse();
  for (const child of children) {
    const loaded = await hospital.fhir('POST', '', hospitalRecord('lakeside', child));
    expect(loaded.status).toBe(200);
  }
  const client = JSON.parse(
    await hospital.command('client', 'add', '--name', 'Careweave', '--scopes', 'system/*.cruds'),
  );
  const options = ['--id', 'general', '--name', 'General Hospital', '--base-url', `${hospital.url}/fhir`];
  await ours.command('site', 'add', ...options, '--client-id', client.client_id, '--key', client.private_key);
});
afterAll(async () => {
  await ours?.shut();
  await hospital?.shut();
});

describe('a second Careweave as the hospital', () => {
  let before: Record<string, number>;

  test('gives every resource over, once', async () => {
    before = await countsOf(hospital);
    await sync();
    const after = await countsOf(ours);
    const [plans] = await ours.store.query<{ plans: string }>('SELECT count(*) AS plans FROM shared_plan');
    expect(Number(plans?.plans)).toBe(children.length);
    for (const type of compared) {
      const own = type === 'CarePlan' || type === 'CareTeam' ? children.length : 0;
      expect({ type, count: (after[type] ?? 0) - own }).toEqual({ type, count: before[type] ?? 0 });
    }
  });

  test('each child has one active shared plan that points to every plan the hospital sent', async () => {
    const patients = (await ours.fhir('GET', '/Patient?_count=100')).json.entry;
    expect(patients).toHaveLength(children.length);
    for (const { resource } of patients) {
      const plans = (await ours.fhir('GET', `/CarePlan?patient=${resource.id}&_count=100`)).json.entry.map(
        (entry: { resource: object }) => entry.resource,
      );
      const isShared = (plan: any) =>
        plan.category?.some((concept: any) =>
          concept.coding?.some((coding: any) => coding.system === planCategorySystem && coding.code === sharedPlanCode),
        );
      const [shared, ...others] = plans.filter(isShared);
      expect(others).toEqual([]);
      expect(shared.status).toBe('active');
      const mirrors = plans.filter((plan: any) => !isShared(plan)).map((plan: any) => `CarePlan/${plan.id}`);
      expect(mirrors.length).toBeGreaterThan(0);
      const pointed = shared.supportingInfo.map((reference: any) => reference.reference);
      expect(pointed).toEqual(expect.arrayContaining(mirrors));
    }
  });

  test('each child has a measure result', async () => {
    const patients = (await ours.fhir('GET', '/Patient?_count=100')).json.entry;
    for (const { resource } of patients) {
      const period = 'periodStart=2026-01-01&periodEnd=2026-12-31';
      const report = await ours.fhir(
        'GET',
        `/Measure/childhood-immunization-status/$evaluate-measure?subject=Patient/${resource.id}&${period}`,
      );
      expect([report.status, report.json.resourceType, report.json.type]).toEqual([200, 'MeasureReport', 'individual']);
    }
  });

  test('the plan document is at the hospital once for each child', async () => {
    expect(await planDocuments()).toHaveLength(children.length);
  });

  test('a second sync changes nothing on either side', async () => {
    const [here, there] = [await versionsOf(ours), await versionsOf(hospital)];
    await sync();
    expect(await versionsOf(ours)).toBe(here);
    expect(await versionsOf(hospital)).toBe(there);
  });

  test('a goal added through the API enters the plan, and the hospital still has one document of it', async () => {
    const [{ resource: patient }] = (await ours.fhir('GET', '/Patient?_count=100')).json.entry;
    const goal = {
      resourceType: 'Goal',
      lifecycleStatus: 'active',
      description: { text: 'Ride the school bus with the others.' },
      subject: { reference: `Patient/${patient.id}` },
    };
    const created = await ours.fhir('POST', '/Goal', goal);
    expect(created.status).toBe(201);
    await sync();
    const plan = (
      await ours.fhir('GET', `/CarePlan?patient=${patient.id}&category=${planCategorySystem}|${sharedPlanCode}`)
    ).json.entry[0].resource;
    expect(plan.goal.map((reference: any) => reference.reference)).toContain(`Goal/${created.json.id}`);
    const documents = await planDocuments();
    expect(documents).toHaveLength(children.length);
    const texts = documents.map((entry: any) =>
      Buffer.from(entry.resource.content[0].attachment.data, 'base64').toString('utf8'),
    );
    expect(texts.filter((text: string) => text.includes('Ride the school bus with the others.'))).toHaveLength(1);
  });
});
