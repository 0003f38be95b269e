import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse, personaNames, whoSeesWhat } from '../support/privacy-house.ts';

let house: PrivacyHouse;

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load(...personaNames());
}, 60_000);
afterAll(() => house.shut());

/** Every record of the persona that is found by a search of its type. */
async function foundBy(viewer: string, all: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const type of new Set(all.map((reference) => reference.split('/')[0] ?? ''))) {
    const { json, status } = await house.as(viewer, 'GET', `/${type}?_count=200&_total=accurate`);
    expect({ type, status }).toEqual({ type, status: 200 });
    const entries: string[] = (json.entry ?? []).map(({ resource }: any) => `${resource.resourceType}/${resource.id}`);
    expect(json.total).toBe(entries.length);
    found.push(...entries.filter((reference) => all.includes(reference)));
  }
  return found.sort();
}

describe('who sees what, persona by persona', () => {
  for (const persona of personaNames()) {
    for (const { at, viewers, sees } of whoSeesWhat(persona).moments) {
      for (const { fhirUser, class: kind } of viewers) {
        test(`PP-02 ${persona}, ${at}: ${fhirUser} (${kind}) finds exactly what is to be seen, and reads nothing else`, async () => {
          house.at(at);
          const all = Object.keys(sees);
          const expected = all.filter((reference) => sees[reference]?.includes(fhirUser)).sort();
          expect(await foundBy(fhirUser, all)).toEqual(expected);
          for (const reference of all) {
            const { status } = await house.as(fhirUser, 'GET', `/${reference}`);
            expect([reference, status]).toEqual([reference, expected.includes(reference) ? 200 : 404]);
          }
        });
      }
    }
  }
});
