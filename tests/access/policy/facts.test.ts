import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRole } from '../../../src/access/policy/roles.ts';
import { unwrap } from '../../support/house.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const doctor = 'Practitioner/pv-doctor';
const officer = 'Practitioner/pv-officer';
const mother = 'RelatedPerson/pv-custody-mother';
const child = 'Patient/pv-custody';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('custody', 'confidential-visit', 'turning-eighteen', 'newborn', 'emancipated-mother');
}, 60_000);
afterAll(() => house.shut());

const get = (who: string, path: string) => house.as(who, 'GET', path);
const status = async (who: string, path: string) => (await get(who, path)).status;
const security = (...codes: string[]) =>
  codes.map((code) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code }));
const consentscope = 'http://terminology.hl7.org/CodeSystem/consentscope';
const consent = (id: string, basis: string | undefined, patient: string, provision: object) => ({
  resourceType: 'Consent',
  id,
  status: 'active',
  scope: { coding: [{ system: consentscope, code: 'patient-privacy' }] },
  category: [
    basis === undefined
      ? { coding: [{ system: 'http://loinc.org', code: '59284-0' }] }
      : { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/proxy-basis', code: basis }] },
  ],
  patient: { reference: patient },
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
  verification: [{ verified: true }],
  provision,
});
const actor = (reference: string) => ({
  actor: [
    {
      role: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' }] },
      reference: { reference },
    },
  ],
});
const flag = (id: string, code: string, patient: string, more: object = {}) => ({
  resourceType: 'Flag',
  id,
  status: 'active',
  code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/privacy-flag', code }] },
  subject: { reference: patient },
  ...more,
});
const put = (who: string, resource: { resourceType: string; id: string }) =>
  house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource);

