import type { Resource } from '../../../src/fhir/types.ts';
import * as r from '../../care/emergency/records.ts';

/** The record of an invented newborn who leaves the intensive care unit with a tracheostomy and a ventilator. */
export const childId = 'nicu-juno';
export const child = { reference: `Patient/${childId}` };
export const mother = `RelatedPerson/${childId}-mother`;
export const lead = 'Practitioner/nicu-lead';
export const pediatrician = 'Practitioner/nicu-pediatrician';
export const emergencyDoctor = 'Practitioner/nicu-emergency';

const code = (text: string, system?: string, value?: string) => ({
  ...(system !== undefined && { coding: [{ system, code: value, display: text }] }),
  text,
});
const phone = (value: string) => ({ telecom: [{ system: 'phone', value }] });
const person = (id: string, given: string, family: string, number: string): Resource => ({
  resourceType: 'Practitioner',
  id: id.split('/')[1] ?? '',
  name: [{ prefix: ['Dr.'], given: [given], family }],
  ...phone(number),
});
const active = code('active', 'http://terminology.hl7.org/CodeSystem/condition-clinical', 'active');
const confirmed = code('confirmed', 'http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed');

/** People and places. */
export function town(): Resource[] {
  return [
    { resourceType: 'Organization', id: 'nicu-harbor', name: 'Harbor Children’s Hospital', ...phone('555-0150') },
    { resourceType: 'Organization', id: 'nicu-vents', name: 'Breathe Home Supply', ...phone('555-0177') },
    person(lead, 'Lena', 'Ortega', '555-0140'),
    person(pediatrician, 'Piet', 'Larkin', '555-0141'),
    person(emergencyDoctor, 'Edda', 'Moss', '555-0142'),
    {
      resourceType: 'HealthcareService',
      id: 'nicu-clinic',
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'America/New_York' }],
      name: 'Airway clinic',
      providedBy: { reference: 'Organization/nicu-harbor' },
      ...phone('555-0151'),
      availableTime: [
        {
          daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
          availableStartTime: '08:00:00',
          availableEndTime: '17:00:00',
        },
      ],
      notAvailable: [{ description: 'Thanksgiving', during: { start: '2026-11-26', end: '2026-11-27' } }],
    },
    {
      resourceType: 'HealthcareService',
      id: 'nicu-on-call',
      extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: 'America/New_York' }],
      name: 'Pulmonology on call',
      ...phone('555-0152'),
      availableTime: [
        {
          daysOfWeek: ['mon', 'tue', 'wed', 'thu', 'fri'],
          availableStartTime: '17:00:00',
          availableEndTime: '08:00:00',
        },
        { daysOfWeek: ['sat', 'sun'], allDay: true },
      ],
    },
  ];
}

