import type { Resource } from '../../../src/fhir/types.ts';
import {
  concept,
  families,
  givens,
  hemoglobin,
  hl7,
  lead,
  medications,
  problems,
  quantity,
  snomed,
  vaccines,
  vitals,
} from './codes.ts';
import { type Random, randomOf } from './random.ts';

/** How many resources one child's chart has; `chartOf` always makes exactly these. */
export const chartSize = 50;
export const organizations = 20;
export const practitioners = 100;

/** Resources with ids of their own, so that they can refer to each other. */
export type Named = Resource & { id: string };

const visits = 8;

/** The places and people all children share. */
export function shared(): Named[] {
  const places = Array.from(
    { length: organizations },
    (_, n): Named => ({
      resourceType: 'Organization',
      id: `bench-org-${n}`,
      active: true,
      name: `Practice number ${n}`,
    }),
  );
  const people = Array.from(
    { length: practitioners },
    (_, n): Named => ({
      resourceType: 'Practitioner',
      id: `bench-doc-${n}`,
      active: true,
      name: [{ family: families[n % families.length], given: [`Number ${n}`] }],
    }),
  );
  return [...places, ...people];
}

interface Child {
  n: number;
  random: Random;
  subject: { reference: string };
  birthYear: number;
  doctor: { reference: string };
}

/** Child number n: 50 resources of the kinds and in about the proportions of a practice's records. The same for the same n. */
export function chartOf(n: number): Named[] {
  const random = randomOf(n + 1);
  const child: Child = {
    n,
    random,
    subject: { reference: `Patient/${patientId(n)}` },
    birthYear: 2008 + random.below(16),
    doctor: { reference: `Practitioner/bench-doc-${random.below(practitioners)}` },
  };
  return [patient(child), ...encounters(child), ...observations(child), ...problemsOf(child), ...careOf(child)];
}

export const patientId = (n: number) => `bench-p-${n}`;
/** The identifier of child n. */
export const recordNumber = (n: number) => ({ system: 'https://bench.example/mrn', value: `MRN${100_000 + n}` });

function patient({ n, random, birthYear }: Child): Named {
  return {
    resourceType: 'Patient',
    id: patientId(n),
    active: true,
    identifier: [recordNumber(n)],
    name: [
      {
        use: 'official',
        family: `${random.pick(families)} ${n % 997}`,
        given: [random.pick(givens), random.pick(givens)],
      },
    ],
    gender: random.pick(['female', 'male']),
    birthDate: `${birthYear}-${two(1 + random.below(12))}-${two(1 + random.below(28))}`,
    address: [
      {
        line: [`${1 + random.below(200)} Invented Lane`],
        city: random.pick(['Nowhere', 'Elsewhere']),
        postalCode: `0000${random.below(10)}`,
      },
    ],
    telecom: [{ system: 'phone', value: `555-01${two(random.below(100))}` }],
    managingOrganization: { reference: `Organization/bench-org-${random.below(organizations)}` },
  };
}

const two = (number: number) => String(number).padStart(2, '0');

/** Visits are spread over the years since birth; the time of day tells them apart. */
function visitTime({ n, birthYear }: Child, visit: number): string {
  const day = new Date(Date.UTC(birthYear, visit * 2 + (n % 12), 1 + (n % 28), 8 + (visit % 9), n % 60));
  return day.toISOString().replace('.000Z', '+00:00');
}

function encounters(child: Child): Named[] {
  return Array.from({ length: visits }, (_, visit) => ({
    resourceType: 'Encounter',
    id: `bench-e-${child.n}-${visit}`,
    status: 'finished',
    class: { system: hl7('v3-ActCode'), code: visit % 4 === 3 ? 'EMER' : 'AMB' },
    type: [concept(snomed, '185349003', 'Encounter for check up')],
    subject: child.subject,
    participant: [{ individual: child.doctor }],
    period: { start: visitTime(child, visit), end: visitTime(child, visit).replace(/T(\d\d):(\d\d)/, 'T$1:59') },
  }));
}

function observations(child: Child): Named[] {
  const made: Named[] = [];
  for (let visit = 0; made.length < 16; visit++) {
    for (const { code, unit, least, tenths } of vitals)
      made.push(
        observation(child, visit, made.length, 'vital-signs', code, least + child.random.below(tenths) / 10, unit),
      );
  }
  for (let visit = 4; visit < 6; visit++) {
    made.push(
      observation(child, visit, made.length, 'laboratory', hemoglobin, 9 + child.random.below(60) / 10, 'g/dL'),
    );
    made.push(observation(child, visit, made.length, 'laboratory', lead, 1 + child.random.below(90) / 10, 'ug/dL'));
  }
  return made;
}

function observation(
  child: Child,
  visit: number,
  at: number,
  category: string,
  code: object,
  value: number,
  unit: string,
): Named {
  return {
    resourceType: 'Observation',
    id: `bench-o-${child.n}-${at}`,
    status: at % 17 === 16 ? 'preliminary' : 'final',
    category: [{ coding: [{ system: hl7('observation-category'), code: category }] }],
    code,
    subject: child.subject,
    encounter: { reference: `Encounter/bench-e-${child.n}-${visit}` },
    effectiveDateTime: visitTime(child, visit),
    performer: [child.doctor],
    valueQuantity: quantity(Math.round(value * 10) / 10, unit),
  };
}