describe('a label stays', () => {
  const condition = (codes: string[]) => ({
    resourceType: 'Condition',
    id: 'pv-labelled',
    ...(codes.length > 0 && { meta: { security: security(...codes) } }),
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    code: { text: `invented ${codes.length}` },
    subject: { reference: child },
  });
  const labels = async () =>
    (await get(officer, '/Condition/pv-labelled')).json.meta.security?.map(({ code }: any) => code);

  test('PP-31 PUT, PATCH, a transaction, $meta-delete, and deleting and writing anew do not strip it', async () => {
    expect((await put('system', condition(['ADOL']))).status).toBe(201);
    expect(await status(mother, '/Condition/pv-labelled')).toBe(404);
    expect((await put(doctor, condition([]))).status).toBe(200);
    expect(await labels()).toEqual(['ADOL']);
    const path = '/Condition/pv-labelled';
    const patch = [{ op: 'remove', path: '/meta/security' }];
    const patched = await house.as(doctor, 'PATCH', path, patch, { 'Content-Type': 'application/json-patch+json' });
    expect(patched.status).toBe(200);
    expect(await labels()).toEqual(['ADOL']);
    const entry = [{ resource: condition([]), request: { method: 'PUT', url: 'Condition/pv-labelled' } }];
    expect((await house.as('system', 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(
      200,
    );
    expect(await labels()).toEqual(['ADOL']);
    const meta = {
      resourceType: 'Parameters',
      parameter: [{ name: 'meta', valueMeta: { security: security('ADOL') } }],
    };
    expect((await house.as(doctor, 'POST', `${path}/$meta-delete`, meta)).status).toBe(200);
    expect(await labels()).toEqual(['ADOL']);
    const reason = [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/ending-reason', code: 'mistake' }] }];
    const agent = [{ who: { display: 'The doctor' } }];
    const told = { resourceType: 'Provenance', recorded: '2026-06-01T12:00:00Z', reason, agent };
    const why = { 'X-Provenance': JSON.stringify(told) };
    expect((await house.as(doctor, 'DELETE', path, undefined, why)).status).toBeLessThan(300);
    expect((await put('system', condition([]))).status).toBe(201);
    expect(await labels()).toEqual(['ADOL']);
    expect(await status(mother, path)).toBe(404);
  });

  test('PP-31 anybody adds one, and not even a privacy officer takes one away by leaving it out', async () => {
    expect((await put(doctor, condition(['ADOL', 'BH']))).status).toBe(200);
    expect(await labels()).toEqual(['ADOL', 'BH']);
    expect((await put(officer, condition([]))).status).toBe(200);
    expect(await labels()).toEqual(['ADOL', 'BH']);
    expect(await status(mother, '/Condition/pv-labelled')).toBe(404);
  });

  test('PP-30 what a confidential visit produced is confidential with it, from the moment that it becomes so', async () => {
    const visit = {
      resourceType: 'Encounter',
      id: 'pv-becoming',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: child },
    };
    const produced = { ...condition([]), id: 'pv-produced', encounter: { reference: 'Encounter/pv-becoming' } };
    await put('system', visit);
    await put('system', produced);
    expect(await status(mother, '/Condition/pv-produced')).toBe(200);
    await put('system', { ...visit, ...{ meta: { security: security('PHY') } } });
    expect(await status(mother, '/Condition/pv-produced')).toBe(404);
  });

  test('PP-30 a goal is as confidential as what it is for', async () => {
    const goal = {
      resourceType: 'Goal',
      id: 'pv-for-something',
      lifecycleStatus: 'active',
      description: { text: 'An invented goal' },
      subject: { reference: child },
      addresses: [{ reference: 'Condition/pv-addressed' }],
    };
    await put('system', { ...condition([]), id: 'pv-addressed' });
    expect((await put('system', goal)).status).toBe(201);
    expect(await status(mother, '/Goal/pv-for-something')).toBe(200);
    await put('system', { ...condition(['ADOL']), id: 'pv-addressed' });
    expect(await status(mother, '/Goal/pv-for-something')).toBe(404);
    expect(await status(doctor, '/Goal/pv-for-something')).toBe(200);
  });
});

describe('who says who may see', () => {
  test('PP-01 PP-03 nobody makes himself a proxy, and kinship gives nothing', async () => {
    const aunt = 'RelatedPerson/pv-custody-aunt';
    const own = consent('pv-own', 'parent', child, { type: 'permit', ...actor(aunt) });
    const { id: _id, ...unnamed } = own;
    for (const who of [aunt, mother, 'Patient/pv-confidential-visit'])
      for (const answer of [await put(who, own), await house.as(who, 'POST', '/Consent', unnamed)])
        expect(answer.status).toBeGreaterThanOrEqual(403);
    expect(await status(aunt, `/${child}`)).toBe(404);
    expect((await put('system', own)).status).toBe(201);
    expect(await status(aunt, `/${child}`)).toBe(200);
    // Ended here, it is over at once.
    expect((await put(doctor, { ...own, ...{ status: 'inactive' } })).status).toBe(200);
    expect(await status(aunt, `/${child}`)).toBe(404);
  });

  test('PP-08 a teen gives and ends a grant, of the teen’s own kind only, and no proxy touches it', async () => {
    const teen = 'Patient/pv-confidential-visit';
    const aunt = 'RelatedPerson/pv-confidential-visit-aunt';
    const mom = 'RelatedPerson/pv-confidential-visit-mother';
    const given = await get(teen, '/Consent/pv-confidential-visit-teens-leave');
    expect(given.status).toBe(200);
    expect([404, 422]).toContain((await put(mom, { ...given.json, status: 'inactive' })).status);
    expect((await put(teen, { ...given.json, status: 'inactive' })).status).toBe(200);
    expect(await status(aunt, `/${teen}`)).toBe(404);
    const made = consent('', 'teen-authorised', teen, { type: 'permit', ...actor(aunt) });
    const { id: _id, ...unnamed } = made;
    expect((await house.as(teen, 'POST', '/Consent', unnamed)).status).toBe(201);
    expect(await status(aunt, `/${teen}`)).toBe(200);
    const parents = { ...unnamed, category: consent('', 'parent', teen, {}).category };
    expect((await house.as(teen, 'POST', '/Consent', parents)).status).toBe(403);
    expect(await status(teen, '/Consent/pv-confidential-visit-mother-proxy')).toBe(404);
  });

  test('PP-20 a denial that names categories keeps these back, and where the child is', async () => {
    const grandmother = 'RelatedPerson/pv-newborn-grandmother';
    const infant = 'Patient/pv-newborn';
    const at = { address: [{ city: 'Foxglove' }], telecom: [{ system: 'phone', value: '555-0177' }] };
    const { json: patient } = await get('system', `/${infant}`);
    await put('system', { ...patient, ...at, managingOrganization: { reference: 'Organization/pv-clinic' } });
    await put('system', consent('pv-grandmother', 'parent', infant, { type: 'permit', ...actor(grandmother) }));
    const before = await get(grandmother, `/${infant}`);
    expect(before.text).toContain('555-0177');
    const kept = {
      type: 'deny',
      ...actor(grandmother),
      securityLabel: [{ system: 'http://careweave.org/fhir/CodeSystem/sensitivity', code: 'WHEREABOUTS' }],
    };
    await put('system', consent('pv-kept', undefined, infant, kept));
    const after = await get(grandmother, `/${infant}`);
    expect([after.status, after.json.address, after.json.telecom, after.json.managingOrganization]).toEqual([
      200,
      undefined,
      undefined,
      undefined,
    ]);
    const visit = await get(grandmother, '/Encounter/pv-newborn-birth-visit');
    expect(visit.status).toBe(200);
    for (const word of ['pv-room', 'Teasel', 'pv-clinic', 'Foxglove']) expect(visit.text).not.toContain(word);
    expect((await get(grandmother, '/Patient?address-city=Foxglove')).status).toBe(403);
    expect((await get(grandmother, '/Appointment')).json.entry).toBeUndefined();
    expect((await get('RelatedPerson/pv-newborn-father', `/${infant}`)).text).toContain('555-0177');
  });

  test('PP-20 a denial wins over what another child gives', async () => {
    const father = 'RelatedPerson/pv-custody-father';
    expect(await status(father, `/${child}`)).toBe(404);
    const both = {
      resourceType: 'Person',
      id: 'pv-both',
      link: [{ target: { reference: father } }, { target: { reference: 'RelatedPerson/pv-newborn-father' } }],
    };
    await put('system', both);
    expect(await status('Person/pv-both', '/Patient/pv-newborn')).toBe(200);
    expect(await status('Person/pv-both', `/${child}`)).toBe(404);
    const { json } = await get('Person/pv-both', '/Patient');
    expect(json.entry.map(({ resource }: any) => resource.id)).toEqual(['pv-newborn']);
    await put('system', { ...both, active: false } as typeof both);
    expect((await get('Person/pv-both', '/Patient')).json.entry).toBeUndefined();
  });

  test('PP-24 a safe address is told to the listed roles, and found by nobody else', async () => {
    expect((await get(doctor, `/${child}`)).text).toContain('Hidden Hollow');
    await put('system', flag('pv-safe', 'safe-address', child));
    const told = await get(doctor, `/${child}`);
    expect([told.status, told.json.address]).toEqual([200, undefined]);
    expect(told.text).not.toContain('Hollow');
    for (const asked of [
      '/Patient?address=12%20Hidden',
      '/Patient?phone=555-0110',
      '/Observation?patient.address=12%20Hidden',
      '/Patient?address=12%20Hidden&_summary=count',
    ])
      expect((await get(doctor, asked)).text).not.toContain('pv-custody');
    expect((await get(doctor, '/Patient?address=12%20Hidden&_total=accurate')).json.total).toBe(0);
    expect((await get(officer, '/Patient?address=12%20Hidden')).json.entry).toHaveLength(1);
    expect((await get(mother, `/${child}`)).text).not.toContain('Hollow');
    await house.as('system', 'DELETE', '/Flag/pv-safe');
  });

  test('PP-05 emancipation begins on its day; without one it takes from others, and gives the teen nothing', async () => {
    const teen = 'Patient/pv-turning-eighteen';
    const father = 'RelatedPerson/pv-turning-eighteen-father';
    const leave = '/Consent/pv-turning-eighteen-mine';
    await put(
      'system',
      consent('pv-turning-eighteen-mine', 'adult-child-authorised', teen, { type: 'permit', ...actor(father) }),
    );
    await put('system', flag('pv-free', 'emancipated', teen));
    expect(await status(father, `/${teen}`)).toBe(404);
    expect(await status(teen, leave)).toBe(404);
    await put('system', flag('pv-free', 'emancipated', teen, { period: { start: '2026-11-24' } }));
    expect(await status(father, `/${teen}`)).toBe(200);
    await put('system', flag('pv-free', 'emancipated', teen, { period: { start: '2026-11-23' } }));
    expect(await status(father, `/${teen}`)).toBe(404);
    expect(await status(teen, leave)).toBe(200);
    await house.as('system', 'DELETE', '/Flag/pv-free');
  });

  test('PP-54 a patient who does not want a clinician to see the chart', async () => {
    await put(
      'system',
      consent('pv-not-her', undefined, 'Patient/pv-turning-eighteen', {
        type: 'deny',
        ...actor('Practitioner/pv-colleague'),
      }),
    );
    expect(await status('Practitioner/pv-colleague', '/Condition/pv-turning-eighteen-asthma')).toBe(404);
    expect(await status(doctor, '/Condition/pv-turning-eighteen-asthma')).toBe(200);
  });

  test('PP-01 who is nobody that we know sees nothing, and a role is for staff alone', async () => {
    for (const who of ['RelatedPerson/never-was', 'Person/never-was', 'Device/x', 'Organization/pv-clinic', 'x'])
      for (const path of [`/${child}`, '/Organization/pv-clinic'])
        expect([who, await status(who, path)]).toEqual([who, 404]);
    expect((await addRole(house.store, mother, 'privacy-officer')).ok).toBe(false);
    expect((await addRole(house.store, doctor, 'king')).ok).toBe(false);
    unwrap(await addRole(house.store, doctor, 'administrator'));
    expect(await house.command('role', 'list')).toContain(`${doctor}\tadministrator`);
  });
});
