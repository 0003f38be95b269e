import type { FanOut } from '../sites/site.ts';

const snomed = 'http://snomed.info/sct';
const usCoreCarePlan = 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category';
const observationCategory = 'http://terminology.hl7.org/CodeSystem/observation-category';

/**
 * Searches to make when a site insists on more than the patient. First whole code systems (`system|`, FHIR R4 token search:
 * any code of it), which finds a site's own categories too; then the codes that sites are known to want by name, for those
 * that do not understand the first form. What is found twice is kept once.
 */
export const builtInFanOut: Readonly<Record<string, readonly FanOut[]>> = {
  CarePlan: [
    {
      param: 'category',
      values: [
        `${snomed}|`,
        `${usCoreCarePlan}|`,
        'assess-plan',
        '38717003',
        '734163000',
        '736271009',
        '736353004',
        '738906000',
        '736378000',
        '409073007',
      ],
    },
  ],
  Observation: [
    {
      param: 'category',
      values: [
        `${observationCategory}|`,
        'laboratory',
        'vital-signs',
        'social-history',
        'survey',
        'exam',
        'imaging',
        'procedure',
        'activity',
        'therapy',
        'sdoh',
      ],
    },
  ],
  CareTeam: [{ param: 'status', values: ['active', 'proposed', 'suspended', 'inactive', 'entered-in-error'] }],
  Condition: [{ param: 'category', values: ['problem-list-item', 'health-concern', 'encounter-diagnosis'] }],
  DiagnosticReport: [{ param: 'category', values: ['LAB', 'RAD', 'PAT', 'CUS'] }],
  DocumentReference: [{ param: 'category', values: ['clinical-note'] }],
  MedicationRequest: [
    {
      param: 'intent',
      values: [
        'order',
        'plan',
        'proposal',
        'original-order',
        'reflex-order',
        'filler-order',
        'instance-order',
        'option',
      ],
    },
  ],
};
