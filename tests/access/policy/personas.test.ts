import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse, personaNames, whoSeesWhat } from '../support/privacy-house.ts';

let house: PrivacyHouse;

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load(...personaNames());
}, 60_000);
afterAll(() => house.shut());

/** Every record of the persona that is found by a search over its types. */
async function foundBy(viewer: string, all: readonly string[]): Promise<string[]> {
  const types = [...new Set(all.map((reference) => reference.split('/')[0]))].join();
  const { json, status } = await house.as(viewer, 'GET', `/?_type=${types}&_count=1000&_total=accurate`);
  expect(status).toBe(200);
  const entries: string[] = (json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`);
  expect(json.total).toBe(entries.length);
  return entries.filter((reference) => all.includes(reference)).sort();
}

describe('who sees what, persona by persona', () => {
  for (const persona of personaNames()) {
    for (const { at, viewers, sees } of whoSeesWhat(persona).moments) {
      for (const { fhirUser, class: kind } of viewers) {
        test(`PP-02 PP-01 PP-09 PP-22 PP-23 PP-25 ${persona}, ${at}: ${fhirUser} (${kind}) finds exactly what is to be seen, and reads nothing else`, async () => {
          house.at(at);
          const all = Object.keys(sees);
          const expected = all.filter((reference) => sees[reference]?.includes(fhirUser)).sort();
          expect(await foundBy(fhirUser, all)).toEqual(expected);
          const entry = all.map((url) => ({ request: { method: 'GET', url } }));
          const { json } = await house.as(fhirUser, 'POST', '', { resourceType: 'Bundle', type: 'batch', entry });
          const answers = all.map((reference, at) => [reference, json.entry[at].response.status]);
          expect(answers).toEqual(all.map((one) => [one, expected.includes(one) ? '200 OK' : '404 Not Found']));
        });
      }
    }
  }
});
