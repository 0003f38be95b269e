import { join } from 'node:path';
import { type Definitions, loadDefinitions } from '../../../src/fhir/definitions.ts';

/** Where `scripts/build-definitions.ts` writes. */
export const buildDir = join(import.meta.dirname, '../../../build/fhir');

export function builtDefinitions(): Definitions {
  return loadDefinitions(buildDir);
}

export const baseUrl = 'http://careweave.example/fhir';