function problemsOf(child: Child): Named[] {
  const { n, random, subject } = child;
  return Array.from({ length: 3 }, (_, at) => ({
    resourceType: 'Condition',
    id: `bench-c-${n}-${at}`,
    clinicalStatus: { coding: [{ system: hl7('condition-clinical'), code: at === 0 ? 'active' : 'inactive' }] },
    verificationStatus: { coding: [{ system: hl7('condition-ver-status'), code: 'confirmed' }] },
    category: [{ coding: [{ system: hl7('condition-category'), code: 'problem-list-item' }] }],
    code: random.pick(problems),
    subject,
    encounter: { reference: `Encounter/bench-e-${n}-${at}` },
    onsetDateTime: visitTime(child, at).slice(0, 10),
    recordedDate: visitTime(child, at),
  }));
}

function careOf(child: Child): Named[] {
  const { n, random, subject, doctor } = child;
  const encounter = { reference: `Encounter/bench-e-${n}-0` };
  const each = (count: number, make: (at: number) => Named) => Array.from({ length: count }, (_, at) => make(at));
  return [
    ...each(8, (at) => ({
      resourceType: 'Immunization',
      id: `bench-i-${n}-${at}`,
      status: 'completed',
      vaccineCode: concept('http://hl7.org/fhir/sid/cvx', vaccines[at % vaccines.length] ?? '10', 'Vaccine'),
      patient: subject,
      encounter: { reference: `Encounter/bench-e-${n}-${at}` },
      occurrenceDateTime: visitTime(child, at),
      primarySource: true,
      lotNumber: `LOT${random.below(1000)}`,
    })),
    ...each(2, (at) => ({
      resourceType: 'MedicationRequest',
      id: `bench-m-${n}-${at}`,
      status: at === 0 ? 'active' : 'completed',
      intent: 'order',
      medicationCodeableConcept: concept(
        'http://www.nlm.nih.gov/research/umls/rxnorm',
        random.pick(medications),
        'Medicine',
      ),
      subject,
      encounter,
      authoredOn: visitTime(child, 2 + at),
      requester: doctor,
      dosageInstruction: [{ text: 'Two puffs when needed', asNeededBoolean: true }],
    })),
    {
      resourceType: 'AllergyIntolerance',
      id: `bench-a-${n}`,
      clinicalStatus: { coding: [{ system: hl7('allergyintolerance-clinical'), code: 'active' }] },
      verificationStatus: { coding: [{ system: hl7('allergyintolerance-verification'), code: 'confirmed' }] },
      code: concept(snomed, '91935009', 'Allergy to peanut'),
      patient: subject,
    },
    ...each(2, (at) => ({
      resourceType: 'Goal',
      id: `bench-g-${n}-${at}`,
      lifecycleStatus: at === 0 ? 'active' : 'completed',
      statusDate: visitTime(child, 3).slice(0, 10),
      description: { text: at === 0 ? 'Sleeps through the night' : 'Plays outside every day' },
      subject,
      target: [{ dueDate: visitTime(child, 7).slice(0, 10) }],
    })),
    ...each(2, (at) => ({
      resourceType: 'ServiceRequest',
      id: `bench-s-${n}-${at}`,
      status: at === 0 ? 'active' : 'completed',
      intent: 'order',
      category: [concept(snomed, '3457005', 'Referral')],
      code: concept(snomed, '183519002', 'Referral to cardiology service'),
      subject,
      authoredOn: visitTime(child, 3 + at),
      requester: doctor,
    })),
    carePlan(child),
    ...each(2, (at) => ({
      resourceType: 'Task',
      id: `bench-t-${n}-${at}`,
      status: at === 0 ? 'requested' : 'completed',
      intent: 'order',
      focus: { reference: `ServiceRequest/bench-s-${n}-${at}` },
      for: subject,
      authoredOn: visitTime(child, 4 + at),
      lastModified: visitTime(child, 5 + at),
      requester: doctor,
      owner: { reference: `Organization/bench-org-${random.below(organizations)}` },
    })),
  ];
}

function carePlan(child: Child): Named {
  const { n, subject } = child;
  return {
    resourceType: 'CarePlan',
    id: `bench-cp-${n}`,
    status: 'active',
    intent: 'plan',
    category: [concept(snomed, '736372004', 'Discharge care plan')],
    title: 'Care at home',
    subject,
    period: { start: visitTime(child, 2) },
    addresses: [{ reference: `Condition/bench-c-${n}-0` }],
    goal: [{ reference: `Goal/bench-g-${n}-0` }],
    activity: [
      {
        detail: {
          kind: 'ServiceRequest',
          code: concept(snomed, '58332002', 'Allergy education'),
          status: 'in-progress',
        },
      },
      { detail: { status: 'not-started', description: 'Call the school nurse about the inhaler' } },
    ],
  };
}
