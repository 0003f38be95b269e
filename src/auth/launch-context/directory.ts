/** A child that a person may choose, as a page names it. */
export interface PatientChoice {
  id: string;
  name: string;
  /** FHIR date, as precise as it is known. */
  birthDate?: string;
}

export interface EncounterChoice {
  id: string;
  /** What and when, in words. */
  name: string;
}

/**
 * Who may see whom, as far as the pages need it: handed in by `app.ts`, so that the privacy rules have one home. What is answered here only
 * limits the choice; what a token reaches is decided on every request.
 */
export interface Directory {
  /** The children of this person (`RelatedPerson/…`, `Patient/…`); `all` for one who finds them by name. */
  patientsOf(fhirUser: string): Promise<readonly PatientChoice[] | 'all'>;
  /** For a person with `all`: children whose name fits, at most `limits.people.choices`. */
  search(fhirUser: string, name: string): Promise<readonly PatientChoice[]>;
  /** One child, when this person may choose it. */
  patient(fhirUser: string, patientId: string): Promise<PatientChoice | undefined>;
  /** Everybody who is kin or guardian of the child on paper, with telephones and e-mails: none of them may be the young person's own. */
  proxiesOf(patientId: string): Promise<readonly { fhirUser: string; contacts: readonly string[] }[]>;
  /** Encounters of the child that this person may see, newest first. */
  encountersOf(fhirUser: string, patientId: string): Promise<readonly EncounterChoice[]>;
  /** Records of a type about the child that this person may see, newest first; none of a type that is about nobody. */
  recordsOf(fhirUser: string, patientId: string, type: string): Promise<readonly EncounterChoice[]>;
  hasEncounter(fhirUser: string, patientId: string, encounterId: string): Promise<boolean>;
  /** A Task as this person may see it; undefined when it is hidden or not there. */
  task(fhirUser: string, taskId: string): Promise<Record<string, unknown> | undefined>;
}

/** Nobody may choose anybody. */
export const emptyDirectory: Directory = {
  patientsOf: async () => [],
  search: async () => [],
  patient: async () => undefined,
  proxiesOf: async () => [],
  encountersOf: async () => [],
  recordsOf: async () => [],
  hasEncounter: async () => false,
  task: async () => undefined,
};
