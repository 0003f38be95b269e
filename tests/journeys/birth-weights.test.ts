import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';

/** The same birth weight as three hospitals write it, over HTTP, on the whole house. */
let house: TestHouse;
const ids: Record<string, string> = {};

const weights: Record<string, [text: string, unit: string]> = {
  kilograms: ['3.4', '"unit":"kg","code":"kg"'],
  grams: ['3400', '"unit":"g","code":"g"'],
  pounds: ['7.496', '"unit":"lb","code":"[lb_av]"'],
  heavier: ['3.90', '"unit":"kg","code":"kg"'],
};

beforeAll(async () => {
  house = await openTestHouse();
  const child = await house.fhir('POST', '/Patient', {
    resourceType: 'Patient',
    name: [{ family: 'Quillfeather', given: ['Odo'] }],
  });
  ids.child = child.json.id;
  for (const [name, [value, unit]] of Object.entries(weights)) {
    const written = await house.fhir(
      'POST',
      '/Observation',
      `{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/${ids.child}"},
        "code":{"coding":[{"system":"http://loinc.org","code":"8339-4"}]},"effectiveDateTime":"2026-01-05",
        "valueQuantity":{"value":${value},"system":"http://unitsofmeasure.org",${unit}}}`,
    );
    expect(written.status).toBe(201);
    ids[name] = written.json.id;
  }
});
afterAll(() => house.shut());

async function found(query: string): Promise<string[]> {
  const answer = await house.fhir('GET', `/Observation?${query}`);
  expect(answer.status).toBe(200);
  const names: string[] = answer.json.entry?.map(({ resource }: { resource: { id: string } }) => resource.id) ?? [];
  return names.map((id) => Object.keys(ids).find((name) => ids[name] === id) ?? id);
}
const asked = (value: string) => encodeURIComponent(value);

describe('birth weights', () => {
  test.each([
    '3.4|http://unitsofmeasure.org|kg',
    '3400|http://unitsofmeasure.org|g',
    '7.496|http://unitsofmeasure.org|[lb_av]',
  ])('%s', async (weight) => {
    const names = (await found(`value-quantity=${asked(weight)}`)).sort();
    // 7.496 lb are 3400.13 g: within half a gram of 3400, and 3400 g within a half thousandth of a pound of it.
    expect(names).toEqual(['grams', 'kilograms', 'pounds']);
    expect((await found(`code-value-quantity=${asked(`http://loinc.org|8339-4$${weight}`)}`)).sort()).toEqual(names);
    expect((await found(`patient=${ids.child}&value-quantity=${asked(weight)}`)).sort()).toEqual(names);
  });

  test('in order, over pages, with a total', async () => {
    expect(await found(`code=8339-4&_sort=-value-quantity&_count=10`)).toEqual([
      'heavier',
      'pounds',
      'kilograms',
      'grams',
    ]);
    const first = await house.fhir('GET', `/Observation?code=8339-4&_sort=value-quantity&_count=3&_total=accurate`);
    expect(first.json.total).toBe(4);
    const next: string = first.json.link.find(({ relation }: { relation: string }) => relation === 'next').url;
    const second = await house.fhir('GET', next.slice(next.indexOf('/fhir') + 5));
    expect(second.json.entry.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual([ids.heavier]);
  });

  test('what is no quantity is refused by name', async () => {
    for (const bad of ['heavy', '3.4|kg', '1e999999999||kg']) {
      const answer = await house.fhir('GET', `/Observation?value-quantity=${asked(bad)}`);
      expect(answer.status).toBe(400);
      expect(answer.json.issue[0].diagnostics ?? answer.json.issue[0].details.text).toContain('value-quantity');
      expect(answer.text).not.toContain(bad);
    }
  });

  test('the capability statement says so', async () => {
    const { json } = await house.fhir('GET', '/metadata');
    const observation = json.rest[0].resource.find(({ type }: { type: string }) => type === 'Observation');
    const kinds = observation.searchParam.map(({ name, type }: { name: string; type: string }) => `${name} ${type}`);
    expect(kinds).toEqual(
      expect.arrayContaining(['value-quantity quantity', 'component-code-value-quantity composite']),
    );
  });
});
