import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import * as a from '../support/child.ts';

let house: TestHouse;
beforeAll(async () => {
  house = await openTestHouse();
  await house.fhir('PUT', '/Patient/child', { resourceType: 'Patient', id: 'child' });
});
afterAll(() => house.shut());

const subject = { reference: 'Patient/child' };
const system = 'http://example.org/problems';
const problem = (id: string, code: string, display: string) => {
  return a.mirrored(a.condition(id, '', { subject, code: { coding: [{ system, code, display }] } }), `site-${id}`);
};
async function kinds(): Promise<string[]> {
  const { json } = await house.fhir('GET', '/CarePlan/$reconcile?patient=child');
  const rows = ((json.parameter ?? []) as any[]).filter(({ name }) => name === 'row');
  return rows.map(({ part }) => part.find(({ name }: any) => name === 'kind').valueCode);
}

test('D19 a special case is known by its code as soon as the code system is loaded, and not by words before', async () => {
  await a.put(
    house.store,
    a.syncActor,
    problem('a', 'wheeze', 'Asthma'),
    problem('b', 'wheeze-at-night', 'Nocturnal asthma'),
  );
  expect(await kinds()).toEqual([]);
  const concept = [
    { code: 'wheeze', display: 'Asthma', concept: [{ code: 'wheeze-at-night', display: 'Nocturnal asthma' }] },
  ];
  const loaded = await house.fhir('POST', '/CodeSystem', {
    ...{
      resourceType: 'CodeSystem',
      url: system,
      version: '1',
      name: 'Problems',
      status: 'active',
      content: 'complete',
    },
    ...{ hierarchyMeaning: 'is-a', concept },
  });
  expect(loaded.status).toBe(201);
  expect(await kinds()).toEqual(['overlap']);
});
