/** FHIR type-level and instance-level interactions the sandbox can offer (R4, codesystem-restful-interaction). */
export type Interaction = 'read' | 'search-type' | 'create' | 'update' | 'delete';

/** What a vendor lets a client do. Data only: the rules that read it are in `fhir/`. */
export interface Personality {
  name: string;
  software: string;
  /** Resource types offered; undefined: every R4 type. */
  types?: readonly string[];
  /** What every type offers, unless `interactions` names the type. */
  everyType: readonly Interaction[];
  interactions: Readonly<Record<string, readonly Interaction[]>>;
  /** Search parameters offered where the type defines them; undefined: every one that can be evaluated. */
  searchParameters?: readonly string[];
  /** Result parameters that are honoured (`_sort`, `_include`, …); `_count` always is. */
  resultParameters: readonly string[];
  /** A search of the type must hold all parameters of at least one of the sets. */
  requiredParameters: Readonly<Record<string, readonly (readonly string[])[]>>;
  defaultCount: number;
  maxCount: number;
  /** Put a warning OperationOutcome into an empty searchset, as one large vendor does. */
  warnsWhenEmpty: boolean;
  /** Honour If-None-Exist. A vendor that does not, ignores it. */
  conditionalCreate: boolean;
  /** Take transaction bundles of new resources. */
  transactions: boolean;
  /** 201 and 200 answers to writes have no body. */
  emptyWriteAnswers: boolean;
  /** An update without If-Match is refused. */
  updateNeedsIfMatch: boolean;
  /** A category that every resource of the type carries when this vendor gives it out, whatever else it says. */
  categories: Readonly<Record<string, { system: string; code: string; display: string }>>;
  /** Media types a DocumentReference may carry; undefined: any. */
  documentTypes?: readonly string[];
}

const readSearch: readonly Interaction[] = ['read', 'search-type'];

/**
 * A large vendor, as its public documentation and capability statement describe it: plans read-only, no change-time
 * search, required search parameters, few writes, no history, no idempotent create.
 */
const vendor: Personality = {
  name: 'vendor',
  software: 'Sandbox Hospital EHR',
  types: [
    'AllergyIntolerance',
    'Appointment',
    'Binary',
    'CarePlan',
    'CareTeam',
    'Claim',
    'Communication',
    'Condition',
    'Consent',
    'Coverage',
    'Device',
    'DeviceRequest',
    'DiagnosticReport',
    'DocumentReference',
    'Encounter',
    'EpisodeOfCare',
    'ExplanationOfBenefit',
    'FamilyMemberHistory',
    'Flag',
    'Goal',
    'Group',
    'ImagingStudy',
    'Immunization',
    'Location',
    'Medication',
    'MedicationAdministration',
    'MedicationDispense',
    'MedicationRequest',
    'MedicationStatement',
    'NutritionOrder',
    'Observation',
    'Organization',
    'Patient',
    'Practitioner',
    'PractitionerRole',
    'Procedure',
    'Provenance',
    'Questionnaire',
    'QuestionnaireResponse',
    'RelatedPerson',
    'RiskAssessment',
    'ServiceRequest',
    'Specimen',
    'Task',
  ],
  everyType: readSearch,
  interactions: {
    Binary: ['read'],
    Condition: ['read', 'search-type', 'create', 'update'],
    DocumentReference: ['read', 'search-type', 'create'],
    ServiceRequest: ['read', 'search-type', 'create'],
  },
  searchParameters: [
    '_id',
    'address',
    'authored',
    'authoredon',
    'birthdate',
    'category',
    'clinical-status',
    'code',
    'date',
    'email',
    'encounter',
    'family',
    'gender',
    'given',
    'identifier',
    'intent',
    'issued',
    'lifecycle-status',
    'member',
    'name',
    'organization',
    'patient',
    'period',
    'phone',
    'practitioner',
    'recorded-date',
    'status',
    'subject',
    'target',
    'telecom',
    'type',
  ],
  resultParameters: [],
  requiredParameters: {
    CarePlan: [['category'], ['_id']],
    Observation: [['category'], ['code'], ['_id']],
    Patient: [['identifier'], ['name', 'birthdate'], ['_id']],
  },
  defaultCount: 20,
  maxCount: 50,
  warnsWhenEmpty: true,
  conditionalCreate: false,
  transactions: false,
  emptyWriteAnswers: true,
  updateNeedsIfMatch: true,
  // US Core's CarePlan profile: a certified vendor's plans all have it, and its clients search by it.
  categories: {
    CarePlan: {
      system: 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category',
      code: 'assess-plan',
      display: 'Assessment and Plan of Treatment',
    },
  },
  documentTypes: [
    'application/pdf',
    'text/plain',
    'text/rtf',
    'text/html',
    'application/xhtml+xml',
    'application/xml',
    'text/xml',
  ],
};

/** Any FHIR R4 server with Backend Services and no quirks of its own. */
const open: Personality = {
  name: 'open',
  software: 'Sandbox open FHIR server',
  everyType: ['read', 'search-type', 'create', 'update', 'delete'],
  interactions: {},
  resultParameters: ['_sort', '_include', '_revinclude'],
  requiredParameters: {},
  defaultCount: 50,
  maxCount: 1000,
  warnsWhenEmpty: false,
  conditionalCreate: true,
  transactions: true,
  emptyWriteAnswers: false,
  updateNeedsIfMatch: false,
  categories: {},
};

export const personalities: Readonly<Record<string, Personality>> = { vendor, open };
