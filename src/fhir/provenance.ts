import { isObject } from './search/walk-path.ts';
import type { Resource } from './types.ts';

/**
 * Whose record a Provenance tells of. R4 knows only a Provenance whose target is the Patient itself; R5 gave it an element `patient`,
 * and this is that element as R5's extension for R4. Our search parameter `patient` of Provenance reads both, and so does the patient
 * compartment.
 */
export const provenancePatientUrl = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Provenance.patient';

/** System of the identifier that names a client (its client_id) where there is no resource for it. */
export const clientSystem = 'urn:careweave:client';

export const dataOperationSystem = 'http://terminology.hl7.org/CodeSystem/v3-DataOperation';
export const participantTypeSystem = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** The same Provenance, said to be of this patient's record and of no other. */
export function ofPatient(provenance: Resource, patientId: string | undefined): Resource {
  const given = Array.isArray(provenance.extension) ? provenance.extension : [];
  const { extension: _, ...rest } = provenance;
  const kept = given.filter((each) => !isObject(each) || each.url !== provenancePatientUrl);
  if (patientId !== undefined)
    kept.push({ url: provenancePatientUrl, valueReference: { reference: `Patient/${patientId}` } });
  return kept.length > 0 ? { ...rest, extension: kept } : rest;
}
