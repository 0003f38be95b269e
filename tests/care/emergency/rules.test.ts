import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { emergencyPart } from '../../../src/care/emergency/emergency.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import * as r from './records.ts';

const clock = { now: () => new Date('2026-11-20T15:00:00Z') };
const { checks = [], conclusions = [] } = emergencyPart({
  clock,
  zone: 'UTC',
  baseUrl: '',
  told: async (_, resources) => [...resources],
  readsAs: async () => ({ kind: 'all' }),
});
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, conclusions, clock });
});
afterAll(() => at.drop());

let made = 0;
/** A child of its own, with a shared plan. */
async function child(...more: ((id: string) => Resource)[]): Promise<string> {
  made += 1;
  const id = `child-${made}`;
  await a.put(at.store, a.coordinator, r.patient(id), r.shared(id), ...more.map((make) => make(id)));
  return id;
}
const write = (...resources: Resource[]) => a.tryPut(at.store, a.coordinator, ...resources);
const textOf = (result: Awaited<ReturnType<typeof write>>) => (result.ok ? '' : (result.error.issues[0]?.text ?? ''));
const ventilator = (id: string) => r.device(`${id}-vent`, id, 'Home ventilator');
const tube = (id: string) => r.device(`${id}-tube`, id, 'Tracheostomy tube 4.0');

describe('emergency-plan-shape', () => {
  test.each([
    ['without a Patient', { subject: { reference: 'Group/g' } }],
    ['with another intent', { intent: 'order' }],
    ['with an activity written out', { activity: [{ detail: { status: 'scheduled' } }] }],
    ['in force without the line that says who the child is', { description: ' ' }],
    ['in force that is part of no plan', { partOf: [] }],
  ])('refuses a plan %s', async (_, more) => {
    const id = await child();
    expect(a.refusedBy(await write(r.emergencyPlan(id, [], more)))).toBe('emergency-plan-shape');
  });

  test('refuses another child and another kind for it', async () => {
    const [one, other] = [await child(), await child()];
    await a.put(at.store, a.coordinator, r.emergencyPlan(one));
    const moved = { subject: { reference: `Patient/${other}` }, partOf: [{ reference: `CarePlan/${other}-shared` }] };
    expect(a.refusedBy(await write(r.emergencyPlan(one, [], moved)))).toBe('emergency-plan-shape');
    const school = { category: [r.concept('careplan-category', 'school')] };
    expect(a.refusedBy(await write(r.emergencyPlan(one, [], school)))).toBe('emergency-plan-shape');
    const access = { category: [r.concept('careplan-category', 'access')] };
    expect(a.refusedBy(await write(r.emergencyPlan(one, [], access)))).toBe('emergency-plan-shape');
  });

  test('refuses a second one in force, of each kind, until the first is ended', async () => {
    const id = await child();
    const second = { id: `${id}-second` };
    await a.put(at.store, a.coordinator, r.emergencyPlan(id));
    expect(a.refusedBy(await write(r.emergencyPlan(id, [], second)))).toBe('one-active-emergency-plan');
    const access = { id: `${id}-access`, category: [r.concept('careplan-category', 'access')], description: undefined };
    expect((await write(r.emergencyPlan(id, [], access))).ok).toBe(true);
    expect(a.refusedBy(await write(r.emergencyPlan(id, [], { ...access, id: `${id}-access-2` })))).toBe(
      'one-active-emergency-plan',
    );
    await a.put(at.store, a.coordinator, r.emergencyPlan(id, [], { status: 'completed' }));
    expect((await write(r.emergencyPlan(id, [], second))).ok).toBe(true);
  });

  test('says nothing about drafts that lack something, and about what a hospital sent', async () => {
    const id = await child();
    expect(
      (await write(r.emergencyPlan(id, [], { status: 'draft', partOf: undefined, description: undefined }))).ok,
    ).toBe(true);
    const sent = a.mirrored(r.emergencyPlan(id, [], { id: `${id}-sent`, partOf: undefined, description: undefined }));
    expect((await a.tryPut(at.store, a.syncActor, sent)).ok).toBe(true);
  });
});

