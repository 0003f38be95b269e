import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { leadCoordinatorUrl } from '../../src/fhir/plan-view/team.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../access/support/privacy-house.ts';

/**
 * Robin is looked after by a vendor that calls from far away. In summer the ACO's care manager begins in Robin's own practice and takes over by a warm
 * hand-off. For each day it can be said who served Robin, there was one lead all the time, and the banner always named whom to call.
 */
let house: PrivacyHouse;
const canonical = 'http://careweave.org/fhir';
const on = (day: string) => {
  house.at(`${day}T15:00:00Z`);
};

beforeAll(async () => {
  house = await openPrivacyHouse('2026-03-02T15:00:00Z');
});
afterAll(async () => {
  await house?.shut();
});

async function put(resource: { resourceType: string; id: string; [element: string]: unknown }): Promise<any> {
  const { status, json, text } = await house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  if (status >= 300) throw new Error(text);
  return json;
}
const get = async (path: string) => (await house.as('system', 'GET', path)).json;
const post = (path: string, parameters: Record<string, string>, who = 'system') =>
  house.as(who, 'POST', `/${path}`, {
    resourceType: 'Parameters',
    parameter: Object.entries(parameters).map(([name, valueString]) => ({ name, valueString })),
  });
const ok = async (path: string, parameters: Record<string, string>, who?: string) => {
  const { status, json, text } = await post(path, parameters, who);
  if (status !== 200) throw new Error(text);
  return json;
};
const reference = (of: string) => ({ reference: of });
const concept = (system: string, code: string) => ({ coding: [{ system: `${canonical}/CodeSystem/${system}`, code }] });

/** The banner as an EHR gets it. */
async function banner(): Promise<string | undefined> {
  const hook = house.modules.flatMap(({ hooks = [] }) => hooks).find(({ id }) => id === 'careweave-care-management');
  const cards = await hook?.cards({ patientId: 'robin', store: house.store });
  return cards?.ok ? cards.value[0]?.summary : undefined;
}

/** Who served Robin on a day: program, model, manager; and who led. */
async function served(day: string): Promise<{ by: string[]; lead: string | undefined }> {
  const { parameter } = await get(`/Patient/robin/$who-served?date=${day}`);
  const services = parameter.filter(({ name }: any) => name === 'service');
  const told = (part: any[], name: string) => {
    const found = part.find((one) => one.name === name);
    return found?.valueCode ?? found?.valueReference?.reference;
  };
  return {
    by: services.map(({ part }: any) =>
      ['model', 'program', 'manager', 'employer', 'worksite'].map((name) => told(part, name)).join(' '),
    ),
    lead: parameter.find(({ name }: any) => name === 'lead')?.valueReference.reference,
  };
}

const vendorCare =
  'external HealthcareService/remote-calls PractitionerRole/vera Organization/calls-inc Location/call-center';
const embeddedCare =
  'aco-embedded HealthcareService/in-practice PractitionerRole/gus Organization/aco Location/mill-street';
let vendor: string;
let embedded: string;

