import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Actor } from '../../../src/store/types.ts';
import * as a from '../support/child.ts';
import { openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms();
  await at.put({
    resourceType: 'PractitionerRole',
    id: 'pcp-role',
    active: true,
    practitioner: { reference: 'Practitioner/pcp' },
    organization: { reference: 'Organization/practice' },
  });
  expect((await write(ofAco, protocol())).ok).toBe(true);
});
afterAll(() => at.close());

const canonical = 'http://careweave.org/fhir/StructureDefinition';
const ofAco: Actor = { kind: 'user', id: 'Practitioner/gus', requestId: 'test' };
const local: Actor = { kind: 'user', id: 'Practitioner/pcp', requestId: 'test' };
const core = { extension: [{ url: `${canonical}/core-action`, valueBoolean: true }] };
const call = { id: 'call', ...core, title: 'Call within two days' };
const visit = { id: 'visit', ...core, title: 'Visit within a month' };
const letter = { id: 'letter', title: 'Send a letter' };

function protocol(more: object = {}, id = 'regional-protocol') {
  return {
    resourceType: 'PlanDefinition',
    id,
    status: 'active',
    extension: [{ url: `${canonical}/care-program`, valueReference: { reference: 'HealthcareService/regional' } }],
    action: [call, letter, visit],
    ...more,
  };
}
const write = (actor: Actor, resource: object) => a.tryPut(at.store, actor, resource as never);

describe('S4.10 the core of a program is locked at the accountable body', () => {
  test.each([
    ['changes a core action', { action: [{ ...call, title: 'Call within a week' }, letter, visit] }],
    ['takes one out', { action: [call, letter] }],
    ['puts them in another order', { action: [visit, letter, call] }],
    ['says that one is optional', { action: [{ id: 'call', title: call.title }, letter, visit] }],
    ['makes an action core', { action: [call, { ...letter, ...core }, visit] }],
    ['hides one in a group', { action: [{ ...call, action: [visit] }, letter] }],
    ['puts the protocol out of force', { status: 'retired' }],
    ['takes it away from the program', { extension: undefined }],
  ])('S4.10 a local edit that %s is refused', async (_, more) => {
    const refused = await write(local, protocol(more));
    expect(a.refusedBy(refused)).toBe('program-core');
    expect(JSON.stringify(refused)).toContain('same at every site');
  });

  test('S4.10 nor is it deleted; optional actions beside the core are the site’s own', async () => {
    const removed = await at.store.transact(local, (tx) => tx.delete('PlanDefinition', 'regional-protocol'));
    expect(a.refusedBy(removed)).toBe('program-core');
    const own = [
      { id: 'tea', title: 'Tea afternoon' },
      { ...call, action: [{ id: 'own', title: 'Ask for a song' }] },
      visit,
    ];
    expect((await write(local, protocol({ action: own, title: 'As we do it' }))).ok).toBe(true);
  });

  test('S4.10 the accountable body changes it, and whom the program’s policy names', async () => {
    const next = protocol({ action: [{ ...call, title: 'Call within a day' }, visit] });
    expect((await write(ofAco, next)).ok).toBe(true);
    const program = await at.resource('HealthcareService', 'regional');
    const policy = {
      url: `${canonical}/program-policy`,
      extension: [
        { url: 'act', valueCode: 'edit-core' },
        { url: 'who', valueReference: { reference: 'Organization/practice' } },
      ],
    };
    expect((await write(ofAco, { ...program, extension: [policy] })).ok).toBe(true);
    expect((await write(local, protocol())).ok).toBe(true);
    expect(a.refusedBy(await write(ofAco, next))).toBe('program-core');
  });

  test('S4.10 core actions have ids, and a PlanDefinition of no program is none of this', async () => {
    const { id: _, ...nameless } = call;
    expect(a.refusedBy(await write(ofAco, protocol({ action: [nameless] })))).toBe('program-core');
    const free = { extension: undefined, action: [nameless] };
    expect((await write(local, protocol(free, 'free'))).ok).toBe(true);
  });
});
