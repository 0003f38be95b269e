import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const mother = 'RelatedPerson/pv-confidential-visit-mother';
const aunt = 'RelatedPerson/pv-confidential-visit-aunt';
const teen = 'Patient/pv-confidential-visit';
const doctor = 'Practitioner/pv-doctor';
const p = (key: string) => `pv-confidential-visit-${key}`;

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('confidential-visit', 'custody', 'depressed-teen', 'part-2', 'foster-change', 'adopted');
}, 60_000);
afterAll(() => house.shut());

const get = (who: string, path: string, headers?: Record<string, string>) =>
  house.as(who, 'GET', path, undefined, headers);

describe('what is hidden is not there', () => {
  test('PP-40 a hidden record, a deleted hidden one and one that never was are answered alike', async () => {
    await house.as('system', 'PUT', '/Observation/pv-gone', {
      resourceType: 'Observation',
      id: 'pv-gone',
      meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ADOL' }] },
      status: 'final',
      code: { text: 'invented' },
      subject: { reference: teen },
    });
    expect((await house.as('system', 'DELETE', '/Observation/pv-gone')).status).toBeLessThan(300);
    const never = await get(aunt, '/Observation/never-was');
    for (const path of [`/Observation/${p('chlamydia-result')}`, '/Observation/pv-gone']) {
      const hidden = await get(aunt, path);
      expect([path, hidden.status, hidden.json]).toEqual([path, never.status, never.json]);
      const names = (headers: Headers) => [...headers.keys()].sort();
      expect(names(hidden.headers)).toEqual(names(never.headers));
    }
    expect((await get(doctor, '/Observation/pv-gone')).status).toBe(410);
  });

  test('PP-41 it is in no count, page or sorting', async () => {
    const counted = await get(aunt, `/Condition?patient=${teen}&_summary=count`);
    expect(counted.json.total).toBe(2);
    const ids: string[] = [];
    for (let path: string | undefined = `/Condition?patient=${teen}&_count=1&_sort=code`; path; ) {
      const page: any = (await get(aunt, path)).json;
      expect(page.entry).toHaveLength(1);
      ids.push(page.entry[0].resource.id);
      const next = page.link.find(({ relation }: any) => relation === 'next')?.url;
      path = next?.slice(next.indexOf('/Condition'));
    }
    expect(ids.sort()).toEqual([p('anxiety'), p('asthma')]);
  });

  test('PP-42 PP-51 no condition of a write meets a record by what it says about a hidden one', async () => {
    const conf = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
    const subject = { reference: teen };
    await house.as('system', 'PUT', '/Condition/pv-locked', {
      resourceType: 'Condition',
      id: 'pv-locked',
      meta: { security: [{ system: conf, code: 'V' }] },
      code: { text: 'invented' },
      subject,
    });
    const visit = {
      resourceType: 'Encounter',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject,
    };
    const diagnosed = [{ condition: { reference: 'Condition/pv-locked' } }];
    await house.as('system', 'PUT', '/Encounter/pv-locked-visit', {
      ...visit,
      id: 'pv-locked-visit',
      diagnosis: diagnosed,
    });
    expect((await get(doctor, '/Encounter/pv-locked-visit')).status).toBe(200);
    expect((await get(doctor, '/Condition/pv-locked')).status).toBe(404);
    const create = (who: string, id: string) =>
      house.as(who, 'POST', '/Encounter', visit, { 'If-None-Exist': `diagnosis=Condition/${id}` });
    // Who sees the Condition meets the visit: the criteria are right.
    expect((await create('system', 'pv-locked')).status).toBe(200);
    const [hidden, never] = [await create(doctor, 'pv-locked'), await create(doctor, 'never-was')];
    expect([hidden.status, never.status]).toEqual([201, 201]);
    const entry = [
      { resource: visit, request: { method: 'POST', url: 'Encounter', ifNoneExist: 'diagnosis=Condition/pv-locked' } },
    ];
    const bundle = await house.as(doctor, 'POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
    expect(bundle.json.entry[0].response.status).toContain('201');
  });

  test('PP-42 a search by a reference to it finds what a search by an unknown id finds', async () => {
    for (const id of [p('sti-visit'), 'never-was']) {
      const { status, json } = await get(
        aunt,
        `/Immunization?patient=${teen}&reason-reference=Condition/${id}&_total=accurate`,
      );
      expect([status, json.total, json.entry]).toEqual([200, 0, undefined]);
    }
    const diagnosed = await get(aunt, `/Encounter?diagnosis=Condition/${p('chlamydia')}&_total=accurate`);
    expect([diagnosed.status, diagnosed.json.total]).toEqual([200, 0]);
    for (const chained of ['_has:Encounter:patient:diagnosis', '_has:Encounter:patient:diagnosis:Condition'])
      expect((await get(aunt, `/Patient?${chained}=${p('chlamydia')}`)).json.entry).toBeUndefined();
    const bare = await get(aunt, `/Encounter?diagnosis=${p('chlamydia')}`);
    expect(bare.json.entry).toBeUndefined();
    expect((await get(doctor, `/Encounter?diagnosis=Condition/${p('chlamydia')}`)).json.entry).toHaveLength(1);
  });

  test('PP-42 chains and _has through it find nothing', async () => {
    expect((await get(aunt, '/Encounter?diagnosis:Condition.code=240589008')).json.entry).toBeUndefined();
    expect((await get(mother, '/Patient?_has:Condition:patient:code=240589008')).json.entry).toBeUndefined();
    expect((await get(doctor, '/Patient?_has:Condition:patient:code=240589008')).json.entry).toHaveLength(1);
  });

  test('PP-43 the reference to it goes, with its words and the list item that held it', async () => {
    const { json: visit } = await get(aunt, `/Encounter/${p('sports-visit')}`);
    expect(visit.diagnosis).toBeUndefined();
    expect(JSON.stringify(visit)).not.toContain('what was found');
    const { json: whole } = await get(doctor, `/Encounter/${p('sports-visit')}`);
    expect(whole.diagnosis).toHaveLength(1);
    const { json: included } = await get(aunt, `/Encounter?_id=${p('sports-visit')}&_include=Encounter:diagnosis`);
    expect(included.entry).toHaveLength(1);
    // The vaccine stands on every card; the visit at which it was given does not.
    const { json: vaccine, status } = await get(mother, `/Immunization/${p('hpv')}`);
    expect([status, vaccine.encounter]).toEqual([200, undefined]);
  });

  test('PP-43 a clinician is told in part too, and what is told in part is not written back', async () => {
    const reference = { reference: 'Condition/pv-part-2-opioid-use', display: 'Opioid dependence' };
    const visit = {
      resourceType: 'Encounter',
      id: 'pv-mixed',
      status: 'finished',
      class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
      subject: { reference: 'Patient/pv-part-2' },
      diagnosis: [{ condition: reference }],
    };
    expect((await house.as('system', 'PUT', '/Encounter/pv-mixed', visit)).status).toBe(201);
    const { json, text } = await get(doctor, '/Encounter/pv-mixed');
    expect(text).not.toContain('pioid');
    expect(json.meta.tag).toEqual([expect.objectContaining({ code: 'SUBSETTED' })]);
    const back = await house.as(doctor, 'PUT', '/Encounter/pv-mixed', json);
    expect(back.status).toBe(422);
    // Nor without the mark, nor by a patch that tries out what is there.
    const { meta: _meta, ...unmarked } = json;
    expect((await house.as(doctor, 'PUT', '/Encounter/pv-mixed', unmarked)).status).toBe(422);
    const entry = [{ resource: unmarked, request: { method: 'PUT', url: 'Encounter/pv-mixed' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await house.as(doctor, 'POST', '', bundle)).status).toBe(422);
    const guess = [{ op: 'test', path: '/diagnosis/0/condition/reference', value: reference.reference }];
    const type = { 'Content-Type': 'application/json-patch+json' };
    expect((await house.as(doctor, 'PATCH', '/Encounter/pv-mixed', guess, type)).status).toBe(422);
    for (const asked of [`diagnosis=${reference.reference}`, 'diagnosis=pv-part-2-opioid-use'])
      expect((await get(doctor, `/Encounter?${asked}&_total=accurate`)).json.total).toBe(0);
    expect(
      (await get(doctor, '/Patient?_has:Encounter:patient:diagnosis=pv-part-2-opioid-use')).json.entry,
    ).toBeUndefined();
    const { json: whole } = await get('Practitioner/pv-specialist', '/Encounter/pv-mixed');
    expect([whole.diagnosis[0].condition, whole.meta.tag]).toEqual([reference, undefined]);
  });

  test('PP-44 what is contained, or written about the whole, does not tell', async () => {
    const note = {
      resourceType: 'Condition',
      id: 'pv-with-contained',
      text: { status: 'additional', div: '<div xmlns="http://www.w3.org/1999/xhtml">Chlamydia was treated.</div>' },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      code: { text: 'ordinary' },
      subject: { reference: teen },
    };
    expect((await house.as('system', 'PUT', '/Condition/pv-with-contained', note)).status).toBe(201);
    const told = await get(aunt, '/Condition/pv-with-contained');
    expect([told.status, told.json.text]).toEqual([200, undefined]);
    const contained = [
      {
        resourceType: 'Observation',
        id: 'a',
        status: 'final',
        code: { coding: [{ system: 'http://loinc.org', code: '21613-5' }] },
      },
    ];
    const holder = { ...note, contained, evidence: [{ detail: [{ reference: '#a' }] }] };
    expect((await house.as('system', 'PUT', '/Condition/pv-with-contained', holder)).status).toBe(200);
    expect((await get(aunt, '/Condition/pv-with-contained')).status).toBe(404);
    await house.as('system', 'DELETE', '/Condition/pv-with-contained');
  });

  test('PP-33 labels that reveal are told to nobody of the family', async () => {
    const { json } = await get('Patient/pv-depressed-teen', '/Encounter/pv-depressed-teen-counseling');
    expect(json.meta.security.map(({ code }: any) => code)).toEqual(['R']);
    const own = await get('Patient/pv-depressed-teen', '/Encounter?_security=MH');
    expect(own.status).toBe(403);
    const { json: whole } = await get(doctor, '/Encounter/pv-depressed-teen-counseling');
    expect(whole.meta.security).toHaveLength(2);
  });

  test('PP-50 nothing that a proxy is told changes when only hidden things change', async () => {
    const path = `/Encounter/${p('sports-visit')}`;
    const before = await get(aunt, path);
    expect(before.headers.get('last-modified')).toBeNull();
    expect([before.json.meta?.versionId, before.json.meta?.lastUpdated]).toEqual([undefined, undefined]);
    const { json: visit } = await get('system', path);
    const pill = { condition: { reference: `Condition/${p('chlamydia')}`, display: 'again' } };
    const { status } = await house.as('system', 'PUT', path, { ...visit, diagnosis: [...visit.diagnosis, pill] });
    expect(status).toBe(200);
    const after = await get(aunt, path);
    expect([after.text, after.headers.get('etag')]).toEqual([before.text, before.headers.get('etag')]);
    expect((await get(aunt, path, { 'If-None-Match': String(before.headers.get('etag')) })).status).toBe(304);
    expect((await get(aunt, path, { 'If-None-Match': 'W/"2"' })).status).toBe(200);
    for (const asked of ['/_history', '/_history/1']) expect((await get(aunt, `${path}${asked}`)).status).toBe(403);
    for (const asked of [
      '_lastUpdated=gt2020-01-01',
      '_sort=_lastUpdated',
      '_has:Encounter:patient:_lastUpdated=gt2020-01-01',
    ])
      expect([asked, (await get(aunt, `/Patient?${asked}`)).status]).toEqual([asked, 403]);
    const batch = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: [{ request: { method: 'GET', url: `Encounter/${p('sports-visit')}/_history` } }],
    };
    expect((await house.as(aunt, 'POST', '', batch)).status).toBe(403);
    const inner = { ...batch, entry: [{ request: { method: 'GET', url: `Encounter/${p('sports-visit')}` } }] };
    const { json: answers } = await house.as(aunt, 'POST', '', inner);
    expect(answers.entry[0].response).toEqual({ status: '200 OK' });
    expect(answers.entry[0].resource.diagnosis).toBeUndefined();
  });

  test('PP-32 an appointment of a teen is told to the parent without its reason', async () => {
    const { json } = await get('RelatedPerson/pv-depressed-teen-mother', '/Appointment/pv-depressed-teen-dentist');
    expect(Object.keys(json).sort()).toEqual(['end', 'id', 'participant', 'resourceType', 'start', 'status']);
    const asked = await get('RelatedPerson/pv-depressed-teen-mother', '/Appointment?reason-code=Z30');
    expect(asked.status).toBe(403);
  });

  test('PP-47 PP-34 a plan that is shared with the family is told without what is hidden; one with a sensitive part is withheld', async () => {
    const tag = [{ system: 'http://careweave.org/fhir/CodeSystem/sharing', code: 'family-shared' }];
    const plan = {
      resourceType: 'CarePlan',
      id: 'pv-shared-plan',
      meta: { tag },
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Chlamydia</div>' },
      status: 'active',
      intent: 'plan',
      title: 'After chlamydia',
      description: 'After chlamydia',
      subject: { reference: teen },
      addresses: [{ reference: `Condition/${p('chlamydia')}` }, { display: 'chlamydia' }],
      goal: [{ reference: 'Goal/pv-shared' }, { reference: 'Goal/pv-unshared' }],
      activity: [
        { reference: { reference: `ServiceRequest/${p('chlamydia-order')}`, display: 'chlamydia' } },
        { detail: { status: 'in-progress', code: { text: 'Swim twice a week' } } },
      ],
      note: [{ text: 'chlamydia' }],
    };
    const goal = (id: string, more: object) => ({
      resourceType: 'Goal',
      id,
      lifecycleStatus: 'active',
      description: { text: id },
      subject: { reference: teen },
      ...more,
    });
    for (const resource of [goal('pv-shared', { meta: { tag } }), goal('pv-unshared', {}), plan])
      expect((await house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource)).status).toBe(201);
    const { json, text } = await get(mother, '/CarePlan/pv-shared-plan');
    expect(text).not.toMatch(/chlamydia/i);
    expect(json.goal).toEqual([{ reference: 'Goal/pv-shared' }]);
    expect(json.activity).toEqual([plan.activity[1]]);
    const code = { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z30.011' }] };
    const sensitive = { ...plan, activity: [{ detail: { status: 'in-progress', code } }] };
    expect((await house.as('system', 'PUT', '/CarePlan/pv-shared-plan', sensitive)).status).toBe(200);
    expect((await get(mother, '/CarePlan/pv-shared-plan')).status).toBe(404);
    expect((await get(mother, '/CarePlan?_summary=count')).json.total).toBe(0);
    expect((await get(doctor, '/CarePlan/pv-shared-plan')).json.title).toBe('After chlamydia');
  });

  test('PP-07 PP-22 neither proxy is told of the other, nor a home of the one before', async () => {
    const { json, text } = await get('RelatedPerson/pv-foster-change-second-home', '/Patient/pv-foster-change');
    expect(json.address.map(({ line }: any) => line[0])).toEqual(['8 Present Street']);
    expect(text).not.toContain('555-0190');
    const others = await get('RelatedPerson/pv-foster-change-second-home', '/RelatedPerson');
    expect(others.json.entry.map(({ resource }: any) => resource.id)).toEqual(['pv-foster-change-second-home']);
    expect((await get('RelatedPerson/pv-foster-change-second-home', '/Consent')).json.entry).toBeUndefined();
  });

  test('PP-21 the chart from before an adoption is not told of, nor the name of before', async () => {
    const adoptive = 'RelatedPerson/pv-adopted-adoptive-mother';
    const { text } = await get(adoptive, '/Patient/pv-adopted');
    for (const word of ['before', 'Formerly', 'Alva']) expect(text).not.toContain(word);
    const { json } = await get(adoptive, '/Patient?_include=Patient:link&_revinclude=Patient:link');
    expect(json.entry.map(({ resource }: any) => resource.id)).toEqual(['pv-adopted']);
    expect((await get(adoptive, '/Patient?link=Patient/pv-adopted-before')).status).toBe(403);
  });
});

describe('PP-21 what a child was before is no way to find it', () => {
  const adoptive = 'RelatedPerson/pv-adopted-adoptive-mother';

  test('PP-21 PP-42 a search by a former name, address or number says no more than one by any other', async () => {
    for (const [who, asked] of [
      [adoptive, 'name=Formerly'],
      [adoptive, 'name=Nobody'],
      [adoptive, 'family=Formerly'],
      [adoptive, 'given=Alva'],
      [adoptive, 'identifier=PV-ADOPTED'],
      ['RelatedPerson/pv-foster-change-second-home', 'address=Former'],
      ['RelatedPerson/pv-foster-change-second-home', 'address-city=Foxglove'],
    ] as const)
      expect([asked, (await get(who, `/Patient?${asked}`)).status]).toEqual([asked, 403]);
    expect((await get(adoptive, '/Observation?patient.name=Formerly')).status).toBe(403);
    expect((await get(adoptive, '/Observation?subject:Patient.name=Formerly')).status).toBe(403);
    const entry = [{ request: { method: 'GET', url: 'Patient?name=Formerly' } }];
    const batch = await house.as(adoptive, 'POST', '', { resourceType: 'Bundle', type: 'batch', entry });
    expect(batch.text).not.toContain('pv-adopted"');
    const form = await house.as(adoptive, 'GET', '/Patient?_has:Observation:subject:code=x&name=Formerly');
    expect(form.status).toBe(403);
  });

  test('PP-21 whose child has nothing of before, and who looks for something else, searches as ever', async () => {
    const found = await get(mother, '/Patient?name=a');
    expect(found.status).toBe(200);
    expect((await get(adoptive, '/Patient')).json.entry).toHaveLength(1);
    expect((await get(adoptive, '/Practitioner?name=Invented')).status).toBe(200);
  });
});

describe('what a family writes', () => {
  const answers = (more: object) => ({
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    subject: { reference: teen },
    ...more,
  });

  test('PP-51 a reference to a hidden record is refused like one to an unknown id', async () => {
    const hidden = await house.as(
      mother,
      'POST',
      '/QuestionnaireResponse',
      answers({ encounter: { reference: `Encounter/${p('sti-visit')}` } }),
    );
    const never = await house.as(
      mother,
      'POST',
      '/QuestionnaireResponse',
      answers({ encounter: { reference: 'Encounter/never-was' } }),
    );
    expect([hidden.status, hidden.json]).toEqual([422, never.json]);
    // Where it stands is said, and nothing of what it names.
    expect(hidden.json.issue[0]).toMatchObject({
      expression: ['QuestionnaireResponse.encounter'],
      details: { text: 'QuestionnaireResponse.encounter refers to a record that is not there.' },
    });
    expect(hidden.text).not.toContain(p('sti-visit'));
    const nested = answers({
      item: [{ linkId: '1' }, { linkId: '2', answer: [{ valueReference: { reference: 'Condition/no' } }] }],
    });
    expect((await house.as(mother, 'POST', '/QuestionnaireResponse', nested)).json.issue[0].expression).toEqual([
      'QuestionnaireResponse.item[1].answer[0].valueReference',
    ]);
    const conditional = await house.as(mother, 'POST', '/QuestionnaireResponse', answers({}), {
      'If-None-Exist': `encounter=Encounter/${p('sti-visit')}`,
    });
    expect(conditional.status).toBe(403);
  });

  test('PP-51 they add answers for the child, and change or delete nothing', async () => {
    const made = await house.as(mother, 'POST', '/QuestionnaireResponse', answers({}));
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).not.toContain('_history');
    expect(
      (
        await house.as(mother, 'POST', '/Condition', {
          resourceType: 'Condition',
          code: { text: 'x' },
          subject: { reference: teen },
        })
      ).status,
    ).toBe(403);
    const vaccine = `/Immunization/${p('hpv')}`;
    const { json } = await get(mother, vaccine);
    expect((await house.as(mother, 'PUT', vaccine, json)).status).toBe(404);
    expect((await house.as(mother, 'DELETE', vaccine)).status).toBe(404);
  });
});
