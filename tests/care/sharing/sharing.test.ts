import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRole } from '../../../src/access/policy/roles.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../../access/support/privacy-house.ts';
import { unwrap } from '../../support/house.ts';

let house: PrivacyHouse;
const child = 'Patient/pv-school-day';
const mother = 'RelatedPerson/pv-school-day-mother';
const stranger = 'RelatedPerson/pv-custody-mother';
const doctor = 'Practitioner/pv-doctor';
const officer = 'Practitioner/pv-officer';
const helper = 'Practitioner/pv-school-day-helper';
const pantry = 'Organization/pv-school-day-pantry';
const school = 'Organization/pv-school-day-school';
const vendor = 'Organization/pv-school-day-vendor';
const clinic = 'Organization/pv-clinic';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('school-day', 'custody', 'turning-twelve');
  unwrap(await addRole(house.store, officer, 'privacy-officer'));
}, 60_000);
afterAll(() => house.shut());

const read = async (path: string) => (await house.as('system', 'GET', `/${path}`)).json;
const put = (who: string, resource: any) => house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
const post = (who: string, resource: any) => {
  const { id: _id, meta: _meta, ...unnamed } = resource;
  return house.as(who, 'POST', `/${resource.resourceType}`, unnamed);
};
const operate = (who: string, name: string, values: Record<string, string | boolean>, patient = child) =>
  house.as(who, 'POST', `/${patient}/$${name}`, {
    resourceType: 'Parameters',
    parameter: Object.entries(values).map(([key, value]) =>
      typeof value === 'boolean'
        ? { name: key, valueBoolean: value }
        : { name: key, [key === 'until' ? 'valueDate' : key === 'organization' ? 'valueString' : 'valueCode']: value },
    ),
  });
const textOf = ({ json }: any): string => json.issue?.[0]?.details?.text ?? '';
const refused = async (answer: any, words: RegExp) => {
  const { status, text } = await answer;
  expect([status, text]).toEqual([422, expect.stringMatching(words)]);
};

describe('rules about consents to share', () => {
  const leave = () => read('Consent/pv-school-day-pantry-leave');

  test('one without an end, a purpose, a partner, somebody who decides or the warning is refused, whoever writes it', async () => {
    const good = await leave();
    const { provision } = good;
    const without = (name: string) => ({ ...good, provision: { ...provision, [name]: undefined } });
    const actors = (...names: string[]) => ({
      ...good,
      provision: {
        ...provision,
        actor: names.map((reference) => ({ ...provision.actor[0], reference: { reference } })),
      },
    });
    await refused(post('system', without('period')), /from when until when/);
    await refused(
      post('system', { ...good, provision: { ...provision, period: { start: '2026-09-01' } } }),
      /from when/,
    );
    await refused(post('system', without('purpose')), /for what/);
    await refused(post('system', without('actor')), /names partner organizations/);
    await refused(post('system', actors('Organization/never-was')), /names partner organizations/);
    await refused(post('system', actors(clinic)), /names partner organizations/);
    await refused(post('system', { ...good, performer: undefined }), /who decides/);
    await refused(post('system', { ...good, performer: [{ reference: stranger }] }), /who decides/);
    await refused(post('system', { ...good, performer: [{ reference: doctor }] }), /who decides/);
    await refused(post('system', { ...good, extension: undefined }), /HIPAA does not protect/);
    await refused(
      post('system', { ...good, provision: { ...provision, dataPeriod: { start: '2026-01-01' } } }),
      /not followed/,
    );
    expect((await post('system', good)).status).toBe(201);
  });

  test('a family gives it in its own name, staff with what was signed; a partner gives none', async () => {
    const good = await leave();
    expect((await post(mother, good)).status).toBe(201);
    expect((await post(stranger, good)).status).toBeGreaterThanOrEqual(403);
    expect((await post(helper, good)).status).toBeGreaterThanOrEqual(403);
    await refused(post(doctor, good), /keeps what they signed/);
    const signed = { ...good, sourceAttachment: { title: 'Signed form', contentType: 'application/pdf' } };
    expect((await post(doctor, signed)).status).toBe(201);
  });

  test('what is sensitive about a teen only the teen shares, and a proxy whose time is over shares nothing', async () => {
    const good = await leave();
    const teen = 'Patient/pv-turning-twelve';
    const father = 'RelatedPerson/pv-turning-twelve-father';
    const label = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'SUD' }];
    const of = (giver: string, more: object = {}) => ({
      ...good,
      patient: { reference: teen },
      performer: [{ reference: giver }],
      provision: { ...good.provision, period: { start: '2026-11-23', end: '2027-06-30' }, ...more },
    });
    house.at('2026-11-24T12:00:00-05:00');
    expect((await post(father, of(father))).status).toBe(201);
    await refused(post(father, of(father, { securityLabel: label })), /only the young person/);
    expect((await post(teen, of(teen, { securityLabel: label }))).status).toBe(201);
    await refused(post(teen, of(father)), /own name/);
    // Of the teen's own leave the father is told nothing.
    const { json } = await house.as(father, 'GET', `/Consent?patient=${teen}`);
    expect(json.entry.map(({ resource }: any) => resource.performer[0].reference)).toEqual([father]);
    const shown = await house.as(father, 'GET', `/${teen}/$sharing`);
    expect(shown.text).not.toMatch(/SUD|"patient"/);
    house.at('2032-11-24T12:00:00-05:00');
    await refused(post('system', of(father)), /who decides/);
    house.at('2026-11-23T12:00:00-05:00');
  });

  test('a family ends what it gave and changes nothing else; what was ended is not begun again', async () => {
    const made = await post(mother, await leave());
    const id = made.headers.get('location')?.split('/Consent/')[1]?.split('/')[0];
    const told = (await house.as(mother, 'GET', `/Consent/${id}`)).json;
    const wider = { ...told, provision: { ...told.provision, class: undefined }, status: 'inactive' };
    expect((await put(mother, wider)).status).toBe(200);
    expect(await read(`Consent/${id}`)).toMatchObject({ status: 'inactive', provision: { class: [{}, {}, {}] } });
    await refused(put(mother, told), /not begun again/);
    expect((await house.as(mother, 'DELETE', `/Consent/${id}`)).status).toBe(403);
  });
});

