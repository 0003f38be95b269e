import type { Clock } from '../base/clock.ts';
import type { Issue } from '../base/errors.ts';
import type { Definitions } from '../fhir/definitions.ts';
import type { Resource } from '../fhir/types.ts';
import { readBuiltIn } from './built-in.ts';
import { createLibraries } from './library.ts';
import { type LoadCommand, loadCommand } from './load/load.ts';
import { terminologyOperations } from './operations/index.ts';
import { createTerms, type Terms } from './terms.ts';
import type { TerminologyOperation } from './types.ts';

export interface Terminology {
  /** For searches by value set and by subsumption. */
  terms: Terms;
  /** Fits the house's `Module` type, which this room may not import. */
  module: { name: string; operations: readonly TerminologyOperation[]; commands: readonly LoadCommand[] };
}

/** The terminology room. `validate` checks value sets, code systems and concept maps that come in a request or a file. */
export function createTerminology(deps: {
  definitions: Definitions;
  /** What `scripts/build-terminology.ts` wrote; without the file nothing is built in. */
  builtInFile: string;
  validate: (resource: Resource) => Issue[];
  clock: Clock;
}): Terminology {
  const { definitions, validate, clock } = deps;
  const libraries = createLibraries({ definitions, builtIn: readBuiltIn(deps.builtInFile) });
  const { libraryOf, find } = libraries;
  const operations = terminologyOperations({ libraryOf, validate, now: () => clock.now() });
  const terms = createTerms(libraries);
  return { terms, module: { name: 'terminology', operations, commands: [loadCommand({ validate, find })] } };
}
