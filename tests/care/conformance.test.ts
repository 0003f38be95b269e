import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { breakGlass } from '../../src/access/emergency/break-glass.ts';
import { systemClock } from '../../src/base/clock.ts';
import { createCare } from '../../src/care/care.ts';
import { sharedPlanProfile } from '../../src/care/plan/plan-content.ts';
import { leadCoordinatorUrl } from '../../src/fhir/plan-view/team.ts';
import { canonicalBase, planCategorySystem, sharedPlanCode } from '../../src/fhir/shared-plan.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';

const root = path.join(import.meta.dirname, '../..');
const folders = [
  ...['structure-definitions', 'code-systems', 'value-sets', 'concept-maps', 'operations', 'questionnaires'],
  'plan-definitions',
];
const files = folders.flatMap((folder) =>
  readdirSync(path.join(root, 'profiles', folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.join(folder, file)),
);
const read = (file: string): Resource & { url?: string } =>
  JSON.parse(readFileSync(path.join(root, 'profiles', file), 'utf8'));

describe('conformance resources', () => {
  test.each(files)('%s is valid, and named by its id and URL', (file) => {
    const resource = read(file);
    const validate = createValidator(path.join(root, 'build/fhir'));
    expect(validate(resource).filter(({ severity }) => severity !== 'warning')).toEqual([]);
    expect(resource.id).toBe(path.basename(file, '.json'));
    expect(resource.url).toBe(`http://careweave.org/fhir/${resource.resourceType}/${resource.id}`);
  });

  test('define what the code uses', () => {
    const urls = files.map((file) => read(file).url);
    expect(urls).toEqual(expect.arrayContaining([planCategorySystem, sharedPlanProfile, leadCoordinatorUrl]));
    expect(read('code-systems/careplan-category.json').concept).toContainEqual(
      expect.objectContaining({ code: sharedPlanCode }),
    );
  });

  test('describe every operation as it is offered', () => {
    // What it needs to be carried out is of no matter here.
    const emergency = breakGlass({} as Parameters<typeof breakGlass>[0]);
    const offered = [emergency, ...(createCare({ clock: systemClock }).module.operations ?? [])];
    // Those of guides (SDC) are described there.
    const operations = offered.filter(({ definition }) => definition.startsWith(canonicalBase));
    const defined = files.filter((file) => file.startsWith('operations')).map(read);
    // Those of the audit trail are held against it where they are tested.
    expect(defined.map(({ url }) => url)).toEqual(
      expect.arrayContaining(operations.map(({ definition }) => definition)),
    );
    for (const { name, level, resourceType, affectsState, definition } of operations) {
      expect(defined.find(({ url }) => url === definition)).toMatchObject({
        code: name,
        resource: [resourceType],
        affectsState,
        [level]: true,
      });
    }
  });
});
