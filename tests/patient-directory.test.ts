import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '../src/access/types.ts';
import type { Directory } from '../src/auth/launch-context/directory.ts';
import { ok } from '../src/base/errors.ts';
import { limits } from '../src/base/limits.ts';
import { patientDirectory } from '../src/patient-directory.ts';
import type { Grant } from '../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from './support/database.ts';

/** What a policy might leave: a doctor everybody but the last, a mother her two, and of one of them no encounters. */
const grants: Record<string, Grant[]> = {
  'Practitioner/doctor': [{ types: 'any', except: ['hidden'] }],
  'RelatedPerson/mother': [
    { types: 'any', patients: ['ada'] },
    { types: new Set(['Patient']), patients: ['ben'] },
  ],
};

let testStore: TestStore;
let directory: Directory;

beforeAll(async () => {
  testStore = await createTestStore();
  const { store, definitions } = testStore;
  const admit = async (principal: Principal) => ({
    ...principal,
    view: { grants: grants[principal.fhirUser ?? ''] ?? [], policy: 'test' },
  });
  directory = patientDirectory({ store, definitions, fhirBaseUrl: 'http://localhost/fhir', admit });
  const patient = (id: string, ...given: string[]) => ({
    resourceType: 'Patient',
    id,
    birthDate: '2020-01',
    name: [
      { use: 'old', family: 'Formerly', given: ['Somebody'] },
      { use: 'official', family: 'Testwell', given },
    ],
  });
  const visit = (id: string, of: string, start: string, text?: string) => ({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { code: 'AMB' },
    subject: { reference: `Patient/${of}` },
    period: { start },
    ...(text !== undefined && { type: [{ text }] }),
  });
  const resources = [
    patient('ada', 'Ada', 'Lou'),
    patient('ben', 'Ben'),
    patient('hidden', 'Cleo'),
    { resourceType: 'Patient', id: 'nameless' },
    ...Array.from({ length: 25 }, (_, at) => ({
      ...patient(`many-${at}`, 'Manyone'),
      name: [{ family: `Crowd${at}` }],
    })),
    visit('old', 'ada', '2025-01-10', 'Vaccination'),
    visit('new', 'ada', '2026-05-02T09:00:00Z'),
    visit('bens', 'ben', '2026-01-01', 'Check-up'),
    {
      resourceType: 'Task',
      id: 'open-app',
      status: 'requested',
      intent: 'proposal',
      for: { reference: 'Patient/ada' },
    },
    {
      resourceType: 'RelatedPerson',
      id: 'mother',
      patient: { reference: 'Patient/ada' },
      telecom: [{ system: 'phone', value: '555' }, { system: 'fax' }],
    },
  ];
  const written = await store.transact(testActor, async (tx) => {
    await tx.hold(resources.map(({ resourceType: type, id }) => ({ type, id })));
    for (const resource of resources) {
      const one = await tx.update(resource);
      if (!one.ok) return one;
    }
    return ok(undefined);
  });
  expect(written.ok).toBe(true);
});
afterAll(() => testStore.drop());

describe('who may choose whom', () => {
  test('SC-060 nobody whom the policy leaves nothing', async () => {
    for (const person of ['RelatedPerson/uncle', 'Patient/ada', 'nonsense', '']) {
      expect(await directory.patientsOf(person)).toEqual([]);
      expect(await directory.patient(person, 'ada')).toBeUndefined();
      expect(await directory.search(person, 'Testwell')).toEqual([]);
      expect(await directory.encountersOf(person, 'ada')).toEqual([]);
      expect(await directory.hasEncounter(person, 'ada', 'new')).toBe(false);
    }
  });

  test('SC-060 a mother her own, by their names of today; a doctor by name, not whom the policy keeps back', async () => {
    expect(await directory.patientsOf('RelatedPerson/mother')).toEqual([
      { id: 'ada', name: 'Ada Lou Testwell', birthDate: '2020-01' },
      { id: 'ben', name: 'Ben Testwell', birthDate: '2020-01' },
    ]);
    expect(await directory.patient('RelatedPerson/mother', 'many-1')).toBeUndefined();
    expect(await directory.patientsOf('Practitioner/doctor')).toBe('all');
    const found = await directory.search('Practitioner/doctor', ' testw ');
    expect(found.map(({ id }) => id).sort()).toEqual(['ada', 'ben']);
    expect((await directory.search('Practitioner/doctor', 'testwell lou')).map(({ id }) => id)).toEqual(['ada']);
    expect(await directory.patient('Practitioner/doctor', 'hidden')).toBeUndefined();
    expect((await directory.patient('Practitioner/doctor', 'nameless'))?.name).toBe('a child without a name');
  });

  test('SC-060 a search shows so many, and what is typed is only ever a name', async () => {
    expect(await directory.search('Practitioner/doctor', 'crowd')).toHaveLength(limits.people.choices);
    for (const typed of ['', '   ', ',', 'a,b', '%', '\\', "';--", 'x'.repeat(100)])
      expect(Array.isArray(await directory.search('Practitioner/doctor', typed))).toBe(true);
    expect(await directory.search('Practitioner/doctor', 'ada,ben')).toEqual([]);
  });

  test('SC-062 encounters of the child, newest first, only where they may be seen', async () => {
    expect(await directory.encountersOf('RelatedPerson/mother', 'ada')).toEqual([
      { id: 'new', name: 'Visit, 2026-05-02' },
      { id: 'old', name: 'Vaccination, 2025-01-10' },
    ]);
    expect(await directory.encountersOf('RelatedPerson/mother', 'ben')).toEqual([]);
    expect(await directory.hasEncounter('RelatedPerson/mother', 'ada', 'old')).toBe(true);
    expect(await directory.hasEncounter('RelatedPerson/mother', 'ben', 'bens')).toBe(false);
    expect(await directory.hasEncounter('Practitioner/doctor', 'ada', 'bens')).toBe(false);
  });

  test('SC-190 a Task only for whom it may be seen by', async () => {
    expect(await directory.task('RelatedPerson/mother', 'open-app')).toMatchObject({ resourceType: 'Task' });
    expect(await directory.task('RelatedPerson/uncle', 'open-app')).toBeUndefined();
    expect(await directory.task('RelatedPerson/mother', 'nothing')).toBeUndefined();
  });

  test('PP-06 the contacts of everybody on paper', async () => {
    expect(await directory.proxiesOf('ada')).toEqual([{ fhirUser: 'RelatedPerson/mother', contacts: ['555'] }]);
    expect(await directory.proxiesOf('ben')).toEqual([]);
  });
});
