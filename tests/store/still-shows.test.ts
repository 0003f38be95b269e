import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { shownBefore } from '../../src/store/still-shows.ts';
import type { ShownBefore, Visibility } from '../../src/store/types.ts';
import * as a from '../care/support/child.ts';
import { createTestStore, type TestStore } from '../support/database.ts';

const types = ['Patient', 'Goal', 'Condition'];
const seesChild: Visibility = { kind: 'limited', grants: [{ types: new Set(types), patients: [a.childId] }] };
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({});
  const other = { reference: 'Patient/other' };
  await a.put(
    at.store,
    a.coordinator,
    a.patient,
    { ...a.patient, id: 'other' },
    a.goal('one', 'One'),
    a.condition('two', '195967001'),
    a.goal('others', 'Of the other', { subject: other }),
    { resourceType: 'Practitioner', id: 'pine', name: [{ family: 'Pine' }] },
  );
});
afterAll(() => at.drop());

async function read(visibility = seesChild): Promise<ShownBefore> {
  const lastProvenance = await at.store.lastProvenanceOf(a.childId);
  const shown = await at.store.compartment({ patientId: a.childId, types, count: 100 }, visibility);
  if (!shown.ok) throw new Error('not read');
  const beside = await at.store.readMany([{ type: 'Practitioner', id: 'pine' }]);
  return shownBefore({ patientId: a.childId, types, records: shown.value.matches, beside, lastProvenance });
}
const still = (before: ShownBefore, visibility = seesChild) => at.store.stillShows(before, visibility);
const put = (...resources: Resource[]) => a.put(at.store, a.coordinator, ...resources);

describe('stillShows', () => {
  test('is true while nothing changes, and when another child changes', async () => {
    const before = await read();
    expect(before.records.map(({ id }) => id)).toEqual([a.childId, 'one', 'two']);
    expect(await still(before)).toBe(true);
    await put(a.goal('others', 'Of the other, changed', { subject: { reference: 'Patient/other' } }));
    expect(await still(before)).toBe(true);
  });

  test('is false for a visibility that shows less, more, or nothing', async () => {
    const before = await read();
    const less: Visibility = {
      kind: 'limited',
      grants: [{ types: new Set(['Patient', 'Goal']), patients: [a.childId] }],
    };
    expect(await still(before, less)).toBe(false);
    expect(await still(await read(less))).toBe(false);
    expect(await still(before, { kind: 'limited', grants: [] })).toBe(false);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a changed record', () => put(a.goal('one', 'Changed'))],
    ['a new record', () => put(a.goal('three', 'Three'))],
    ['a deleted record', () => at.store.transact(a.coordinator, (tx) => tx.delete('Goal', 'three'))],
    ['somebody named by it', () => put({ resourceType: 'Practitioner', id: 'pine', name: [{ family: 'Fir' }] })],
    [
      'a new Provenance',
      () =>
        put({
          resourceType: 'Provenance',
          id: 'p',
          target: [{ reference: `Patient/${a.childId}` }],
          recorded: '2026-11-01T00:00:00Z',
          agent: [{ who: { display: 'Somebody' } }],
        }),
    ],
  ])('is false after %s', async (_, change) => {
    const before = await read();
    expect(await still(before)).toBe(true);
    await change();
    expect(await still(before)).toBe(false);
  });
});
