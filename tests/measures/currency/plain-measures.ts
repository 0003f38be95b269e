import { ok } from '../../../src/base/errors.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import type { Need } from '../../../src/measures/engine/logic.ts';
import type { ReadyMeasure, Unit } from '../../../src/measures/types.ts';

/** Measures whose logic is written in TypeScript: small, obvious, and each with another way to see a record. */

const cvx = 'http://hl7.org/fhir/sid/cvx';
const loinc = 'http://loinc.org';
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';

interface Question {
  resources: readonly Resource[];
  /** `YYYY-MM-DD` in UTC. */
  today: string;
}

interface PlainMeasure {
  name: string;
  needs: readonly Need[];
  readsToday?: boolean;
  units(question: Question): Unit[];
  supplemental?(question: Question): Record<string, string[]>;
}

function measure({ name, needs, readsToday = false, units, supplemental }: PlainMeasure): ReadyMeasure {
  const url = `http://careweave.org/fhir/Measure/${name}`;
  const types = [...new Set(['Patient', ...needs.map(({ type }) => type)])];
  return {
    name,
    resource: { resourceType: 'Measure', id: name, url, status: 'active' },
    groups: [
      { id: 'one', scoring: 'proportion', basis: 'boolean', improvement: 'increase', populations: [], stratifiers: [] },
    ],
    supplemental: [],
    library: { id: name, version: '1' },
    cql: '',
    elm: {},
    libraries: [],
    valueSets: [],
    retrieves: types,
    needs,
    readsToday,
    logicHash: `${name} 1`,
    async evaluate(resources, _period, at) {
      const question = { resources, today: (at?.now ?? new Date(0)).toISOString().slice(0, 10) };
      const found = units(question);
      const evidence = found.length > 0 ? resources.map(({ resourceType, id }) => `${resourceType}/${id}`) : [];
      return ok({ groups: [{ group: 'one', units: found, evidence }], supplemental: supplemental?.(question) ?? {} });
    },
  };
}

const of = (resources: readonly Resource[], type: string) =>
  resources.filter(({ resourceType }) => resourceType === type);
const unit = (...populations: string[]): Unit => ({ populations, strata: {}, observations: {} });

/** `system|code` of a CodeableConcept. */
function codesOf(concept: unknown): string[] {
  const { coding = [] } = (concept ?? {}) as { coding?: { system: string; code: string }[] };
  return coding.map(({ system, code }) => `${system}|${code}`);
}

const wantedShots = new Set([`${cvx}|03`, `${cvx}|21`]);
export const shots = measure({
  name: 'shots',
  needs: [{ type: 'Immunization', path: 'vaccineCode', codes: wantedShots }],
  units({ resources }) {
    const days = new Set(
      of(resources, 'Immunization')
        .filter(
          ({ vaccineCode, status }) => status === 'completed' && codesOf(vaccineCode).some((c) => wantedShots.has(c)),
        )
        .map(({ occurrenceDateTime }) => String(occurrenceDateTime)),
    );
    return [unit('initial-population', ...(days.size >= 2 ? ['numerator'] : []))];
  },
});

const weight = `${loinc}|29463-7`;
export const weights = measure({
  name: 'weights',
  needs: [{ type: 'Observation', path: 'code', codes: new Set([weight]) }],
  units({ resources }) {
    const values = of(resources, 'Observation').filter(({ code }) => codesOf(code).includes(weight));
    const gender = String(resources.find(({ resourceType }) => resourceType === 'Patient')?.gender ?? '');
    // One unit for each, with what was weighed: episodes, strata and observations at once.
    return values.map(({ id, valueQuantity }) => ({
      populations: ['initial-population', 'measure-observation'],
      strata: { sex: gender },
      observations: { 'measure-observation': Number((valueQuantity as { value: number }).value) },
      resource: `Observation/${id}`,
    }));
  },
  supplemental: ({ resources }) => ({ sex: [String(of(resources, 'Patient')[0]?.gender ?? '')] }),
});

const medicine = `${rxnorm}|1649574`;
export const medicines = measure({
  name: 'medicines',
  needs: [{ type: 'MedicationRequest', path: 'medication', codes: new Set([medicine]) }, { type: 'Medication' }],
  units({ resources }) {
    const named = new Set(
      of(resources, 'Medication')
        .filter(({ code }) => codesOf(code).includes(medicine))
        .map(({ id }) => `Medication/${id}`),
    );
    const given = of(resources, 'MedicationRequest').some(
      ({ medicationCodeableConcept, medicationReference }) =>
        codesOf(medicationCodeableConcept).includes(medicine) ||
        named.has((medicationReference as { reference?: string } | undefined)?.reference ?? ''),
    );
    return [unit('initial-population', ...(given ? ['numerator'] : []))];
  },
});

/** A visit in the last ten days: time alone changes it, twice. */
export const recent = measure({
  name: 'recent',
  needs: [{ type: 'Encounter' }],
  readsToday: true,
  units({ resources, today }) {
    const daysSince = ({ period }: Resource) =>
      (Date.parse(today) - Date.parse((period as { start: string }).start)) / 86_400_000;
    const visited = of(resources, 'Encounter').some((visit) => daysSince(visit) >= 0 && daysSince(visit) <= 10);
    return [unit('initial-population', ...(visited ? ['numerator'] : []))];
  },
});

export const born = measure({
  name: 'born',
  needs: [{ type: 'Patient' }],
  units: ({ resources }) =>
    resources[0]?.birthDate === undefined || String(resources[0].birthDate) < '2020'
      ? []
      : [unit('initial-population')],
});

export const plainMeasures = [shots, weights, medicines, recent, born] as const;

/** Records to make histories of. */
export const records = {
  immunization: (id: string, child: string, code: string, day: string, status: string): Resource => ({
    resourceType: 'Immunization',
    id,
    status,
    vaccineCode: { coding: [{ system: cvx, code }] },
    patient: { reference: `Patient/${child}` },
    occurrenceDateTime: day,
  }),
  observation: (id: string, child: string, code: string, value: number): Resource => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code: { coding: [{ system: loinc, code }] },
    subject: { reference: `Patient/${child}` },
    valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  }),
  prescription: (id: string, child: string, by: { code: string } | { medication: string }): Resource => ({
    resourceType: 'MedicationRequest',
    id,
    status: 'active',
    intent: 'order',
    ...('code' in by
      ? { medicationCodeableConcept: { coding: [{ system: rxnorm, code: by.code }] } }
      : { medicationReference: { reference: `Medication/${by.medication}` } }),
    subject: { reference: `Patient/${child}` },
  }),
  medication: (id: string, code: string): Resource => ({
    resourceType: 'Medication',
    id,
    code: { coding: [{ system: rxnorm, code }] },
  }),
  visit: (id: string, child: string, day: string): Resource => ({
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${child}` },
    period: { start: day, end: day },
  }),
  patient: (id: string, birthDate: string, gender: string, replacedBy?: string): Resource => ({
    resourceType: 'Patient',
    id,
    birthDate,
    gender,
    ...(replacedBy && { link: [{ type: 'replaced-by', other: { reference: `Patient/${replacedBy}` } }] }),
  }),
};
