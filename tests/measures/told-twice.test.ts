import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from '../../src/fhir/types.ts';
import type { Unit } from '../../src/measures/types.ts';
import { houseMeasures, measureNamed, testChildren, year2026 } from './house.ts';

/**
 * What several sources report is not several events, and the order of arrival means nothing: every test child again, with records
 * repeated under other ids (together with what refers to them) and all of it in another order. No unit may come or go.
 */

const house = houseMeasures();
const names = readdirSync(path.join(import.meta.dirname, '../../fixtures/measures'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** All records but the Patient once more, told by another source: under ids of its own, which its references use. */
function again(resources: readonly Resource[]): Resource[] {
  const records = resources.filter(({ resourceType }) => resourceType !== 'Patient');
  const text = records.reduce(
    (json, { resourceType, id }) => json.replaceAll(`"${resourceType}/${id}"`, `"${resourceType}/${id}-again"`),
    JSON.stringify(records),
  );
  return (JSON.parse(text) as Resource[]).map((record) => ({ ...record, id: `${record.id}-again` }));
}

/** The units without the episodes' names: which of two equal records stands for both is not said. */
const countsOf = (units: readonly Unit[]) =>
  units.map(({ populations, strata }) => JSON.stringify([populations, strata])).sort();

describe.each(names)('%s', (name) => {
  const measure = measureNamed(house, name);

  async function answer(resources: readonly Resource[]) {
    const result = await measure.evaluate(resources, year2026);
    if (!result.ok) return 'error';
    return result.value.groups.map(({ group, units }) => ({ group, counts: countsOf(units) }));
  }

  test.each(testChildren(name).map(({ file, resources }) => [file, resources] as const))(
    '%s',
    async (_file, resources) => {
      const once = await answer(resources);
      const twice = [...resources, ...again(resources)];
      await fc.assert(
        fc.asyncProperty(fc.shuffledSubarray(twice, { minLength: twice.length }), async (told) => {
          expect(await answer(told)).toEqual(once);
        }),
        { numRuns: 1 },
      );
    },
  );
});
