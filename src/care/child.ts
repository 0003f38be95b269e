import type { Resource } from '../fhir/types.ts';
import { localId } from './local-id.ts';

/** The elements that name the child, by type: whose record a resource belongs to. */
const ofPlan: Record<string, string> = {
  CarePlan: 'subject',
  CareTeam: 'subject',
  Condition: 'subject',
  Goal: 'subject',
  RelatedPerson: 'patient',
  ServiceRequest: 'subject',
  Task: 'for',
};
const childElement: Record<string, string> = {
  ...ofPlan,
  AllergyIntolerance: 'patient',
  ChargeItem: 'subject',
  Communication: 'subject',
  Encounter: 'subject',
  EpisodeOfCare: 'patient',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  QuestionnaireResponse: 'subject',
  Procedure: 'subject',
  Observation: 'subject',
};

/** The types whose change may change a shared plan. */
export const planTypes: readonly string[] = Object.keys(ofPlan);

/** The id of the child a resource is about; undefined when it is about no Patient of ours. */
export function childOf(resource: Resource | undefined): string | undefined {
  const element = resource && childElement[resource.resourceType];
  return element === undefined ? undefined : localId(resource?.[element], 'Patient');
}
