import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../src/care/care.ts';
import { startHttp, type TestHttp } from '../../support/http.ts';
import * as a from '../support/child.ts';

const now = new Date('2026-11-23T09:00:00Z');
const clock = { now: () => now };
let http: TestHttp;

beforeAll(async () => {
  const { checks, effects, conclusions, operations } = createCare({ clock }).module;
  http = await startHttp({ operations }, { checks, effects, conclusions, clock });
});
afterAll(() => http.close());

/** A child of its own, with orders of hospitals: what is to be done, by the hospital. */
async function childWith(id: string, orders: Readonly<Record<string, string>>): Promise<string[]> {
  const subject = { reference: `Patient/${id}` };
  await a.put(http.store, a.coordinator, { ...a.patient, id });
  const names = Object.keys(orders).map((site) => `${id}-${site}`);
  for (const [site, words] of Object.entries(orders))
    await a.put(http.store, a.syncActor, a.mirrored(a.request(`${id}-${site}`, words, { subject }), site));
  const composed = await http.send('POST', `/fhir/Patient/${id}/$compose-shared-plan`);
  expect(composed.status).toBe(200);
  return names.map((name) => `ServiceRequest/${name}/_history/1`);
}

describe('a decision told by plain FHIR', () => {
  const coded = (choice: string, kind: string) => ({
    coding: [
      { system: 'http://careweave.org/fhir/CodeSystem/reconciliation-choice', code: choice },
      { system: 'http://careweave.org/fhir/CodeSystem/reconciliation-kind', code: kind },
    ],
  });
  const told = (activity: object, sources: string[], more: object = {}) => ({
    resourceType: 'Provenance',
    target: [{ reference: sources[0]?.split('/_history')[0] }],
    recorded: now.toISOString(),
    agent: [{ who: { display: 'A coordinator' } }],
    activity,
    entity: sources.map((reference) => ({ role: 'source', what: { reference } })),
    ...more,
  });

  test('obeys the same rules', async () => {
    const [one = '', two = ''] = await childWith('told', { lakeside: 'Fluid restriction', summit: 'Push fluids' });
    const [foreign = ''] = await childWith('other', { summit: 'Push fluids' });
    const reason = { reason: [{ text: 'Both hold' }] };
    const send = async (body: object) => (await http.send('POST', '/fhir/Provenance', { body })).status;
    expect(await send(told(coded('apart', 'conflict'), [one, two]))).toBe(422);
    expect(await send(told(coded('whatever', 'conflict'), [one, two], reason))).toBe(422);
    expect(await send(told(coded('apart', 'whatever'), [one, two], reason))).toBe(422);
    expect(await send(told(coded('apart', 'conflict'), [one, foreign], reason))).toBe(422);
    expect(await send(told(coded('apart', 'conflict'), [one, two.replace('/_history/1', '')], reason))).toBe(422);
    expect(await send(told(coded('apart', 'conflict'), [one, two.replace('_history/1', '_history/2')], reason))).toBe(
      409,
    );
    expect(await send(told(coded('apart', 'conflict'), [one, two], reason))).toBe(201);
  });
});
