import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import { codeOf } from './render.ts';

/** The words of the access log that families read: codes of CodeSystem/access-log, whose displays are what is shown in English. */
export const accessLogSystem = `${canonicalBase}/CodeSystem/access-log`;

const displays = {
  you: 'You',
  patient: 'The child or young person',
  family: 'A family member with access',
  'care-team': 'A member of the care team',
  staff: 'A member of a care organization',
  partner: 'Somebody of a partner organization',
  app: 'An app or another system, by itself',
  hospital: 'A hospital’s system',
  server: 'This server, by itself',
  viewed: 'looked at',
  added: 'added',
  changed: 'changed',
  deleted: 'deleted',
  basics: 'name, address and other basics',
  plan: 'care plan and goals',
  problems: 'problems and diagnoses',
  medicines: 'medicines',
  allergies: 'allergies',
  vaccines: 'vaccines',
  results: 'measurements and test results',
  visits: 'visits and appointments',
  documents: 'documents and letters',
  questionnaires: 'questionnaires',
  messages: 'messages and tasks',
  contacts: 'family, contacts and care team',
  insurance: 'insurance and bills',
  permissions: 'permissions',
  other: 'other parts of the record',
  nothing: 'nothing was found',
} as const;

export type Word = keyof typeof displays;

export function wordCoding(word: Word): r4.Coding {
  return { system: accessLogSystem, code: word, display: displays[word] };
}

/** All of them, for the check that the code system says the same. */
export const words: readonly Word[] = Object.keys(displays) as Word[];

const kinds: Readonly<Record<string, Word>> = {
  Patient: 'basics',
  CarePlan: 'plan',
  Goal: 'plan',
  ServiceRequest: 'plan',
  Condition: 'problems',
  ClinicalImpression: 'problems',
  MedicationRequest: 'medicines',
  MedicationStatement: 'medicines',
  MedicationAdministration: 'medicines',
  MedicationDispense: 'medicines',
  AllergyIntolerance: 'allergies',
  Immunization: 'vaccines',
  ImmunizationRecommendation: 'vaccines',
  Observation: 'results',
  DiagnosticReport: 'results',
  Specimen: 'results',
  Encounter: 'visits',
  Appointment: 'visits',
  Procedure: 'visits',
  DocumentReference: 'documents',
  Composition: 'documents',
  Binary: 'documents',
  QuestionnaireResponse: 'questionnaires',
  RiskAssessment: 'questionnaires',
  Communication: 'messages',
  CommunicationRequest: 'messages',
  Task: 'messages',
  RelatedPerson: 'contacts',
  CareTeam: 'contacts',
  Person: 'contacts',
  Coverage: 'insurance',
  Claim: 'insurance',
  ExplanationOfBenefit: 'insurance',
  Account: 'insurance',
  Consent: 'permissions',
};

/** What parts of the record these references are, in the order of the words. */
export function kindsOf(references: readonly string[]): Word[] {
  const found = new Set(references.map((reference) => kinds[reference.split('/', 1)[0] ?? ''] ?? 'other'));
  return words.filter((word) => found.has(word));
}

const actions = { C: 'added', U: 'changed', D: 'deleted', R: 'viewed', E: 'viewed' } as const;

export function actionOf(act: string): Word {
  return act === 'transaction' ? 'changed' : actions[codeOf(act).action];
}
