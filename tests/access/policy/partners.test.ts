import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bindClient } from '../../../src/access/policy/partner-commands.ts';
import { addRole } from '../../../src/access/policy/roles.ts';
import { unwrap } from '../../support/house.ts';
import { outwardOf } from '../matrix/ask.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const child = 'Patient/pv-school-day';
const classmate = 'Patient/pv-school-day-classmate';
const nurse = 'Practitioner/pv-school-day-nurse';
const teacher = 'Practitioner/pv-school-day-teacher';
const helper = 'Practitioner/pv-school-day-helper';
const vendor = 'client/vendor-system';
const doctor = 'Practitioner/pv-doctor';
const officer = 'Practitioner/pv-officer';
const plan = 'CarePlan/pv-school-day-school-plan';
const kept = 'CarePlan/pv-school-day-kept-school-plan';
const schoolTask = 'Task/pv-school-day-school-task';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('school-day');
  unwrap(await addRole(house.store, officer, 'privacy-officer'));
  await house.store.query(
    `INSERT INTO auth_client (id, name, type, scopes, created_at) VALUES ('vendor-system', 'Vendor', 'symmetric', '', now())`,
  );
  unwrap(await bindClient(house.store, 'vendor-system', 'Organization/pv-school-day-vendor'));
}, 60_000);
afterAll(() => house.shut());

