import type { Resource } from '../../../src/fhir/types.ts';

/** Invented records of one child (`of` says whose), as small as a test can use. */
const base = 'http://careweave.org/fhir';
const system = (name: string) => `${base}/CodeSystem/${name}`;

export const concept = (name: string, code: string, text?: string) => ({
  coding: [{ system: system(name), code }],
  ...(text !== undefined && { text }),
});
const subject = (child: string) => ({ reference: `Patient/${child}` });

export function patient(id: string, more: object = {}): Resource {
  return {
    resourceType: 'Patient',
    id,
    name: [{ family: 'Example', given: ['Robin'] }],
    birthDate: '2021-03-04',
    ...more,
  };
}

export function shared(child: string, more: object = {}): Resource {
  const category = [concept('careplan-category', 'shared-plan-of-care')];
  return {
    resourceType: 'CarePlan',
    id: `${child}-shared`,
    status: 'draft',
    intent: 'plan',
    category,
    subject: subject(child),
    ...more,
  };
}

export function emergencyPlan(child: string, scenarios: readonly string[] = [], more: object = {}): Resource {
  return {
    resourceType: 'CarePlan',
    id: `${child}-emergency`,
    status: 'active',
    intent: 'plan',
    category: [concept('careplan-category', 'emergency')],
    partOf: [{ reference: `CarePlan/${child}-shared` }],
    description: 'Breathes by tracheostomy and ventilator; smiles when well.',
    subject: subject(child),
    ...(scenarios.length > 0 && {
      activity: scenarios.map((id) => ({ reference: { reference: `RequestGroup/${id}` } })),
    }),
    ...more,
  };
}

export interface Step {
  kind: string;
  text: string;
  zone?: string;
}

/** Steps of a scenario, each a contained Task. */
export function steps(...of: Step[]): object {
  return {
    contained: of.map(({ text }, at) => ({
      resourceType: 'Task',
      id: `s${at}`,
      status: 'draft',
      intent: 'option',
      description: text,
    })),
    action: of.map(({ kind, zone }, at) => ({
      code: [concept('scenario-step', kind)],
      resource: { reference: `#s${at}` },
      ...(zone !== undefined && { extension: [{ url: `${base}/StructureDefinition/colour-zone`, valueCode: zone }] }),
    })),
  };
}

export function scenario(id: string, child: string, kinds: readonly string[], more: object = {}): Resource {
  return {
    resourceType: 'RequestGroup',
    id,
    status: 'active',
    intent: 'plan',
    subject: subject(child),
    code: { coding: kinds.map((code) => ({ system: system('emergency-scenario'), code })) },
    reasonCode: [{ text: 'The alarm sounds and the chest does not move' }],
    ...steps(
      { kind: 'family', text: 'Take the ventilator off and squeeze the bag', zone: 'red' },
      { kind: 'call', text: 'Call 911, then the ventilator line' },
      { kind: 'emergency-department', text: 'Look at the tube first; suction; change it when in doubt' },
    ),
    ...more,
  };
}

export const forDevice = (reference: string) => ({
  extension: [{ url: `${base}/StructureDefinition/scenario-device`, valueReference: { reference } }],
});

export function device(id: string, child: string, name: string, more: object = {}): Resource {
  const deviceName = [{ name, type: 'user-friendly-name' }];
  return { resourceType: 'Device', id, status: 'active', deviceName, patient: subject(child), ...more };
}

export function use(id: string, child: string, of: string, more: object = {}): Resource {
  return {
    resourceType: 'DeviceUseStatement',
    id,
    status: 'active',
    subject: subject(child),
    device: { reference: of },
    ...more,
  };
}

export function encounter(id: string, child: string, code: string, more: object = {}): Resource {
  const of = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code };
  return { resourceType: 'Encounter', id, status: 'in-progress', class: of, subject: subject(child), ...more };
}

export function order(id: string, child: string, drug: string, more: object = {}): Resource {
  const medicationCodeableConcept = { text: drug };
  return {
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    medicationCodeableConcept,
    subject: subject(child),
    ...more,
  };
}

export function weight(id: string, child: string, value: number, on: string, unit = 'kg'): Resource {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
    subject: subject(child),
    effectiveDateTime: on,
    valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
  };
}

export function review(id: string, child: string, more: object = {}): Resource {
  return {
    resourceType: 'Task',
    id,
    status: 'completed',
    intent: 'plan',
    code: concept('care-task', 'emergency-plan-review'),
    focus: { reference: `CarePlan/${child}-emergency` },
    for: subject(child),
    ...more,
  };
}
