import type { GrantedScope } from '../../access/scopes.ts';

/** What families call the records of each type. A type without words here is shown by its FHIR name. */
const typeWords: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'allergies',
  Appointment: 'appointments',
  Binary: 'attached files',
  CarePlan: 'care plans',
  CareTeam: 'who is on the care team',
  Claim: 'insurance claims',
  Communication: 'messages',
  Condition: 'health problems and concerns',
  Consent: 'agreements about privacy',
  Coverage: 'insurance',
  Device: 'devices and implants',
  DiagnosticReport: 'test reports',
  DocumentReference: 'documents and notes',
  Encounter: 'visits',
  EpisodeOfCare: 'programs of care',
  FamilyMemberHistory: 'illnesses in the family',
  Flag: 'alerts',
  Goal: 'goals',
  Immunization: 'vaccinations',
  Location: 'places of care',
  Media: 'pictures and recordings',
  Medication: 'medicines',
  MedicationDispense: 'medicines handed out',
  MedicationRequest: 'prescriptions',
  MedicationStatement: 'medicines taken',
  NutritionOrder: 'diets',
  Observation: 'measurements, test results and answers to screenings',
  Organization: 'clinics and organizations',
  Patient: 'name, birth date, address and contacts',
  Practitioner: 'names of clinicians',
  PractitionerRole: 'roles of clinicians',
  Procedure: 'procedures',
  Provenance: 'who wrote what and when',
  QuestionnaireResponse: 'filled-in questionnaires',
  RelatedPerson: 'family members and guardians',
  RiskAssessment: 'risk assessments',
  ServiceRequest: 'referrals and orders',
  Specimen: 'samples taken for tests',
  Task: 'tasks',
};

export interface Category {
  system: string;
  code: string;
  words: string;
}

const observation = 'http://terminology.hl7.org/CodeSystem/observation-category';
const condition = 'http://terminology.hl7.org/CodeSystem/condition-category';
const usCore = 'http://hl7.org/fhir/us/core/CodeSystem';

/** SC-155: the kinds of records that a person may pick one by one. */
export const categories: Readonly<Record<string, readonly Category[]>> = {
  Condition: [
    { system: condition, code: 'problem-list-item', words: 'the problem list' },
    { system: condition, code: 'encounter-diagnosis', words: 'diagnoses of single visits' },
    { system: `${usCore}/condition-category`, code: 'health-concern', words: 'health concerns' },
  ],
  Observation: [
    { system: observation, code: 'laboratory', words: 'laboratory results' },
    { system: observation, code: 'vital-signs', words: 'growth and vital signs' },
    { system: observation, code: 'social-history', words: 'social history' },
    { system: observation, code: 'survey', words: 'screenings and surveys' },
    { system: `${usCore}/us-core-category`, code: 'sdoh', words: 'food, housing and other needs' },
  ],
};

/** One scope in plain words, e.g. `See and change: goals`. */
export function scopeWords(scope: GrantedScope): string {
  const what =
    scope.type === '*' ? 'everything in the record' : (typeWords[scope.type] ?? `records of type ${scope.type}`);
  const kinds = (scope.having ?? []).flatMap(({ anyOf }) => anyOf.map((one) => kindWords(scope.type, one)));
  return `${verbs(scope)}: ${what}${kinds.length > 0 ? ` (only ${kinds.join(', ')})` : ''}`;
}

function kindWords(type: string, { system, code }: { system?: string; code: string }): string {
  const known = categories[type]?.find((one) => one.code === code && (system === undefined || one.system === system));
  return known?.words ?? code;
}

function verbs({ interactions }: GrantedScope): string {
  const words: string[] = [];
  if (interactions.has('r') || interactions.has('s')) words.push('see');
  if (interactions.has('c')) words.push('add');
  if (interactions.has('u')) words.push('change');
  if (interactions.has('d')) words.push('delete');
  const [last = ''] = words.slice(-1);
  const text = words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The special scopes that are a person's to allow; the others say how the app starts. */
export const specialWords: Readonly<Record<string, string>> = {
  openid: 'Know that it is you, by an identifier',
  fhirUser: 'See your own entry in the record (your name and role)',
  profile: 'See your own entry in the record (your name and role)',
  offline_access: 'Keep this access when you are not using the app, until you end it under “Apps and access”',
  online_access: 'Keep this access until you sign out',
};
