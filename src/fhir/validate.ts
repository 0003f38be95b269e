import { join } from 'node:path';
import type { Issue } from '../base/errors.ts';
import { withPlainNumbers } from './json.ts';
import type { Resource } from './types.ts';
import { checkConformance } from './validate/conformance.ts';
import { createInvariantCheck } from './validate/invariants.ts';
import { preflight } from './validate/preflight.ts';
import type { ProfileLookup } from './validate/profile-check.ts';
import { createProfiles, type LoadedProfiles } from './validate/profiles.ts';
import { createSchema, type Schema } from './validate/schema.ts';
import { checkStructure } from './validate/structure.ts';
import { createMembership, type InValueSet } from './validate/value-sets.ts';

interface ValidatorOptions {
  /** Profiles and extension definitions beyond the built-in ones; these come first. */
  profiles?: LoadedProfiles;
  /** Membership in value sets that are no plain lists of the published definitions; undefined: cannot be said. */
  inValueSet?: InValueSet;
}

/** Checks a resource against FHIR R4 and the profiles it claims; `profiles` asks for more of them. */
export type Validate = (resource: Resource, asked?: { profiles?: readonly string[] }) => Issue[];

/**
 * Makes the check of a resource against the base definitions of FHIR R4 (element names, cardinality, datatypes, choices,
 * required codes, types of references, known extensions, invariants) and against the profiles in `meta.profile`. Definitions
 * are read from `dir` (`build/fhir`) when first needed. All issues come at once, but invariants only once the structure is
 * right. Issues have FHIRPath locations and never quote a value; those with `severity: 'warning'` do not make the resource
 * invalid.
 */
export function createValidator(dir: string, options: ValidatorOptions = {}): Validate {
  let base: { schema: Schema; lookup: ProfileLookup } | undefined;
  const invariantIssues = createInvariantCheck();
  return (resource, asked = {}) => {
    base ??= readBase(dir, options);
    // Numbers kept digit by digit are objects; from here on they have to be numbers.
    const walked = checkStructure(base.schema, withPlainNumbers(resource));
    const conformance = checkConformance(walked, asked.profiles ?? [], base.lookup);
    const issues = [...preflight(resource), ...walked.issues, ...conformance.issues];
    if (issues.every(isWarning)) {
      issues.push(...[...walked.invariants, ...conformance.invariants].flatMap(invariantIssues));
    }
    return issues.length > 1 ? unique(issues) : issues;
  };
}

/** A profile repeats on its slices what it says of the whole element. */
function unique(issues: readonly Issue[]): Issue[] {
  return [...new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values()];
}

function isWarning({ severity }: Issue): boolean {
  return severity === 'warning' || severity === 'information';
}

function readBase(dir: string, { profiles, inValueSet }: ValidatorOptions): { schema: Schema; lookup: ProfileLookup } {
  const schema = createSchema(join(dir, 'structures'));
  const rules = createProfiles(join(dir, 'profiles'), schema, profiles);
  return {
    schema,
    lookup: {
      rules,
      inValueSet: createMembership(join(dir, 'profiles', 'value-sets.json'), inValueSet),
      isAsked: inValueSet !== undefined,
    },
  };
}
