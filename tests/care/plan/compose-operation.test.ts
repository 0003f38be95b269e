import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Interaction, Principal } from '../../../src/access/types.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { seesAll } from '../../../src/store/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const care = createCare({ clock: systemClock });
const operation = care.module.operations?.find(({ name }) => name === 'compose-shared-plan');
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ ...care.module });
  await a.put(at.store, a.coordinator, a.patient, { ...a.patient, id: 'other' }, { ...a.patient, id: 'deleted' });
  await at.store.transact(a.coordinator, (tx) => tx.delete('Patient', 'deleted'));
});
afterAll(() => at.drop());

const interactions = new Set<Interaction>(['c', 'r', 'u', 's']);
const client: Principal = {
  kind: 'client',
  id: 'c',
  clientId: 'c',
  scopes: [{ level: 'system', type: '*', interactions }],
};
const launched: Principal = {
  kind: 'user',
  id: 'Practitioner/reed',
  clientId: 'c',
  scopes: [{ level: 'patient', type: '*', interactions }],
  patientId: a.childId,
  fhirUser: 'Practitioner/reed',
  view: { grants: [{ types: 'any' }], policy: 'test' },
};
const parameters = { text: () => undefined, texts: () => [], resource: () => undefined };

async function compose(principal: Principal, id: string | undefined) {
  if (!operation) throw new Error('no operation');
  return operation.handle({ principal, store: at.store, id, resourceType: 'Patient', parameters, requestId: 'test' });
}

async function plans() {
  const query = {
    type: 'CarePlan',
    filters: [],
    includes: [],
    revincludes: [],
    sort: [],
    count: 10,
    total: 'none' as const,
  };
  const found = await at.store.search(query, seesAll);
  return found.ok ? found.value.matches.length : undefined;
}

describe('$compose-shared-plan', () => {
  test.each([
    ['a child who was never here', client, 'nobody'],
    ['a deleted child', client, 'deleted'],
    ['another child than the launch is for', launched, 'other'],
    ['no child', client, undefined],
  ])('gives one answer for %s, and writes nothing', async (_, principal, id) => {
    expect(await compose(principal, id)).toMatchObject({
      ok: false,
      error: { kind: 'not-found', issues: [{ text: 'There is no such child here.' }] },
    });
    expect(await plans()).toBe(0);
  });

  test('asked by several at once makes one plan, and names who asked', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => compose(launched, a.childId)));
    const ids = answers.map((answer) => (answer.ok ? `${answer.value.id} ${answer.value.meta?.versionId}` : 'refused'));
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^[0-9a-f-]{36} 1$/);
    expect(await plans()).toBe(1);
    const rows = await at.store.query<{ content: string }>(`SELECT content FROM resource WHERE type = 'Provenance'`);
    expect(rows).toHaveLength(1);
    expect(JSON.parse(rows[0]?.content ?? '')).toMatchObject({
      agent: [{ onBehalfOf: { reference: 'Practitioner/reed' } }],
    });
  });
});
