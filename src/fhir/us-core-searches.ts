/**
 * The searches that US Core asks of a server, by type: sets of parameters that are used together (US Core 6.1 and 7.0, the server's
 * capability statement). Our capability statement is made of this table, and the tests ask every row of it.
 */
export interface UsCoreSearches {
  shall: readonly (readonly string[])[];
  should?: readonly (readonly string[])[];
}

const patient = ['patient'];
const withPatient = (...sets: string[]): string[][] => sets.map((set) => ['patient', ...set.split(' ')]);

export const usCoreSearches: Readonly<Record<string, UsCoreSearches>> = {
  AllergyIntolerance: { shall: [patient], should: withPatient('clinical-status') },
  CarePlan: {
    shall: withPatient('category'),
    should: withPatient('category status', 'category date', 'category status date'),
  },
  CareTeam: { shall: withPatient('status'), should: [['role'], ...withPatient('role')] },
  Condition: {
    shall: [patient, ...withPatient('category')],
    should: withPatient(
      'clinical-status',
      'category clinical-status',
      'category encounter',
      'onset-date',
      'abatement-date',
      'asserted-date',
      'recorded-date',
      'code',
      '_lastUpdated',
    ),
  },
  Coverage: { shall: [patient] },
  Device: { shall: [patient], should: withPatient('type', 'status') },
  DiagnosticReport: {
    shall: [patient, ...withPatient('category', 'code', 'category date')],
    should: withPatient('status', 'code date', 'category _lastUpdated', '_lastUpdated'),
  },
  DocumentReference: {
    shall: [['_id'], patient, ...withPatient('type', 'category', 'category date')],
    should: withPatient('status', 'type period'),
  },
  Encounter: {
    shall: [['_id'], patient, ...withPatient('date')],
    should: [
      ['identifier'],
      ...withPatient('class', 'type', 'status', 'location', 'discharge-disposition', '_lastUpdated'),
    ],
  },
  FamilyMemberHistory: { shall: [patient], should: withPatient('code') },
  Goal: { shall: [patient], should: withPatient('target-date', 'lifecycle-status', 'description') },
  Immunization: { shall: [patient], should: withPatient('date', 'status') },
  Location: { shall: [['name'], ['address']], should: [['address-city'], ['address-state'], ['address-postalcode']] },
  MedicationDispense: { shall: [patient], should: withPatient('status', 'status type') },
  MedicationRequest: {
    shall: withPatient('intent', 'intent status'),
    should: withPatient('intent encounter', 'intent authoredon'),
  },
  Observation: {
    shall: withPatient('category', 'code', 'category date'),
    should: withPatient('code date', 'category status', 'category _lastUpdated'),
  },
  Organization: { shall: [['name'], ['address']] },
  Patient: {
    shall: [['_id'], ['identifier'], ['name'], ['birthdate', 'name'], ['gender', 'name']],
    should: [
      ['birthdate', 'family'],
      ['family', 'gender'],
      ['death-date', 'family'],
    ],
  },
  Practitioner: { shall: [['name'], ['identifier']], should: [['_id']] },
  PractitionerRole: { shall: [['specialty'], ['practitioner']], should: [['_id']] },
  Procedure: { shall: [patient, ...withPatient('date')], should: withPatient('status', 'code date') },
  QuestionnaireResponse: { shall: [['_id'], patient], should: withPatient('questionnaire', 'authored', 'status') },
  RelatedPerson: { shall: [['_id']], should: [patient, ['name'], ...withPatient('name')] },
  ServiceRequest: {
    shall: [['_id'], patient, ...withPatient('category', 'code', 'category authored')],
    should: withPatient('status', 'code authored'),
  },
  Specimen: { shall: [['_id']], should: [patient] },
};
