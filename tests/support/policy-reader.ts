import path from 'node:path';
import { createPolicyReader, type PolicyReader } from '../../src/access/policy/document.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';

const root = path.join(import.meta.dirname, '../..');

/** Reads policies as the house does. */
export function policyReader(): PolicyReader {
  return createPolicyReader(path.join(root, 'profiles'), loadDefinitions(path.join(root, 'build', 'fhir')));
}
