import { aboutMeCategory, aboutMeCodes } from '../../fhir/plan-view/sections/about-me.ts';
import type { Grant } from '../../store/types.ts';

/** What a shared plan's rendering reads of a child as a whole; of Observations only those of its sections. */
const wholeTypes: ReadonlySet<string> = new Set([
  ...['Patient', 'RelatedPerson', 'CarePlan', 'CareTeam', 'Condition', 'Goal', 'ServiceRequest', 'Task'],
  ...['AllergyIntolerance', 'MedicationRequest', 'MedicationStatement', 'Device', 'DeviceUseStatement', 'Procedure'],
  ...['Immunization', 'DeviceRequest', 'Coverage', 'Consent', 'Flag', 'DocumentReference', 'Communication'],
  ...['NutritionOrder', 'VisionPrescription', 'Appointment', 'CommunicationRequest', 'RequestGroup'],
]);

export const chartTypes: readonly string[] = [...wholeTypes, 'Observation'];

/** The records that the sections are made of, as grants: about this child, nobody else's. */
export function chartGrants(patientId: string): Grant[] {
  const observations = (param: string, codes: readonly string[]): Grant => ({
    types: new Set(['Observation']),
    patients: [patientId],
    having: [{ param, anyOf: codes.map((code) => ({ code })) }],
  });
  return [
    { types: wholeTypes, patients: [patientId] },
    observations('code', aboutMeCodes),
    observations('category', [aboutMeCategory, 'baseline']),
    observations('_tag', ['baseline']),
    observations('_security', ['PARENTOWN']),
  ];
}
