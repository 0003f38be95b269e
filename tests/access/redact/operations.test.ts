import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
const teen = 'Patient/pv-confidential-visit';
const mother = 'RelatedPerson/pv-confidential-visit-mother';
const doctor = 'Practitioner/pv-doctor';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('confidential-visit', 'part-2', 'turning-twelve');
}, 60_000);
afterAll(() => house.shut());

const idsOf = (json: any) =>
  (json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`).sort();

describe('operations and pages made of several records', () => {
  test('PP-45 $everything and the compartment give a parent what a search gives, and no more', async () => {
    const seen = ['allergy', 'hpv', 'weight'].map((key) => `pv-confidential-visit-${key}`);
    for (const path of [`/${teen}/$everything?_count=100`, `/${teen}/*?_count=100`]) {
      const { json, text, status } = await house.as(mother, 'GET', path);
      expect([path, status]).toEqual([path, 200]);
      const own = idsOf(json).filter(
        (reference: string) => !/^(Practitioner|Organization|Location|RelatedPerson|Patient)\//.test(reference),
      );
      expect(own.map((reference: string) => reference.split('/')[1])).toEqual(seen);
      expect(text).not.toMatch(/hlamydia|sti-visit/);
    }
    expect((await house.as(mother, 'GET', `/${teen}/$everything?_since=2026-01-01`)).status).toBe(403);
  });

  test('PP-45 $docref and $meta tell of nothing hidden', async () => {
    const child = 'Patient/pv-turning-twelve';
    house.at('2026-11-24T00:00:00-05:00');
    const father = 'RelatedPerson/pv-turning-twelve-father';
    const asked = `/DocumentReference/$docref?patient=${child}&type=http://loinc.org|11506-3&start=2000-01-01`;
    const docs = await house.as(father, 'GET', asked);
    expect(docs.status).toBe(200);
    expect(docs.text).not.toContain('pv-turning-twelve-note');
    const metas = await house.as(mother, 'GET', '/$meta');
    expect(metas.text).not.toMatch(/ADOL|SEX|42CFR/);
    expect((await house.as(mother, 'GET', `/Encounter/pv-confidential-visit-sti-visit/$meta`)).status).toBe(404);
    house.at('2026-11-23T12:00:00-05:00');
  });

  test('PP-45 reports on measures, and composing the plan, are not for families', async () => {
    const measure = await house.as(
      mother,
      'GET',
      `/Measure/$evaluate-measure?measure=well-child-visits&periodStart=2026-01-01&periodEnd=2026-12-31&subject=${teen}`,
    );
    expect(measure.status).toBe(403);
    expect((await house.as(mother, 'POST', `/${teen}/$compose-shared-plan`)).status).toBe(404);
  });

  test('PP-54 PP-45 what is kept from a clinician is neither on a card nor in a document', async () => {
    const diagnosed = {
      resourceType: 'Condition',
      id: 'pv-in-program',
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
      code: { text: 'Kept by the program' },
      subject: { reference: 'Patient/pv-part-2' },
      encounter: { reference: 'Encounter/pv-part-2-program-visit' },
    };
    expect((await house.as('system', 'PUT', '/Condition/pv-in-program', diagnosed)).status).toBe(201);
    const goal = {
      resourceType: 'Goal',
      id: 'pv-goal',
      lifecycleStatus: 'active',
      description: { text: 'Sleep through the night' },
      subject: { reference: 'Patient/pv-part-2' },
      note: [
        { text: 'ordinary', authorReference: { reference: 'Condition/pv-in-program', display: 'Kept by the program' } },
      ],
    };
    const { redactor, access } = house;
    const view = async (who: string) =>
      (await access.admit({ kind: 'user', id: who, fhirUser: who, clientId: 'cds', scopes: [] })).view?.grants ?? [];
    await house.as('system', 'PUT', '/Goal/pv-goal', { ...goal, note: undefined });
    const told = async (grants: Awaited<ReturnType<typeof view>>) =>
      JSON.stringify(await redactor.shown(grants, [diagnosed, goal]));
    expect(await told(await view('Practitioner/pv-specialist'))).toContain('Kept by the program');
    const toDoctor = await told(await view(doctor));
    expect(toDoctor).toContain('Sleep through the night');
    expect(toDoctor).not.toContain('Kept by the program');
    expect(await told(await access.outgoing())).not.toContain('Kept by the program');
    expect(await redactor.shown([], [goal])).toEqual([]);
  });
});
