import { canonicalBase } from '../../fhir/shared-plan.ts';

/** Codes and extensions of programs and enrollments (decisions D11, D12): profiles/code-systems and profiles/structure-definitions. */

const definition = (name: string) => `${canonicalBase}/StructureDefinition/${name}`;
const system = (name: string) => `${canonicalBase}/CodeSystem/${name}`;

/** On HealthcareService: who runs the program, and from where (HealthcareService.type). */
export const modelSystem = system('care-management-model');
export const models = ['aco-central', 'aco-embedded', 'practice-run', 'external'] as const;
export type Model = (typeof models)[number];

/** On HealthcareService: how closely the program works together with its site, from when to when. */
export const integrationLevelUrl = definition('integration-level');
/** On HealthcareService: who may enroll, edit the core and see costs, from when to when. */
export const programPolicyUrl = definition('program-policy');
/** On HealthcareService: the time zone of its months. */
export const timeZoneUrl = definition('program-time-zone');

/** Of an EpisodeOfCare: an enrollment in care management (EpisodeOfCare.type). */
export const episodeTypeSystem = system('episode-type');
export const careManagementCode = 'care-management';
/** The second coding of EpisodeOfCare.type. */
export const tierSystem = system('care-tier');
export const tiers = ['low', 'moderate', 'high'] as const;

/** On an action of a program’s protocol (PlanDefinition): it is part of the core. */
export const coreActionUrl = definition('core-action');

/** Extensions of an enrollment. */
export const programUrl = definition('care-program');
export const eligibleFromUrl = definition('eligible-from');
export const reasonUrl = definition('enrollment-reason');
export const consentUrl = definition('enrollment-consent');
export const leadUrl = definition('lead-across-programs');
export const formerManagerUrl = definition('former-care-manager');

export const reasonSystem = system('enrollment-reason');

/** Consent.category of a family's yes to care management. */
export const consentSystem = system('program-consent');
export const careManagementConsent = 'care-management';

export const flagSystem = system('care-flag');
export const inCareManagement = 'in-care-management';

/** ServiceRequest.code of a referral into care management; its performer names the program. */
export const serviceSystem = system('care-service');

export const careTaskSystem = system('care-task');
export const noticeSystem = system('care-communication');
export const enrollmentNotice = 'enrollment-notice';
export const monthlyDigest = 'monthly-digest';
/** On a monthly digest: its month. */
export const digestMonthUrl = definition('digest-month');

/** On PractitionerRole: for how many children one person can be care manager here. */
export const caseloadCapUrl = definition('caseload-cap');
