import { join } from 'node:path';
import type { Issue } from '../base/errors.ts';
import { plain } from './json.ts';
import type { Resource } from './types.ts';
import { createInvariantCheck } from './validate/invariants.ts';
import { preflight } from './validate/preflight.ts';
import { createSchema, type Schema } from './validate/schema.ts';
import { checkStructure } from './validate/structure.ts';

/**
 * Makes the check of a resource against the base definitions of FHIR R4: element names, cardinality, datatypes, choices,
 * required codes, invariants. Structure definitions are read from `dir` (`build/fhir`) when a type is first seen. All issues
 * of the structure come at once, invariants once the structure is right. Issues have FHIRPath locations and never quote a
 * value; those with `severity: 'warning'` do not make the resource invalid.
 */
export function createValidator(dir: string): (resource: Resource) => Issue[] {
  let schema: Schema | undefined;
  const invariantIssues = createInvariantCheck();
  return (resource) => {
    schema ??= createSchema(join(dir, 'structures'));
    const issues = preflight(resource);
    // Numbers kept digit by digit are objects; from here on they have to be numbers.
    const check = checkStructure(schema, plain(resource));
    issues.push(...check.issues);
    return issues.length > 0 ? issues : check.invariants.flatMap(invariantIssues);
  };
}
