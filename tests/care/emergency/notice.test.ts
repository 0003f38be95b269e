import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { emergencyPart } from '../../../src/care/emergency/emergency.ts';
import { leadCoordinatorUrl } from '../../../src/fhir/plan-view/team.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const clock = { now: () => new Date('2026-11-20T15:00:00Z') };
const { conclusions = [] } = emergencyPart({
  clock,
  zone: 'UTC',
  baseUrl: '',
  told: async (_, resources) => [...resources],
  readsAs: async () => ({ kind: 'all' }),
});
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ conclusions, clock });
  await a.put(
    at.store,
    a.coordinator,
    { resourceType: 'PractitionerRole', id: 'pcp-role', practitioner: { reference: 'Practitioner/pcp' } },
    { resourceType: 'Patient', id: 'c', generalPractitioner: [{ reference: 'PractitionerRole/pcp-role' }] },
    {
      resourceType: 'CareTeam',
      id: 'team',
      status: 'active',
      subject: { reference: 'Patient/c' },
      participant: [
        { extension: [{ url: leadCoordinatorUrl, valueBoolean: true }], member: { reference: 'Practitioner/lead' } },
      ],
    },
    { resourceType: 'Patient', id: 'alone', generalPractitioner: [{ reference: 'Practitioner/pcp' }] },
  );
});
afterAll(() => at.drop());

const emergency = 'http://careweave.org/fhir';
/** Who is told when this person opens the record of this child. */
async function told(by: string, child: string): Promise<(string | undefined)[]> {
  const opening: Resource = {
    resourceType: 'Task',
    identifier: [{ system: `${emergency}/emergency-access`, value: '1' }],
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: `${emergency}/CodeSystem/emergency-access`, code: 'review' }] },
    for: { reference: `Patient/${child}` },
  };
  const written = await at.store.transact({ kind: 'user', id: by, requestId: 'test' }, async (tx) => {
    const task = await tx.create(opening);
    return task.ok ? { ok: true, value: task.value.stored.id } : task;
  });
  if (!written.ok) throw new Error('refused');
  const tasks = (await at.store.recordsOf([child], ['Task'])).map(({ stored }) => a.parsed<any>(stored));
  return tasks.filter(({ focus }) => focus?.reference === `Task/${written.value}`).map(({ owner }) => owner?.reference);
}

describe('the notice of emergency access', () => {
  test('D6 goes to the lead coordinator and the primary care clinician, but not to whoever broke the glass', async () => {
    expect(await told('Practitioner/stranger', 'c')).toEqual(['Practitioner/lead', 'PractitionerRole/pcp-role']);
    expect(await told('Practitioner/pcp', 'c')).toEqual(['Practitioner/lead']);
    expect(await told('Practitioner/lead', 'c')).toEqual(['PractitionerRole/pcp-role']);
  });

  test('D6 stands in the queue as nobody’s where nobody leads, or nobody else is there', async () => {
    expect(await told('Practitioner/stranger', 'alone')).toEqual([undefined, 'Practitioner/pcp']);
    expect(await told('Practitioner/pcp', 'alone')).toEqual([undefined]);
  });
});
