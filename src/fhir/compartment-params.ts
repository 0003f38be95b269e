import type { Definitions } from './definitions.ts';

/** The compartments of R4; each is of one resource of the type. Source: FHIR R4, compartmentdefinition.html. */
export type CompartmentType = 'Patient' | 'Encounter' | 'RelatedPerson' | 'Practitioner' | 'Device';

/** `itself`: the resource that the compartment is of. */
const itself = '{def}';

/**
 * The search parameters by which a type is in a compartment, from R4's CompartmentDefinitions. That of the patient comes with the
 * definitions; the others are these.
 */
const tables: Readonly<Record<Exclude<CompartmentType, 'Patient'>, Readonly<Record<string, string>>>> = {
  Encounter: {
    CarePlan: 'encounter',
    CareTeam: 'encounter',
    ChargeItem: 'context',
    Claim: 'encounter',
    ClinicalImpression: 'encounter',
    Communication: 'encounter',
    CommunicationRequest: 'encounter',
    Composition: 'encounter',
    Condition: 'encounter',
    DeviceRequest: 'encounter',
    DiagnosticReport: 'encounter',
    DocumentManifest: 'related-ref',
    DocumentReference: 'encounter',
    Encounter: itself,
    ExplanationOfBenefit: 'encounter',
    Media: 'encounter',
    MedicationAdministration: 'context',
    MedicationRequest: 'encounter',
    NutritionOrder: 'encounter',
    Observation: 'encounter',
    Procedure: 'encounter',
    QuestionnaireResponse: 'encounter',
    RequestGroup: 'encounter',
    ServiceRequest: 'encounter',
    VisionPrescription: 'encounter',
  },
  RelatedPerson: {
    AdverseEvent: 'recorder',
    AllergyIntolerance: 'asserter',
    Appointment: 'actor',
    AppointmentResponse: 'actor',
    Basic: 'author',
    CarePlan: 'performer',
    CareTeam: 'participant',
    ChargeItem: 'enterer performer-actor',
    Claim: 'payee',
    Communication: 'sender recipient',
    CommunicationRequest: 'sender recipient requester',
    Composition: 'author',
    Condition: 'asserter',
    Coverage: 'policy-holder subscriber payor',
    DocumentManifest: 'author recipient',
    DocumentReference: 'author',
    Encounter: 'participant',
    ExplanationOfBenefit: 'payee',
    Invoice: 'recipient',
    MedicationAdministration: 'performer',
    MedicationStatement: 'source',
    Observation: 'performer',
    Patient: 'link',
    Person: 'link',
    Procedure: 'performer',
    Provenance: 'agent',
    QuestionnaireResponse: 'author source',
    RelatedPerson: itself,
    RequestGroup: 'participant',
    Schedule: 'actor',
    ServiceRequest: 'performer',
    SupplyRequest: 'requester',
  },
  Practitioner: {
    Account: 'subject',
    AdverseEvent: 'recorder',
    AllergyIntolerance: 'recorder asserter',
    Appointment: 'actor',
    AppointmentResponse: 'actor',
    AuditEvent: 'agent',
    Basic: 'author',
    CarePlan: 'performer',
    CareTeam: 'participant',
    ChargeItem: 'enterer performer-actor',
    Claim: 'enterer provider payee care-team',
    ClaimResponse: 'requestor',
    ClinicalImpression: 'assessor',
    Communication: 'sender recipient',
    CommunicationRequest: 'sender recipient requester',
    Composition: 'subject author attester',
    Condition: 'asserter',
    CoverageEligibilityRequest: 'enterer provider',
    CoverageEligibilityResponse: 'requestor',
    DetectedIssue: 'author',
    DeviceRequest: 'requester performer',
    DiagnosticReport: 'performer',
    DocumentManifest: 'subject author recipient',
    DocumentReference: 'subject author authenticator',
    Encounter: 'practitioner participant',
    EpisodeOfCare: 'care-manager',
    ExplanationOfBenefit: 'enterer provider payee care-team',
    Flag: 'author',
    Group: 'member',
    Immunization: 'performer',
    Invoice: 'participant',
    Linkage: 'author',
    List: 'source',
    Media: 'subject operator',
    MedicationAdministration: 'performer',
    MedicationDispense: 'performer receiver',
    MedicationRequest: 'requester',
    MedicationStatement: 'source',
    MessageHeader: 'receiver author responsible enterer',
    NutritionOrder: 'provider',
    Observation: 'performer',
    Patient: 'general-practitioner',
    PaymentNotice: 'provider',
    PaymentReconciliation: 'requestor',
    Person: 'practitioner',
    Practitioner: itself,
    PractitionerRole: 'practitioner',
    Procedure: 'performer',
    Provenance: 'agent',
    QuestionnaireResponse: 'author source',
    RequestGroup: 'participant author',
    ResearchStudy: 'principalinvestigator',
    RiskAssessment: 'performer',
    Schedule: 'actor',
    ServiceRequest: 'performer requester',
    Specimen: 'collector',
    SupplyDelivery: 'supplier receiver',
    SupplyRequest: 'requester',
    VisionPrescription: 'prescriber',
  },
  Device: {
    Account: 'subject',
    Appointment: 'actor',
    AppointmentResponse: 'actor',
    AuditEvent: 'agent',
    ChargeItem: 'enterer performer-actor',
    Claim: 'procedure-udi item-udi detail-udi subdetail-udi',
    Communication: 'sender recipient',
    CommunicationRequest: 'sender recipient',
    Composition: 'author',
    DetectedIssue: 'author',
    DeviceRequest: 'device subject requester performer',
    DeviceUseStatement: 'device',
    DiagnosticReport: 'subject',
    DocumentManifest: 'subject author',
    DocumentReference: 'subject author',
    ExplanationOfBenefit: 'procedure-udi item-udi detail-udi subdetail-udi',
    Flag: 'author',
    Group: 'member',
    Invoice: 'participant',
    List: 'subject source',
    Media: 'subject',
    MedicationAdministration: 'device',
    MessageHeader: 'target',
    Observation: 'subject device',
    Provenance: 'agent',
    QuestionnaireResponse: 'author',
    RequestGroup: 'author',
    RiskAssessment: 'performer',
    Schedule: 'actor',
    ServiceRequest: 'performer requester',
    Specimen: 'subject',
    SupplyRequest: 'requester',
  },
};

/** The five types whose resources have a compartment. */
export const compartmentTypes: readonly string[] = ['Patient', ...Object.keys(tables)];

export function isCompartmentType(type: string): type is CompartmentType {
  return compartmentTypes.includes(type);
}

/**
 * How a type is in a compartment: the search parameters that refer to its resource, and `itself` when the resource is in its own
 * compartment. Undefined for a type that never is.
 */
export function inCompartment(
  definitions: Definitions,
  compartment: CompartmentType,
  type: string,
): { params: readonly string[]; itself: boolean } | undefined {
  if (compartment === 'Patient') {
    const params = definitions.compartmentParams(type);
    if (type === 'Patient') return { params, itself: true };
    return params.length > 0 ? { params, itself: false } : undefined;
  }
  const text = Object.hasOwn(tables[compartment], type) ? tables[compartment][type] : undefined;
  if (text === undefined) return undefined;
  const names = text.split(' ');
  return { params: names.filter((name) => name !== itself), itself: names.includes(itself) };
}
