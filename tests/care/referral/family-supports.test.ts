import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { canonicalStates } from '../../../src/care/referral/canonical-state.ts';
import { type Family, openFamily } from '../proposal/support/family.ts';
import { referring, text } from './support/referred.ts';

/** Family supports are referred to like any other care: the same states, clocks and end. */
let at: Family;
let of: ReturnType<typeof referring>;
beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
}, 60_000);
afterAll(() => at?.house.shut());

const system = 'http://careweave.org/fhir/CodeSystem/family-support';
const file = path.join(import.meta.dirname, '../../../profiles/code-systems/family-support.json');
const supports = (JSON.parse(readFileSync(file, 'utf8')).concept as { code: string }[]).map(({ code }) => code);
const way = [
  'seen',
  'waitlisted',
  'accepted',
  'scheduled',
  'no-show',
  'scheduled',
  'visit-done',
  'completed',
  'loop-closed',
] as const;

/** The way of a referral to a service of this kind: where it stood, and what its request and its clock said. */
async function wayOf(code: string): Promise<unknown[]> {
  const category = [{ coding: [{ system, code }] }];
  const service = `${at.child.slice('Patient/'.length)}-${code}`;
  const made = await at.house.as('system', 'PUT', `/HealthcareService/${service}`, {
    ...{ resourceType: 'HealthcareService', id: service, name: `Invented ${code}`, category },
  });
  expect(made.status).toBe(201);
  const owner = `HealthcareService/${service}`;
  const id = await of.refer({ owner, request: { category, code: { text: code }, performer: [{ reference: owner }] } });
  const steps: unknown[] = [];
  for (const state of way) {
    // The coordinator writes down what the service says; the doctor acknowledges.
    const who = state === 'loop-closed' ? at.doctor : at.lead;
    const moved = await of.move(who, id, state, { note: [{ text: 'Went well' }] });
    expect([text(moved), moved.status]).toEqual(['', 200]);
    const request = await at.read((await at.read(`Task/${id}`)).focus.reference);
    const [clock] = await at.house.store.query('SELECT state, entered_at, due_at FROM task_clock WHERE task_id = $1', [
      id,
    ]);
    steps.push([await of.state(id), request.status, clock]);
  }
  return steps;
}

test('S1.11 a request for each kind of family support runs the same closed loop as cardiology', async () => {
  expect(way.every((state) => canonicalStates.includes(state))).toBe(true);
  expect(supports).toEqual(['respite', 'peer-parent', 'interpreter', 'home-nursing', 'durable-medical-equipment']);
  const cardiology = await wayOf('cardiology');
  expect(cardiology.at(-1)).toEqual(['loop-closed', 'completed', undefined]);
  for (const support of supports) expect([support, await wayOf(support)]).toEqual([support, cardiology]);
  // They are found by their kind.
  const found = await at.house.as(at.doctor, 'GET', `/HealthcareService?service-category=${system}|respite`);
  expect(found.json.entry.map(({ resource }: any) => resource.name)).toEqual(['Invented respite']);
});
