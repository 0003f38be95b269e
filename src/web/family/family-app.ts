import type { LaunchApp } from '../shared/smart-launch.ts';

/** This page as a SMART app. The scopes are those of `src/auth/first-party.ts`: to read, and to say what families say. */
export const familyApp: LaunchApp = {
  clientId: 'careweave-family',
  scope:
    'launch/patient openid fhirUser patient/*.rs patient/Goal.u patient/Task.cu patient/Observation.c patient/Consent.cu patient/RequestGroup.c patient/QuestionnaireResponse.cu',
  home: '/family',
  isStandalone: true,
};

/** The searches beside those of every plan's page: what a family reads of its plan, and what waits for it. */
export const familySearches = (patient: string): string[] => [
  `Observation?patient=${patient}&code=http://loinc.org|95541-9,http://loinc.org|81360-0,http://loinc.org|81362-6,http://loinc.org|81364-2&_count=200`,
  `Observation?patient=${patient}&category=care-experience-preference,baseline&_count=200`,
  `AllergyIntolerance?patient=${patient}&_count=200`,
  `MedicationRequest?patient=${patient}&_count=200`,
  `MedicationStatement?patient=${patient}&_count=200`,
  `Appointment?patient=${patient}&_count=200`,
  `RequestGroup?patient=${patient}&_count=200`,
  `QuestionnaireResponse?patient=${patient}&_count=200`,
];
