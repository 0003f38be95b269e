/**
 * R4 types whose `identifier` repeats (profiles-resources.json, `<Type>.identifier` with max `*`), of those that a site may
 * send for a patient or that such a resource refers to. Where it is single or missing, `meta.source` alone names the origin.
 */
export const repeatsIdentifier: ReadonlySet<string> = new Set(
  `Account ActivityDefinition AllergyIntolerance Appointment AppointmentResponse Basic BodyStructure CarePlan CareTeam
  ChargeItem Claim ClaimResponse ClinicalImpression Communication CommunicationRequest Condition Consent Contract Coverage
  CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceMetric DeviceRequest DeviceUseStatement
  DiagnosticReport DocumentManifest DocumentReference Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare
  ExplanationOfBenefit FamilyMemberHistory Flag Goal Group GuidanceResponse HealthcareService ImagingStudy Immunization
  ImmunizationEvaluation ImmunizationRecommendation Invoice Library List Location Measure MeasureReport Media Medication
  MedicationAdministration MedicationDispense MedicationRequest MedicationStatement MolecularSequence NutritionOrder
  Observation Organization OrganizationAffiliation Patient PaymentNotice PaymentReconciliation Person PlanDefinition
  Practitioner PractitionerRole Procedure Questionnaire RelatedPerson RequestGroup ResearchStudy ResearchSubject
  RiskAssessment Schedule ServiceRequest Slot Specimen Substance SupplyDelivery SupplyRequest Task VisionPrescription`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