const get = (who: string, path: string) => house.as(who, 'GET', `/${path}`);
const status = async (who: string, path: string) => (await get(who, path)).status;
const read = async (path: string) => (await get('system', path)).json;
const put = (who: string, resource: any) => house.as(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
const everyType =
  'Patient,CarePlan,Goal,Condition,Task,ServiceRequest,Observation,Encounter,CareTeam,Consent,Contract,Flag,EpisodeOfCare,RelatedPerson,AllergyIntolerance,MedicationRequest,Communication,DocumentReference';
const found = async (who: string) => {
  const { json } = await get(who, `?_type=${everyType}&_count=200&_total=accurate`);
  const names: string[] = (json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`);
  expect(json.total).toBe(names.length);
  return names.sort();
};
/** Writes a record in another way for as long as the work takes, as the sync does, which no rule of care holds up. */
async function meanwhile(path: string, change: (record: any) => any, work: () => Promise<void>) {
  const before = await read(path);
  const [type = '', id = ''] = path.split('/');
  const write = async (resource: any) => {
    // How a Task goes moves the care team with it.
    if (type === 'Task') return expect((await put('system', resource)).status).toBeLessThan(300);
    unwrap(
      await house.store.transact({ kind: 'system', id: 'ehr', requestId: 'test' }, (tx) =>
        resource ? tx.update(resource) : tx.delete(type, id),
      ),
    );
  };
  await write(change(structuredClone(before)));
  await work();
  await write(before);
}
const label = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code });
const hasNothing = async (who: string) => {
  expect(await found(who)).toEqual([]);
  expect(outwardOf(await get(who, plan))).toBe(outwardOf(await get(who, 'CarePlan/zz-never')));
  expect(outwardOf(await get(who, child))).toBe(outwardOf(await get(who, 'Patient/zz-never')));
};

test('PP-54 a partner is told nothing for a purpose for which its kind is told nothing', async () => {
  const told = async (purposes?: string[]) => {
    const system = { kind: 'client', id: 'vendor-system', clientId: 'vendor-system', scopes: [] } as const;
    const { view } = await house.access.admit({ ...system, ...(purposes && { purposes }) });
    expect(view?.partner).toBeDefined();
    return (view?.grants ?? []).some(({ patients }) => patients?.includes('pv-school-day'));
  };
  expect([await told(['HPAYMT']), await told(['HMARKT', 'HPAYMT'])]).toEqual([false, false]);
  expect([await told(), await told([]), await told(['TREAT']), await told(['HPAYMT', 'COC'])]).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

describe('what partners see', () => {
  test('S2.9 the school nurse sees the school plan and nothing else: her child’s name, allergy and the school’s own Task with it', async () => {
    expect(await found(nurse)).toEqual(['AllergyIntolerance/pv-school-day-peanut', plan, child, schoolTask].sort());
    const { text, json } = await get(nurse, plan);
    expect(json.activity).toEqual([{ reference: { reference: schoolTask } }]);
    expect(text).not.toMatch(/inhaler"|pv-school-day-home-plan/);
    const told = (await get(nurse, child)).json;
    expect([told.name[0].family, told.identifier, told.generalPractitioner, told.meta]).toEqual([
      'Nettle',
      undefined,
      undefined,
      undefined,
    ]);
    for (const path of [
      classmate,
      `${child}/$everything?_type=Condition`,
      `Condition?patient=${child}`,
      `${plan}/_history`,
      `${plan}/_history/1`,
      `Patient/pv-school-day/$access-log`,
    ]) {
      const answer = await get(nurse, path);
      expect([
        path,
        answer.status === 200 ? (answer.json.total ?? answer.json.entry?.length ?? 0) : answer.status >= 400,
      ]).toEqual([path, answer.status === 200 ? 0 : true]);
    }
  });

  test('S2.28 an item labelled for substance use is withheld, and nothing tells that there is one', async () => {
    const asked = [
      'CarePlan?_total=accurate',
      `CarePlan?subject=${child}&_sort=_id&_count=1`,
      kept,
      `${kept}/$meta`,
      '?_type=CarePlan&_summary=count',
      `Patient?_id=pv-school-day&_revinclude=CarePlan:subject`,
    ];
    const withIt = await Promise.all(asked.map((path) => get(nurse, path)));
    await meanwhile(
      kept,
      () => undefined,
      async () => {
        for (const [at, path] of asked.entries())
          expect(outwardOf(await get(nurse, path))).toBe(outwardOf(withIt[at] as never));
      },
    );
    const { json } = await house.as(nurse, 'GET', `/${kept}`);
    const never = await house.as(nurse, 'GET', '/CarePlan/zz-never');
    expect(json).toEqual(never.json);
    // With the family's leave for this label it is told.
    await meanwhile(
      'Consent/pv-school-day-school-leave',
      (one) => ({ ...one, provision: { ...one.provision, securityLabel: [label('SUD')] } }),
      async () => {
        expect(await status(nurse, kept)).toBe(200);
        expect(await status(teacher, kept)).toBe(200);
      },
    );
    expect(await status(nurse, kept)).toBe(404);
  });

  test('S2.28 of a teen only the teen opens what is sensitive; of who is grown up nobody else gives leave at all', async () => {
    const leave = 'Consent/pv-school-day-school-leave';
    const opened = (performer: string) => (one: any) => ({
      ...one,
      performer: [{ reference: performer }],
      provision: { ...one.provision, securityLabel: [label('SUD')] },
    });
    const sees = async () => [await status(nurse, plan), await status(nurse, kept)];
    const mother = 'RelatedPerson/pv-school-day-mother';
    await meanwhile(
      child,
      (one) => ({ ...one, birthDate: '2012-03-02' }),
      async () => {
        await meanwhile(leave, opened(mother), async () => expect(await sees()).toEqual([200, 404]));
        await meanwhile(leave, opened(child), async () => expect(await sees()).toEqual([200, 200]));
      },
    );
    await meanwhile(
      child,
      (one) => ({ ...one, birthDate: '2008-03-02' }),
      async () => {
        await meanwhile(leave, opened(mother), async () => expect(await sees()).toEqual([404, 404]));
        await meanwhile(leave, opened(child), async () => expect(await sees()).toEqual([200, 200]));
      },
    );
  });

  test('S4.28 a vendor’s token reaches only enrolled children and allowed types', async () => {
    const names = await found(vendor);
    expect(names).toContain('EpisodeOfCare/pv-school-day-enrollment');
    expect(names).toContain('Condition/pv-school-day-asthma');
    expect(names.filter((one) => /classmate|kept|depression/.test(one))).toEqual([]);
    expect(names.filter((one) => /^(Consent|Contract|RelatedPerson|Flag|Observation)/.test(one))).toEqual([]);
    expect(await status(vendor, classmate)).toBe(404);
    expect((await get(vendor, 'AuditEvent')).status).toBe(403);
    expect(
      (await house.as(vendor, 'PUT', `/Condition/pv-school-day-asthma`, await read('Condition/pv-school-day-asthma')))
        .status,
    ).toBeGreaterThanOrEqual(400);
    await meanwhile(
      'EpisodeOfCare/pv-school-day-enrollment',
      (one) => ({ ...one, status: 'finished' }),
      async () => hasNothing(vendor),
    );
    expect(await found(vendor)).toEqual(names);
  });

  test('PP-46 sums over children are for staff: a family, a school and a vendor get none, and find none that was kept', async () => {
    const period = 'periodStart=2026-01-01&periodEnd=2026-12-31';
    const summary = {
      resourceType: 'MeasureReport',
      id: 'kept-sum',
      status: 'complete',
      type: 'summary',
      measure: 'http://careweave.org/fhir/Measure/well-child-visits',
      period: { start: '2026-01-01', end: '2026-12-31' },
      group: [{ population: [{ code: { text: 'initial population' }, count: 3 }] }],
    };
    expect((await put('system', summary)).status).toBe(201);
    for (const who of [nurse, teacher, helper, vendor, child, 'RelatedPerson/pv-school-day-mother']) {
      for (const path of [
        `Measure/$evaluate-measure?measure=well-child-visits&${period}&reportType=population`,
        `Measure/$published-report?measure=well-child-visits&${period}`,
        `Measure/$core-set-report?${period}`,
        'MeasureReport/kept-sum',
      ]) {
        const answer = await get(who, path);
        expect([who, path, answer.status >= 400, answer.text]).toEqual([
          who,
          path,
          true,
          expect.not.stringContaining('"count"'),
        ]);
      }
      const found = await get(who, 'MeasureReport?_total=accurate');
      expect([who, found.json.total ?? 0, found.text]).toEqual([who, 0, expect.not.stringContaining('kept-sum')]);
    }
    expect(await status(doctor, 'MeasureReport/kept-sum')).toBe(200);
  });

  test('a client that is bound to no partner sees what its scopes say', async () => {
    expect(await status('client/another', classmate)).toBe(200);
  });
});

describe('what ends it', () => {
  test('S3.12 S1.10 each of leave, membership, agreement, organization and role, from the next read on', async () => {
    expect(await status(nurse, plan)).toBe(200);
    const leave = 'Consent/pv-school-day-school-leave';
    await meanwhile(
      leave,
      (one) => ({ ...one, status: 'inactive' }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      leave,
      (one) => ({
        ...one,
        provision: {
          ...one.provision,
          purpose: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HMARKT' }],
        },
      }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      leave,
      (one) => ({ ...one, provision: { ...one.provision, dataPeriod: { start: '2026-01-01' } } }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      leave,
      (one) => ({ ...one, provision: { type: 'deny', actor: one.provision.actor } }),
      () => hasNothing(nurse),
    );
    // While the school has a Task to do, its people need the plan; without one, those of the care team do.
    await meanwhile(
      schoolTask,
      (one) => ({ ...one, status: 'completed' }),
      async () => {
        expect([await status(nurse, plan), await status(teacher, plan)]).toEqual([200, 404]);
        const team = 'CareTeam/751a5ea4-38c3-58ad-b646-b84d87d0f8a3';
        await meanwhile(
          team,
          (one) => ({ ...one, status: 'inactive' }),
          () => hasNothing(nurse),
        );
        const ended = (one: any) => ({
          ...one,
          participant: [{ ...one.participant[0], period: { end: '2026-11-22' } }],
        });
        await meanwhile(team, ended, () => hasNothing(nurse));
      },
    );
    const agreement = 'Contract/pv-school-day-school-agreement';
    await meanwhile(
      agreement,
      (one) => ({ ...one, status: 'terminated' }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      agreement,
      (one) => ({ ...one, applies: undefined }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      agreement,
      (one) => ({ ...one, signer: one.signer.slice(1) }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      'Organization/pv-school-day-school',
      (one) => ({ ...one, active: false }),
      () => hasNothing(nurse),
    );
    expect(await status(nurse, plan)).toBe(200);
  });

  test('S1.10 a Task opens what its owner needs, and closing the last one closes it', async () => {
    expect(await status(teacher, plan)).toBe(200);
    await meanwhile(
      schoolTask,
      (one) => ({ ...one, status: 'completed' }),
      () => hasNothing(teacher),
    );
    expect(await status(teacher, plan)).toBe(200);
  });

  test('whose role with the partner is over, deleted or at nobody’s is no staff, and nobody but a privacy officer makes them that', async () => {
    const role = 'PractitionerRole/pv-school-day-nurse-role';
    await meanwhile(
      role,
      (one) => ({ ...one, active: false }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      role,
      () => undefined,
      () => hasNothing(nurse),
    );
    await meanwhile(
      role,
      (one) => ({ ...one, organization: undefined }),
      () => hasNothing(nurse),
    );
    await meanwhile(
      'Organization/pv-school-day-school',
      () => undefined,
      () => hasNothing(nurse),
    );
    const home = { ...(await read(role)), organization: { reference: 'Organization/pv-clinic' } };
    expect((await put(doctor, home)).status).toBe(403);
    const { id: _id, ...unnamed } = home;
    expect((await house.as(doctor, 'POST', '/PractitionerRole', unnamed)).status).toBe(403);
    const school = await read('Organization/pv-school-day-school');
    expect((await put(doctor, { ...school, type: undefined })).status).toBe(403);
    expect((await house.as(doctor, 'DELETE', '/Organization/pv-school-day-school')).status).toBe(403);
    expect((await put(nurse, { ...school, type: undefined })).status).toBeGreaterThanOrEqual(400);
    const made = await house.as(officer, 'POST', '/PractitionerRole', unnamed);
    expect(made.status).toBe(201);
    expect(await status(nurse, classmate)).toBe(200);
    const id = made.headers.get('location')?.split('/PractitionerRole/')[1]?.split('/')[0];
    expect((await house.as('system', 'DELETE', `/PractitionerRole/${id}`)).status).toBeLessThan(300);
    expect(await status(nurse, classmate)).toBe(404);
  });
});

describe('what partners write', () => {
  test('nothing but how their Tasks go, messages of their own and wishes', async () => {
    const task = (await get(nurse, schoolTask)).json;
    const more = { status: 'in-progress', description: 'Another', owner: { reference: nurse } };
    const refused = await put(nurse, { ...task, ...more });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Task.description')]);
    expect((await put(nurse, { ...task, status: 'in-progress' })).status).toBe(200);
    expect(await read(schoolTask)).toMatchObject({
      status: 'in-progress',
      description: 'Keep the inhaler where the child can reach it',
      owner: { reference: 'Organization/pv-school-day-school' },
    });
    expect((await put(nurse, { ...task, status: 'cancelled' })).status).toBe(422);
    expect([403, 422]).toContain((await house.as(nurse, 'DELETE', `/${schoolTask}`)).status);
    expect((await put(helper, task)).status).toBe(404);
    expect((await put(nurse, (await get(nurse, plan)).json)).status).toBe(404);
    const consent = await read('Consent/pv-school-day-school-leave');
    const { id: _id, ...unnamed } = consent;
    expect((await house.as(nurse, 'POST', '/Consent', unnamed)).status).toBeGreaterThanOrEqual(403);
    const message = (sender: string) => ({
      resourceType: 'Communication',
      status: 'completed',
      subject: { reference: child },
      sender: { reference: sender },
      recipient: [{ reference: doctor }],
      payload: [{ contentString: 'The spray is at school.' }],
    });
    expect((await house.as(nurse, 'POST', '/Communication', message(nurse))).status).toBe(201);
    expect((await house.as(nurse, 'POST', '/Communication', message(doctor))).status).toBe(403);
    expect(
      (await house.as(nurse, 'POST', '/Communication', { ...message(nurse), subject: { reference: classmate } }))
        .status,
    ).toBeGreaterThanOrEqual(400);
  });

  test('a referral is moved by who was asked, and not closed by them', async () => {
    const path = 'Task/pv-school-day-food-task';
    const before = await read(path);
    const told = (await get(helper, path)).json;
    expect((await put(helper, { ...told, status: 'accepted' })).status).toBe(200);
    const closed = {
      ...told,
      status: 'completed',
      businessStatus: {
        coding: [{ system: 'http://careweave.org/fhir/CodeSystem/referral-status', code: 'requester-acknowledged' }],
      },
    };
    expect((await put(helper, closed)).status).toBe(422);
    expect((await put(helper, { ...told, status: 'cancelled', statusReason: { text: 'No' } })).status).toBe(422);
    expect((await read(path)).requester).toEqual(before.requester);
  });
});
