import path from 'node:path';
import { createSchema } from '../../../src/fhir/validate/schema.ts';
import { createFhirModel, type FhirModel } from '../../../src/measures/engine/model/fhir-model.ts';

/** The model of FHIR, from the definitions as built. */
export const fhirModel: FhirModel = createFhirModel(
  createSchema(path.join(import.meta.dirname, '../../../build/fhir/structures')),
);