describe('S1.29 scenarios', () => {
  test('S1.29 a plan for a child with a device and no device-failure scenario is refused, and nothing of it is written', async () => {
    const id = await child(tube);
    const refused = await write(
      r.scenario(`${id}-fever`, id, ['fever-infection']),
      r.emergencyPlan(id, [`${id}-fever`]),
    );
    expect(a.refusedBy(refused)).toBe('emergency-plan-scenarios');
    expect(textOf(refused)).toBe(
      `emergency-plan-scenarios: The emergency plan does not say what to do when Device/${id}-tube fails or comes out (a scenario device-failure). Add the scenario to the plan's activities: what sets it off, what the family does, whom to call, what the emergency department should do.`,
    );
    expect(await at.store.read('CarePlan', `${id}-emergency`)).toBeUndefined();
    expect(await at.store.read('RequestGroup', `${id}-fever`)).toBeUndefined();
  });

  test('S1.29 a draft may lack it; made active without it is refused', async () => {
    const id = await child(tube);
    expect((await write(r.emergencyPlan(id, [], { status: 'draft' }))).ok).toBe(true);
    expect(a.refusedBy(await write(r.emergencyPlan(id)))).toBe('emergency-plan-scenarios');
  });

  test('S1.29 plan, device and scenario may come together, in any order', async () => {
    const id = await child();
    const failing = r.scenario(`${id}-out`, id, ['device-failure']);
    expect((await write(r.emergencyPlan(id, [`${id}-out`]), tube(id), failing)).ok).toBe(true);
  });

  test.each([
    ['a wish', { intent: 'proposal' }],
    ['a draft', { status: 'draft' }],
    ['one of another child', { subject: { reference: 'Patient/child-1' } }],
    ['one about another device', r.forDevice('Device/something-else')],
  ])('S1.29 %s is no scenario of the plan', async (_, more) => {
    const id = await child(tube);
    await a.put(at.store, a.coordinator, r.scenario(`${id}-out`, id, ['device-failure'], more));
    expect(a.refusedBy(await write(r.emergencyPlan(id, [`${id}-out`])))).toBe('emergency-plan-scenarios');
  });

  test('S1.29 a ventilator asks for a power failure too; each device for its own where scenarios name devices', async () => {
    const id = await child(ventilator, tube);
    await a.put(
      at.store,
      a.coordinator,
      r.scenario(`${id}-vent-fails`, id, ['device-failure'], r.forDevice(`Device/${id}-vent`)),
    );
    const refused = await write(r.emergencyPlan(id, [`${id}-vent-fails`]));
    expect(textOf(refused)).toContain(`the power goes out, because Device/${id}-vent is a ventilator`);
    expect(textOf(refused)).toContain(`Device/${id}-tube fails or comes out`);
    await a.put(
      at.store,
      a.coordinator,
      r.scenario(`${id}-power`, id, ['power-failure']),
      r.scenario(`${id}-tube-out`, id, ['device-failure'], r.forDevice(`Device/${id}-tube`)),
    );
    expect((await write(r.emergencyPlan(id, [`${id}-vent-fails`, `${id}-power`, `${id}-tube-out`]))).ok).toBe(true);
  });

  test('S1.29 a device that is not used any more asks for nothing; a statement of use without a Device does', async () => {
    const id = await child(tube);
    await a.put(at.store, a.coordinator, r.use(`${id}-use`, id, `Device/${id}-tube`, { status: 'completed' }));
    expect((await write(r.emergencyPlan(id))).ok).toBe(true);
    const other = await child();
    const alone = r.use(`${other}-use`, other, 'Device/elsewhere', { device: { display: 'Feeding tube' } });
    await a.put(at.store, a.coordinator, alone);
    expect(a.refusedBy(await write(r.emergencyPlan(other)))).toBe('emergency-plan-scenarios');
  });

  test('S1.29 a device that comes later is not refused, and the plan can be changed meanwhile; but it loses no scenario that it has', async () => {
    const id = await child(tube);
    const list = [`${id}-out`];
    await a.put(
      at.store,
      a.coordinator,
      r.scenario(`${id}-out`, id, ['device-failure'], r.forDevice(`Device/${id}-tube`)),
    );
    await a.put(at.store, a.coordinator, r.emergencyPlan(id, list));
    expect((await write(ventilator(id))).ok).toBe(true);
    expect((await write(r.emergencyPlan(id, list, { description: 'Says hello by waving.' }))).ok).toBe(true);
    expect(a.refusedBy(await write(r.emergencyPlan(id)))).toBe('emergency-plan-scenarios');
    const ended = r.scenario(`${id}-out`, id, ['device-failure'], {
      ...r.forDevice(`Device/${id}-tube`),
      status: 'completed',
    });
    expect(a.refusedBy(await write(ended))).toBe('emergency-plan-scenarios');
    expect(a.refusedBy(await at.store.transact(a.coordinator, (tx) => tx.delete('RequestGroup', `${id}-out`)))).toBe(
      'emergency-plan-scenarios',
    );
    // With the device, its scenario may go.
    expect((await write(r.device(`${id}-tube`, id, 'Tracheostomy tube 4.0', { status: 'inactive' }), ended)).ok).toBe(
      true,
    );
  });
});