describe('rules about who makes a proxy', () => {
  const proxy = async (more: object = {}) => ({ ...(await read('Consent/pv-school-day-mother-proxy')), ...more });
  const aunt = 'RelatedPerson/pv-custody-aunt';

  test('PP-01 nobody of the staff does without evidence and without a name of who gave it, nor for themselves', async () => {
    const basis = (code: string) => [
      { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/proxy-basis', code }] },
    ];
    const given = { performer: [{ reference: mother }] };
    const verified = {
      verification: [{ verified: true, verifiedWith: { reference: mother }, verificationDate: '2026-11-20' }],
    };
    await refused(post(doctor, await proxy()), /who has given it/);
    await refused(post(doctor, await proxy({ ...given })), /what it rests on/);
    await refused(
      post(doctor, await proxy({ ...given, ...verified, category: basis('guardian') })),
      /what it rests on/,
    );
    await refused(
      post(doctor, await proxy({ ...given, ...verified, category: basis('teen-authorised') })),
      /own to give/,
    );
    const own = await proxy({ ...given, ...verified });
    const toSelf = {
      ...own,
      provision: { ...own.provision, actor: [{ ...own.provision.actor[0], reference: { reference: doctor } }] },
    };
    await refused(post(doctor, toSelf), /themselves/);
    const made = await post(doctor, own);
    expect(made.status).toBe(201);
    // To end it is always possible, and so is a privacy officer's own word.
    expect((await put(doctor, { ...made.json, status: 'inactive' })).status).toBe(200);
    expect(
      (
        await post(
          officer,
          await proxy({
            provision: { ...own.provision, actor: [{ ...own.provision.actor[0], reference: { reference: aunt } }] },
          }),
        )
      ).status,
    ).toBe(201);
    expect((await post(mother, await proxy())).status).toBe(403);
  });
});

describe('the agreement registry', () => {
  test('is kept by privacy officers; one in force has two sides that are here and a term', async () => {
    const good = await read('Contract/pv-school-day-pantry-agreement');
    expect((await post(doctor, good)).status).toBe(403);
    expect((await put(doctor, { ...good, status: 'terminated' })).status).toBe(403);
    expect((await post(helper, good)).status).toBeGreaterThanOrEqual(403);
    await refused(post(officer, { ...good, applies: { start: '2026-08-01' } }), /until when/);
    await refused(
      post(officer, { ...good, signer: good.signer.slice(1) }),
      /by a partner organization and by one that is none/,
    );
    const nobody = { ...good.signer[0], party: { reference: 'Organization/never-was' } };
    await refused(post(officer, { ...good, signer: [nobody, good.signer[1]] }), /that is here/);
    expect((await post(officer, good)).status).toBe(201);
  });
});

describe('what is sent to a partner', () => {
  const task = (owner: string, more: object = {}) => ({
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    description: 'An invented task',
    for: { reference: child },
    requester: { reference: doctor },
    owner: { reference: owner },
    ...more,
  });

  test('S2.17 a disclosure with no consent or agreement is blocked and logged', async () => {
    const other = { for: { reference: 'Patient/pv-custody' } };
    await refused(post(doctor, task(pantry, other)), /disclosure: The family has not allowed/);
    await refused(post(doctor, task(helper, other)), /disclosure: The family has not allowed/);
    await refused(post('system', task(school, other)), /disclosure/);
    const message = {
      resourceType: 'Communication',
      status: 'completed',
      subject: other.for,
      sender: { reference: doctor },
      recipient: [{ reference: pantry }],
      payload: [{ contentString: 'Invented' }],
    };
    await refused(post(doctor, message), /disclosure/);
    // A draft tells nobody anything; sent, it would.
    const draft = await post(doctor, task(pantry, { ...other, status: 'draft' }));
    expect(draft.status).toBe(201);
    await refused(put(doctor, { ...draft.json, status: 'requested' }), /disclosure/);
    const agreement = await read('Contract/pv-school-day-pantry-agreement');
    const all = (await house.as('system', 'GET', `/Contract?signer=${pantry}&_count=50`)).json.entry.map(
      ({ resource }: any) => resource,
    );
    for (const one of all) expect((await put('system', { ...one, status: 'terminated' })).status).toBe(200);
    await refused(post(doctor, task(pantry)), /no data sharing agreement/);
    expect((await put('system', agreement)).status).toBe(200);
    expect((await post(doctor, task(pantry))).status).toBe(201);
    expect((await post(doctor, message && { ...message, subject: { reference: child } })).status).toBe(201);
    const { json } = await house.as(officer, 'GET', `/AuditEvent?agent=${doctor}&outcome=4&_count=200`);
    const creates = json.entry.filter(({ resource }: any) =>
      resource.subtype?.some(({ code }: any) => code === 'create'),
    );
    expect(creates.length).toBeGreaterThanOrEqual(4);
    expect(JSON.stringify(creates[0].resource)).toContain(doctor);
  });
});

describe('what a family sees and does on its screens', () => {
  const partner = (answer: any, organization: string) => {
    const found = (answer.json.parameter ?? []).find(({ part }: any) =>
      part.some((one: any) => one.valueReference?.reference === organization),
    );
    const values = (name: string) =>
      (found?.part ?? [])
        .filter((one: any) => one.name === name)
        .map((one: any) => one.valueString ?? one.valueCode ?? one.valueBoolean);
    return { found, values };
  };

  test('S3.12 in plain words who is told what and why; not for strangers, not for partners', async () => {
    const told = await house.as(mother, 'GET', `/${child}/$sharing`);
    const { values } = partner(told, school);
    expect([values('sees'), values('leave'), values('agreement')]).toEqual([[true], ['given'], [true]]);
    expect(values('because').sort()).toEqual(['task', 'team']);
    expect(values('what')).toEqual(expect.arrayContaining(['the school plan', 'the emergency plan', 'allergies']));
    expect(values('warning')[0]).toMatch(/HIPAA/);
    expect(partner(told, vendor).values('leave')).toEqual(['not-needed']);
    expect(partner(told, pantry).values('what')).not.toContain('allergies');
    const absent = await house.as(stranger, 'GET', '/Patient/zz-never/$sharing');
    const hidden = await house.as(stranger, 'GET', `/${child}/$sharing`);
    expect([hidden.status, hidden.text]).toEqual([404, absent.text]);
    expect((await house.as(helper, 'GET', `/${child}/$sharing`)).status).toBe(403);
    expect((await house.as(doctor, 'GET', `/${child}/$sharing`)).status).toBe(200);
  });

  test('S3.12 stops a partner: its next read is denied, and the log shows both', async () => {
    expect((await house.as(helper, 'GET', `/${child}`)).status).toBe(200);
    expect((await operate(stranger, 'stop-sharing', { organization: pantry })).status).toBe(404);
    expect((await operate(doctor, 'stop-sharing', { organization: pantry })).status).toBe(403);
    expect((await operate(mother, 'stop-sharing', { organization: clinic })).status).toBe(400);
    const stopped = await operate(mother, 'stop-sharing', { organization: pantry });
    expect([stopped.status, stopped.json.parameter[0].valueInteger > 0]).toEqual([200, true]);
    expect((await house.as(helper, 'GET', `/${child}`)).status).toBe(404);
    expect((await house.as(helper, 'GET', '/Task?_summary=count')).json.total).toBe(0);
    const { json } = await house.as(mother, 'GET', `/${child}/$access-log`);
    const events = json.parameter.filter(({ name }: any) => name === 'event').map(({ part }: any) => part);
    const said = events.map((part: any[]) => [
      part.find(({ name }) => name === 'whoText')?.valueString,
      part.some(({ name }) => name === 'denied'),
    ]);
    const [latest] = said.filter(([who]: any) => who === 'Foxglove Pantry');
    expect(latest).toEqual(['Foxglove Pantry', true]);
    expect(said).toContainEqual(['Foxglove Pantry', false]);
    expect(partner(await house.as(mother, 'GET', `/${child}/$sharing`), pantry).values('sees')).toEqual([false]);
  });

  test('S3.12 shares again, after the warning was read, and until a day', async () => {
    const wish = { organization: pantry, until: '2027-03-31' };
    expect((await operate(stranger, 'share', { ...wish, understood: true })).status).toBe(404);
    expect((await operate(doctor, 'share', { ...wish, understood: true })).status).toBe(403);
    await refused(operate(mother, 'share', wish), /HIPAA does not protect/);
    expect((await operate(mother, 'share', { organization: pantry, understood: true })).status).toBe(400);
    expect((await operate(mother, 'share', { ...wish, until: '2026-01-01', understood: true })).status).toBe(400);
    const shared = await operate(mother, 'share', { ...wish, understood: true, type: 'Patient' });
    expect([shared.status, textOf(shared)]).toEqual([200, '']);
    expect((await house.as(helper, 'GET', `/${child}`)).status).toBe(200);
    expect((await house.as(helper, 'GET', '/Task?_summary=count')).json.total).toBe(0);
    house.at('2027-04-01T12:00:00-04:00');
    expect((await house.as(helper, 'GET', `/${child}`)).status).toBe(404);
    house.at('2026-11-23T12:00:00-05:00');
  });

  test('S3.12 stops a partner that needs no leave, and takes that back', async () => {
    const manager = 'Practitioner/pv-school-day-manager';
    expect((await house.as(manager, 'GET', `/${child}`)).status).toBe(200);
    const stopped = await operate(mother, 'stop-sharing', { organization: vendor });
    expect(stopped.json.parameter).toContainEqual({ name: 'denied', valueBoolean: true });
    expect((await house.as(manager, 'GET', `/${child}`)).status).toBe(404);
    const task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      for: { reference: child },
      owner: { reference: vendor },
    };
    await refused(post(doctor, task), /told nothing/);
    expect((await operate(mother, 'share', { organization: vendor, until: '2027-03-31' })).status).toBe(200);
    expect((await house.as(manager, 'GET', `/${child}`)).status).toBe(200);
  });

  test('S3.12 a family asks to correct its record, and gets a correction or a reason', async () => {
    const allergy = 'AllergyIntolerance/pv-school-day-peanut';
    const wish = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'proposal',
      code: { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/care-task', code: 'amendment' }] },
      description: 'It is walnuts, not peanuts.',
      focus: { reference: allergy },
      for: { reference: child },
      requester: { reference: mother },
    };
    await refused(post(mother, { ...wish, focus: undefined }), /names what is wrong/);
    await refused(post(mother, { ...wish, description: undefined }), /in words/);
    const asked = await post(mother, wish);
    expect(asked.status).toBe(201);
    const id = asked.headers.get('location')?.split('/Task/')[1]?.split('/')[0] ?? '';
    const task = await read(`Task/${id}`);
    const done = [{ type: { text: 'corrected' }, valueReference: { reference: allergy } }];
    await refused(put(mother, { ...asked.json, id, status: 'completed', output: done }), /told-task/);
    await refused(put(doctor, { ...task, status: 'rejected' }), /says why/);
    await refused(put(doctor, { ...task, status: 'completed' }), /stands in the output/);
    const corrected = { ...(await read(allergy)), code: { text: 'Walnut' } };
    expect((await put(doctor, corrected)).status).toBe(200);
    const output = [{ type: { text: 'corrected' }, valueReference: { reference: allergy } }];
    expect((await put(doctor, { ...task, status: 'completed', output })).status).toBe(200);
    expect((await house.as(mother, 'GET', `/Task/${id}`)).json).toMatchObject({ status: 'completed', output });
  });
});
