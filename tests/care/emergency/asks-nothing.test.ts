import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { compilePolicy } from '../../../src/access/policy/compile.ts';
import { createCare } from '../../../src/care/care.ts';
import { readState } from '../../../src/care/emergency/state-row.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import * as r from './records.ts';

const clock = { now: () => new Date('2026-11-20T15:00:00Z') };
const policyFile = join(import.meta.dirname, '../../../profiles/privacy/default.json');
const policy = compilePolicy(JSON.parse(readFileSync(policyFile, 'utf8')), new Set());
const { checks = [], effects = [], conclusions = [] } = createCare({ clock, policyHere: () => policy }).module;
let at: TestStore;
/** What went to the database, a round trip each. */
const trips: string[] = [];
beforeAll(async () => {
  at = await createTestStore({ checks, effects, conclusions, clock });
  const watched = new WeakSet();
  at.pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    Object.assign(client, {
      query: (...given: [{ text?: string }]) => {
        const text = given[0].text ?? String(given[0]);
        if (!text.startsWith('NOTIFY')) trips.push(text);
        return query(...given);
      },
    });
  });
  await a.put(at.store, a.coordinator, r.patient('none'), r.patient('some'), r.shared('some'));
  await a.put(at.store, a.coordinator, { resourceType: 'Organization', id: 'ordinary', name: 'A practice' });
  await create(anyTask('some'));
});
afterAll(() => at.drop());

const withoutId = ({ id: _id, ...rest }: Resource): Resource => rest as Resource;
const anyTask = (child: string): Resource => withoutId(a.task('t', 'Call', { for: { reference: `Patient/${child}` } }));
async function create(resource: Resource): Promise<string[]> {
  trips.length = 0;
  const written = await at.store.transact({ kind: 'client', id: 'feed', requestId: 'test' }, (tx) =>
    tx.create(resource),
  );
  expect(written.ok).toBe(true);
  return [...trips];
}

test.each<[string, () => Resource]>([
  ['weight', () => r.weight('w', 'none', 30, '2026-11-19')],
  ['device', () => r.device('d', 'none', 'Home ventilator')],
  ['admission', () => r.encounter('e', 'none', 'IMP')],
  ['visit', () => r.encounter('v', 'none', 'AMB')],
  ['drug', () => r.order('o', 'none', 'Budesonide')],
  ['Task', () => anyTask('none')],
  ['Task for an organization', () => ({ ...anyTask('none'), owner: { reference: 'Organization/ordinary' } })],
  ['goal', () => ({ ...a.goal('g', 'Sleeps'), subject: { reference: 'Patient/none' } })],
])('a new %s of a child without an emergency plan is one round trip', async (_, make) => {
  expect(await create(withoutId(make()))).toHaveLength(1);
});

test('a visit that gives no reason is not held against emergency plans, an admission is', async () => {
  expect((await create(withoutId(r.encounter('v', 'none', 'AMB')))).join()).not.toContain('emergency_plan');
  expect((await create(withoutId(r.encounter('e', 'none', 'IMP')))).join()).toContain('emergency_plan');
});

test('D6 the first device after a plan came into force gives its reason, though none was presumed to be there', async () => {
  await a.put(
    at.store,
    a.coordinator,
    r.device('some-tube', 'some', 'Tracheostomy tube 4.0'),
    r.scenario('some-out', 'some', ['device-failure']),
    r.emergencyPlan('some', ['some-out']),
  );
  const first = await create(withoutId(r.device('second', 'some', 'Suction pump')));
  expect(first.length).toBeGreaterThan(1);
  expect((await readState(at.store, 'some'))?.reasons.map(({ code }) => code)).toEqual(['device']);
});
