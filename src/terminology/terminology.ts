import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/errors.ts';
import type { Definitions } from '../fhir/definitions.ts';
import type { r4 } from '../fhir/types.ts';
import { createValidator, type Validate } from '../fhir/validate.ts';
import type { Reader, WriteEffect } from '../store/types.ts';
import { readBuiltIn } from './built-in.ts';
import { evaluate } from './compose/evaluate.ts';
import { type Check, createCheck } from './conformance/check.ts';
import { createMemory } from './conformance/memory.ts';
import { createLibraries } from './library.ts';
import { type LoadCommand, loadCommand } from './load/load.ts';
import { terminologyOperations } from './operations/index.ts';
import { type PackageCommand, packageCommand } from './package/load-package.ts';
import { createTerms, type Terms } from './terms.ts';
import type { Member, TerminologyOperation } from './types.ts';

export interface Terminology {
  /** For searches by value set and by subsumption. */
  terms: Terms;
  /** Validation with the profiles, value sets and code systems that are here. */
  check: Check;
  /** The codes of value sets, for measures. */
  valueSets: {
    builtIn(url: string, version?: string): r4.ValueSet | undefined;
    /** All of them, or why they cannot be told exactly. `reader`: the transaction within one. */
    expand(reader: Reader, valueSet: r4.ValueSet): Promise<Result<readonly Member[]>>;
  };
  /** Validation with what is built in alone, for where nobody can wait. */
  validate: Validate;
  /** Fits the house's `Module` type, which this room may not import. */
  module: {
    name: string;
    operations: readonly TerminologyOperation[];
    commands: readonly [LoadCommand, PackageCommand];
    effects: readonly WriteEffect[];
  };
}

/** The terminology room. */
export function createTerminology(deps: {
  definitions: Definitions;
  /** What `scripts/build-definitions.ts` wrote. */
  fhirDir: string;
  /** What `scripts/build-terminology.ts` wrote; without the file nothing is built in. */
  builtInFile: string;
  clock: Clock;
}): Terminology {
  const { definitions, fhirDir, clock } = deps;
  const builtIn = readBuiltIn(deps.builtInFile);
  const libraries = createLibraries({ definitions, builtIn });
  const { libraryOf, find } = libraries;
  const memory = createMemory();
  const validate = createValidator(fhirDir, memory);
  const { check, generation } = createCheck(validate, memory, libraries);
  const operations = terminologyOperations({ libraryOf, validate, now: () => clock.now() });
  const loading = { validate, find, changed: generation.change };
  const commands: Terminology['module']['commands'] = [loadCommand(loading), packageCommand(loading)];
  const module = { name: 'terminology', operations, commands, effects: [generation.effect] };
  const valueSets: Terminology['valueSets'] = {
    builtIn: builtIn.valueSet,
    expand: (reader, valueSet) => evaluate(valueSet, libraryOf(reader), { words: [], activeOnly: false }),
  };
  return { terms: createTerms(libraries), check, valueSets, validate, module };
}