describe('emergency-scenario', () => {
  const action = (...kinds: string[]) => r.steps(...kinds.map((kind) => ({ kind, text: 'Do it' })));
  test.each([
    ['what sets it off', { reasonCode: undefined }],
    ['what the family does', action('call', 'emergency-department')],
    ['whom to call', action('family', 'emergency-department')],
    ['what the emergency department should do', action('family', 'call')],
  ])('S1.29 in force, it says %s', async (words, more) => {
    const id = await child();
    const refused = await write(r.scenario(`${id}-s`, id, ['seizure'], more));
    expect(a.refusedBy(refused)).toBe('emergency-scenario');
    expect(textOf(refused)).toContain(words);
    expect((await write(r.scenario(`${id}-s`, id, ['seizure'], { ...more, status: 'draft' }))).ok).toBe(true);
  });

  test('S1.29 what a family said stays, with who said it; a wish that is not taken up says why', async () => {
    const id = await child();
    const said = (words: string, who = 'mother') => ({
      status: 'draft',
      intent: 'proposal',
      extension: [
        {
          url: 'http://careweave.org/fhir/StructureDefinition/scenario-proposed-by',
          valueReference: { reference: `RelatedPerson/${who}` },
        },
        { url: 'http://careweave.org/fhir/StructureDefinition/scenario-family-words', valueString: words },
      ],
    });
    await a.put(at.store, a.coordinator, r.scenario(`${id}-s`, id, ['seizure'], said('He stares, then turns blue')));
    for (const more of [said('Absence seizure'), said('He stares, then turns blue', 'aunt'), { status: 'draft' }])
      expect(a.refusedBy(await write(r.scenario(`${id}-s`, id, ['seizure'], more)))).toBe('emergency-scenario');
    const revoked = { ...said('He stares, then turns blue'), status: 'revoked' };
    expect(a.refusedBy(await write(r.scenario(`${id}-s`, id, ['seizure'], revoked)))).toBe('emergency-scenario');
    const why = { ...revoked, note: [{ text: 'It is in the seizure plan already, with the same steps.' }] };
    expect((await write(r.scenario(`${id}-s`, id, ['seizure'], why))).ok).toBe(true);
  });

  test('says nothing about other groups of requests', async () => {
    expect((await write({ resourceType: 'RequestGroup', id: 'chemo', status: 'active', intent: 'order' })).ok).toBe(
      true,
    );
  });
});
