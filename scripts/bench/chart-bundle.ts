import { randomUUID } from 'node:crypto';

/**
 * A transaction of `entries` creates as a feed sends them: one invented child with visits, measurements, immunizations and problems
 * that refer to each other by urn:uuid. `serial` makes each child another one.
 */
export function chartBundle(serial: number, entries = 100): object {
  const child = newEntry({
    resourceType: 'Patient',
    identifier: [{ system: 'https://bench.example/mrn', value: `bench-${serial}` }],
    active: true,
    name: [{ use: 'official', family: `Measured${serial}`, given: ['Benja', 'Min'] }],
    telecom: [{ system: 'phone', value: `555-01${String(serial % 100).padStart(2, '0')}`, use: 'home' }],
    gender: serial % 2 === 0 ? 'female' : 'male',
    birthDate: day(serial, 2012),
    address: [{ line: ['1 Example Way'], city: 'Sampleton', state: 'WA', postalCode: '98000' }],
  });
  const made = [child];
  while (made.length < entries) {
    const at = made.length;
    const visit = newEntry(encounter(child.fullUrl, at, serial));
    const rest = [observation, observation, panel, observation, immunization, observation, observation, condition];
    made.push(visit, ...rest.map((make, place) => newEntry(make(child.fullUrl, visit.fullUrl, at + place, serial))));
  }
  const entry = made.slice(0, entries).map(({ fullUrl, resource }) => ({
    fullUrl,
    resource,
    request: { method: 'POST', url: resource.resourceType },
  }));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

/** One measurement by itself, for single creates. */
export function singleObservation(patient: string, at: number): Record<string, unknown> & { resourceType: string } {
  return observation(patient, `Encounter/bench-${at % 50}`, at, at);
}

type Made = Record<string, unknown> & { resourceType: string };

function newEntry(resource: Made) {
  return { fullUrl: `urn:uuid:${randomUUID()}`, resource };
}

const day = (at: number, year = 2024) =>
  `${year}-${String(1 + (at % 12)).padStart(2, '0')}-${String(1 + ((at * 7) % 28)).padStart(2, '0')}`;

const concept = (system: string, code: string, text: string) => ({ coding: [{ system, code, display: text }], text });

const categories = 'http://terminology.hl7.org/CodeSystem/observation-category';

function encounter(child: string, at: number, serial: number): Made {
  return {
    resourceType: 'Encounter',
    identifier: [{ system: 'https://bench.example/visit', value: `v-${serial}-${at}` }],
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    type: [concept('http://snomed.info/sct', '410620009', 'Well child visit')],
    subject: { reference: child, display: 'Benja Measured' },
    period: { start: `${day(at)}T09:00:00Z`, end: `${day(at)}T09:40:00Z` },
  };
}

const measured = [
  ['8302-2', 'Body height', 'cm'],
  ['29463-7', 'Body weight', 'kg'],
  ['8310-5', 'Body temperature', 'Cel'],
  ['8867-4', 'Heart rate', '/min'],
  ['9279-1', 'Respiratory rate', '/min'],
] as const;

function observation(child: string, visit: string, at: number, serial: number): Made {
  const [code, text, unit] = measured[at % measured.length] ?? measured[0];
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [concept(categories, 'vital-signs', 'Vital signs')],
    code: concept('http://loinc.org', code, text),
    subject: { reference: child },
    encounter: { reference: visit },
    effectiveDateTime: `${day(at)}T09:10:00Z`,
    issued: `${day(at)}T09:12:00.000Z`,
    valueQuantity: {
      value: 30 + ((serial * 13 + at * 7) % 900) / 10,
      unit,
      system: 'http://unitsofmeasure.org',
      code: unit,
    },
  };
}

function panel(child: string, visit: string, at: number, serial: number): Made {
  const part = (code: string, text: string, value: number) => ({
    code: concept('http://loinc.org', code, text),
    valueQuantity: { value, unit: 'mm[Hg]', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  });
  const { valueQuantity: _value, ...rest } = observation(child, visit, at, serial);
  return {
    ...rest,
    code: concept('http://loinc.org', '85354-9', 'Blood pressure panel'),
    component: [
      part('8480-6', 'Systolic blood pressure', 90 + (at % 30)),
      part('8462-4', 'Diastolic blood pressure', 55 + (at % 20)),
    ],
  };
}

function immunization(child: string, visit: string, at: number): Made {
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: concept('http://hl7.org/fhir/sid/cvx', at % 2 === 0 ? '140' : '20', 'Vaccine'),
    patient: { reference: child },
    encounter: { reference: visit },
    occurrenceDateTime: `${day(at)}T09:30:00Z`,
    primarySource: true,
    lotNumber: `L${at}`,
  };
}

function condition(child: string, visit: string, at: number): Made {
  const codes = 'http://terminology.hl7.org/CodeSystem';
  return {
    resourceType: 'Condition',
    clinicalStatus: { coding: [{ system: `${codes}/condition-clinical`, code: 'active' }] },
    verificationStatus: { coding: [{ system: `${codes}/condition-ver-status`, code: 'confirmed' }] },
    category: [concept(`${codes}/condition-category`, 'encounter-diagnosis', 'Encounter diagnosis')],
    code: concept('http://snomed.info/sct', at % 2 === 0 ? '195967001' : '65363002', 'Problem'),
    subject: { reference: child },
    encounter: { reference: visit },
    onsetDateTime: day(at),
    recordedDate: day(at),
  };
}