/** Who the child is, who looks after it, and what the hospital leaves behind. */
export function record(): Resource[] {
  const parent = code('parent', 'http://careweave.org/fhir/CodeSystem/proxy-basis', 'parent');
  return [
    r.patient(childId, {
      name: [{ use: 'official', given: ['Juno', 'Inés'], family: 'Peñaloza' }],
      birthDate: '2026-06-02',
      gender: 'female',
      communication: [{ language: code('Spanish', 'urn:ietf:bcp:47', 'es'), preferred: true }],
      generalPractitioner: [{ reference: pediatrician }],
      ...phone('555-0130'),
    }),
    {
      resourceType: 'RelatedPerson',
      id: `${childId}-mother`,
      active: true,
      patient: child,
      relationship: [code('mother', 'http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH')],
      name: [{ given: ['Ximena'], family: 'Peñaloza' }],
      ...phone('555-0131'),
    },
    {
      resourceType: 'Consent',
      id: `${childId}-proxy`,
      status: 'active',
      scope: code('Privacy Consent', 'http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
      category: [parent],
      patient: child,
      dateTime: '2026-06-02',
      policyRule: code('opt-in', 'http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
      provision: {
        type: 'permit',
        actor: [
          {
            role: code('recipient', 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
            reference: { reference: mother },
          },
        ],
      },
      verification: [{ verified: true, verificationDate: '2026-06-02' }],
    },
    {
      resourceType: 'CareTeam',
      id: `${childId}-team`,
      status: 'active',
      subject: child,
      participant: [
        {
          extension: [{ url: 'http://careweave.org/fhir/StructureDefinition/lead-coordinator', valueBoolean: true }],
          role: [code('Care coordinator')],
          member: { reference: lead },
        },
        { role: [code('Pediatrician', 'http://snomed.info/sct', '82296001')], member: { reference: pediatrician } },
      ],
    },
    ...illness(),
    ...equipment(),
    ...drugs(),
    ...baseline(),
  ];
}

function illness(): Resource[] {
  const problem = (id: string, text: string): Resource => ({
    resourceType: 'Condition',
    id: `${childId}-${id}`,
    clinicalStatus: active,
    verificationStatus: confirmed,
    category: [code('Problem', 'http://terminology.hl7.org/CodeSystem/condition-category', 'problem-list-item')],
    code: code(text),
    subject: child,
  });
  return [
    problem('bpd', 'Severe bronchopulmonary dysplasia'),
    problem('vent', 'Dependence on ventilator'),
    {
      resourceType: 'Procedure',
      id: `${childId}-trach`,
      status: 'completed',
      code: code('Tracheostomy'),
      subject: child,
      performedDateTime: '2026-09-14',
    },
    {
      resourceType: 'AllergyIntolerance',
      id: `${childId}-latex`,
      clinicalStatus: code('active', 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', 'active'),
      verificationStatus: code(
        'confirmed',
        'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
        'confirmed',
      ),
      criticality: 'high',
      code: code('Latex'),
      patient: child,
      reaction: [{ manifestation: [code('Anaphylaxis')] }],
    },
    {
      resourceType: 'ServiceRequest',
      id: `${childId}-never`,
      status: 'active',
      intent: 'order',
      doNotPerform: true,
      code: code('Oral intubation'),
      subject: child,
      reasonCode: [code('airway above the tracheostomy is closed')],
      patientInstruction: 'ventilate through the tracheostomy',
    },
    {
      resourceType: 'Immunization',
      id: `${childId}-hepb`,
      status: 'completed',
      vaccineCode: code('Hepatitis B vaccine'),
      patient: child,
      occurrenceDateTime: '2026-06-03',
    },
  ];
}

function equipment(): Resource[] {
  const property = (kind: string, text: string | undefined, value: object) => ({
    type: r.concept('device-property', kind, text),
    ...value,
  });
  return [
    r.device(`${childId}-vent`, childId, 'Home ventilator', {
      type: code('Ventilator', 'http://snomed.info/sct', '706172005'),
      property: [
        property('setting', 'PEEP', { valueQuantity: [{ value: 8, unit: 'cmH2O' }] }),
        property('setting', 'rate', { valueQuantity: [{ value: 26, unit: '/min' }] }),
        property('spare', undefined, { valueCode: [code('second ventilator in the hall closet')] }),
      ],
      owner: { reference: 'Organization/nicu-vents' },
      contact: [{ system: 'phone', value: '555-0177' }],
    }),
    r.device(`${childId}-tube`, childId, 'Tracheostomy tube, cuffed', {
      property: [
        property('size', undefined, { valueCode: [code('3.5')] }),
        property('spare', undefined, { valueCode: [code('3.0 and 3.5 in the go bag')] }),
      ],
    }),
    r.use(`${childId}-tube-use`, childId, `Device/${childId}-tube`, { timingDateTime: '2026-11-16' }),
  ];
}

function drugs(): Resource[] {
  return [
    r.order(`${childId}-budesonide`, childId, 'Budesonide 0.25 mg inhaled', {
      dosageInstruction: [{ text: 'twice a day' }],
    }),
    r.order(`${childId}-rescue`, childId, 'Albuterol 2.5 mg inhaled', {
      category: [r.concept('emergency-plan-use', 'rescue')],
      dosageInstruction: [{ text: 'every 20 minutes, three times at most' }],
    }),
    r.order(`${childId}-stress`, childId, 'Hydrocortisone 25 mg IM', {
      category: [r.concept('emergency-plan-use', 'stress-dose')],
      dosageInstruction: [{ text: 'for vomiting, surgery or shock' }],
    }),
  ];
}

function baseline(): Resource[] {
  const at = (id: string, text: string, value: object, tagged: boolean): Resource => ({
    resourceType: 'Observation',
    id: `${childId}-${id}`,
    status: 'final',
    category: [
      code('Vital Signs', 'http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs'),
      ...(tagged ? [r.concept('emergency-plan-use', 'baseline')] : []),
    ],
    code: code(text),
    subject: child,
    effectiveDateTime: '2026-11-15',
    ...value,
  });
  return [
    r.weight(`${childId}-weight`, childId, 5.4, '2026-11-15'),
    at('spo2', 'Oxygen saturation', { valueQuantity: { value: 94, unit: '%' } }, true),
    at('mood', 'When well', { valueString: 'smiles, follows faces, hates suction' }, true),
    at('today', 'Heart rate today', { valueQuantity: { value: 171, unit: '/min' } }, false),
  ];
}

const contact = (kind: string, more: object[]) => ({
  url: 'http://careweave.org/fhir/StructureDefinition/access-contact',
  extension: [{ url: 'kind', valueCode: kind }, ...more],
});

export function accessPlan(): Resource {
  return {
    ...r.emergencyPlan(childId, []),
    id: `${childId}-access`,
    category: [r.concept('careplan-category', 'access')],
    description: undefined,
    extension: [
      contact('clinic', [{ url: 'contact', valueReference: { reference: 'HealthcareService/nicu-clinic' } }]),
      contact('on-call', [{ url: 'contact', valueReference: { reference: 'HealthcareService/nicu-on-call' } }]),
      contact('supplier', [
        { url: 'contact', valueReference: { reference: 'Organization/nicu-vents' } },
        {
          url: 'symptom',
          valueCodeableConcept: r.concept('emergency-scenario', 'device-failure', 'the ventilator fails'),
        },
      ]),
      contact('emergency-department', [
        { url: 'contact', valueReference: { reference: 'Organization/nicu-harbor' } },
        { url: 'note', valueString: 'they know her airway' },
      ]),
      contact('emergency-services', [
        { url: 'contact', valueReference: { display: 'Ambulance' } },
        { url: 'phone', valueString: '911' },
      ]),
    ],
  };
}