describe('a child moves from a vendor program to an embedded manager', () => {
  test('the town has both programs, told by the profiles', async () => {
    const organization = (id: string, name: string) => put({ resourceType: 'Organization', id, active: true, name });
    await organization('aco', 'Alder Accountable Care');
    await organization('calls-inc', 'Calls Incorporated');
    await organization('practice', 'Mill Street Pediatrics');
    for (const [id, name] of [
      ['call-center', 'Call center'],
      ['mill-street', '22 Mill Street'],
    ] as const)
      await put({ resourceType: 'Location', id, status: 'active', name });
    const program = (id: string, name: string, model: string, owner: string) =>
      put({
        resourceType: 'HealthcareService',
        id,
        meta: { profile: [`${canonical}/StructureDefinition/care-management-program`] },
        active: true,
        name,
        type: [concept('care-management-model', model)],
        providedBy: reference(`Organization/${owner}`),
      });
    await program('remote-calls', 'Daily calls', 'external', 'calls-inc');
    await program('in-practice', 'Care managers in practices', 'aco-embedded', 'aco');
    await put({
      resourceType: 'OrganizationAffiliation',
      id: 'contract',
      active: true,
      organization: reference('Organization/aco'),
      participatingOrganization: reference('Organization/calls-inc'),
      period: { start: '2026-01-01', end: '2026-12-31' },
    });
    const person = async (
      id: string,
      family: string,
      at: { employer: string; place: string; program?: string; phone: string },
    ) => {
      await put({ resourceType: 'Practitioner', id, name: [{ given: [id], family }] });
      await put({
        resourceType: 'PractitionerRole',
        id,
        ...(at.program && { meta: { profile: [`${canonical}/StructureDefinition/care-manager-role`] } }),
        active: true,
        practitioner: reference(`Practitioner/${id}`),
        organization: reference(`Organization/${at.employer}`),
        location: [reference(`Location/${at.place}`)],
        ...(at.program && { healthcareService: [reference(`HealthcareService/${at.program}`)] }),
        telecom: [{ system: 'phone', value: at.phone }],
      });
    };
    await person('vera', 'Quill', {
      employer: 'calls-inc',
      place: 'call-center',
      program: 'remote-calls',
      phone: '+1-555-0191',
    });
    await person('gus', 'Whitfield', {
      employer: 'aco',
      place: 'mill-street',
      program: 'in-practice',
      phone: '+1-555-0140',
    });
    await person('imogen', 'Bellwether', { employer: 'practice', place: 'mill-street', phone: '+1-555-0120' });
    await put({
      resourceType: 'Patient',
      id: 'robin',
      name: [{ given: ['Robin'], family: 'Example' }],
      generalPractitioner: [reference('Practitioner/imogen')],
    });
    await put({
      resourceType: 'Consent',
      id: 'robin-yes',
      status: 'active',
      scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }] },
      category: [concept('program-consent', 'care-management')],
      patient: reference('Patient/robin'),
      dateTime: '2026-03-01',
      policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    });
    expect(await banner()).toBeUndefined();
  });

  test('the vendor enrolls Robin, and primary care is told', async () => {
    const enrolled = await ok('Patient/robin/$enroll', {
      program: 'HealthcareService/remote-calls',
      organization: 'Organization/aco',
      status: 'active',
      eligibleFrom: '2026-02-01',
      careManager: 'PractitionerRole/vera',
      consent: 'Consent/robin-yes',
    });
    vendor = enrolled.id;
    const told = await house.as('system', 'PUT', `/EpisodeOfCare/${vendor}`, {
      ...enrolled,
      meta: { profile: [`${canonical}/StructureDefinition/care-management-enrollment`] },
    });
    expect(told.status).toBe(200);
    expect(await banner()).toBe('In care management: vera Quill, +1-555-0191');
    const { entry } = await get('/Communication?subject=Patient/robin');
    expect(entry.map(({ resource }: any) => resource.recipient)).toEqual([[{ reference: 'Practitioner/imogen' }]]);
    const notice = `Communication/${entry[0].resource.id}/$acknowledge`;
    expect((await post(notice, {}, 'Practitioner/gus')).status).toBe(422);
    expect((await ok(notice, {}, 'Practitioner/imogen')).received).toBe('2026-03-02T15:00:00.000Z');
    expect(await served('2026-03-02')).toEqual({ by: [vendorCare], lead: 'PractitionerRole/vera' });
    expect(await served('2026-02-28')).toEqual({ by: [], lead: undefined });
  });

  test('the embedded program begins beside it only when one lead is named for both', async () => {
    on('2026-06-01');
    embedded = (
      await ok('Patient/robin/$enroll', { program: 'HealthcareService/in-practice', eligibleFrom: '2026-05-20' })
    ).id;
    const starting = { status: 'active', careManager: 'PractitionerRole/gus', consent: 'Consent/robin-yes' };
    const blocked = await post(`EpisodeOfCare/${embedded}/$move-enrollment`, starting);
    expect([blocked.status, blocked.text]).toEqual([422, expect.stringMatching(/one-lead-across-programs/)]);
    expect(await banner()).toBe('In care management: vera Quill, +1-555-0191');
    await ok(`EpisodeOfCare/${embedded}/$move-enrollment`, { ...starting, lead: 'PractitionerRole/gus' });
    expect(await banner()).toBe('In care management (2 programs): gus Whitfield, +1-555-0140');
  });

  test('the two hand over warmly, each confirming for themselves, and the vendor ends', async () => {
    await put({
      resourceType: 'Task',
      id: 'hand-off',
      status: 'requested',
      intent: 'plan',
      code: concept('care-task', 'warm-hand-off'),
      focus: reference(`EpisodeOfCare/${embedded}`),
      for: reference('Patient/robin'),
      requester: reference('PractitionerRole/vera'),
      owner: reference('PractitionerRole/gus'),
    });
    on('2026-06-10');
    await ok('Task/hand-off/$confirm-hand-off', {}, 'Practitioner/gus');
    const forOther = { party: 'PractitionerRole/vera' };
    expect((await post('Task/hand-off/$confirm-hand-off', forOther, 'Practitioner/gus')).status).toBe(422);
    expect((await get('/Task/hand-off')).status).toBe('requested');
    await ok('Task/hand-off/$confirm-hand-off', {}, 'Practitioner/vera');
    expect((await get('/Task/hand-off')).status).toBe('completed');
    on('2026-06-15');
    await ok(`EpisodeOfCare/${vendor}/$move-enrollment`, { status: 'finished', reason: 'transferred' });
    expect(await banner()).toBe('In care management: gus Whitfield, +1-555-0140');
    const back = await post(`EpisodeOfCare/${vendor}/$move-enrollment`, { status: 'active' });
    expect(back.status).toBe(422);
  });

  test('S4.14 for any day it can be said who served Robin, and who led', async () => {
    on('2026-07-01');
    expect(await served('2026-05-31')).toEqual({ by: [vendorCare], lead: 'PractitionerRole/vera' });
    expect(await served('2026-06-01')).toEqual({ by: [vendorCare, embeddedCare], lead: 'PractitionerRole/gus' });
    expect(await served('2026-06-15')).toEqual({ by: [vendorCare, embeddedCare], lead: 'PractitionerRole/gus' });
    expect(await served('2026-06-16')).toEqual({ by: [embeddedCare], lead: 'PractitionerRole/gus' });
    expect(await served('2026-06-30')).toEqual({ by: [embeddedCare], lead: 'PractitionerRole/gus' });
  });

  test('at every moment since the first enrollment there was exactly one lead', async () => {
    const { entry } = await get('/CareTeam?patient=Patient/robin');
    const leads = entry[0].resource.participant.filter(({ extension = [] }: any) =>
      extension.some(({ url }: any) => url === leadCoordinatorUrl),
    );
    const periods = leads.map(({ member, period }: any) => [
      member.reference,
      period.start.slice(0, 10),
      period.end?.slice(0, 10),
    ]);
    expect(periods).toEqual([
      ['PractitionerRole/vera', '2026-03-02', '2026-06-01'],
      ['PractitionerRole/gus', '2026-06-01', undefined],
    ]);
    expect(leads[0].period.end).toBe(leads[1].period.start);
    const timeline = await get(`/CareTeam/${entry[0].resource.id}/$timeline`);
    const left = timeline.parameter.filter(({ part }: any) => part.some((one: any) => one.valueCode === 'left'));
    expect(
      left.map(({ part }: any) => part.find((one: any) => one.name === 'member').valueReference.reference),
    ).toContain('PractitionerRole/vera');
  });

  test('the Flags say what the enrollments say, and each change of the team has Provenance', async () => {
    const { entry } = await get('/Flag?patient=Patient/robin');
    const flags = entry.map(({ resource }: any) => [resource.status, resource.period.start, resource.period.end]);
    expect(flags).toEqual(
      expect.arrayContaining([
        ['inactive', '2026-03-02', '2026-06-15'],
        ['active', '2026-06-01', undefined],
      ]),
    );
    const team = (await get('/CareTeam?patient=Patient/robin')).entry[0].resource;
    const history = await get(`/CareTeam/${team.id}/_history`);
    const provenance = await get(`/Provenance?target=CareTeam/${team.id}&_count=50`);
    expect(provenance.entry.length).toBeGreaterThan(2);
    expect(history.total).toBeGreaterThan(2);
  });

  test('the months tell control from treated, program by program', async () => {
    const { parameter } = await get('/HealthcareService/remote-calls/$person-months');
    const states = parameter.map(({ part }: any) => part.find(({ name }: any) => name === 'state').valueCode);
    // Eligible since February, enrolled on 2 March: on the first of March it was not yet.
    expect(states).toEqual(['control', 'control', 'treated', 'treated', 'treated', 'ended']);
  });
});
