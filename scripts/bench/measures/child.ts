import type { Resource } from '../../../src/fhir/types.ts';
import { type Random, randomOf } from '../mix/random.ts';
import type { CodeLists } from './code-lists.ts';

/**
 * Children who are nobody: ages 0 to 19 at the end of 2026, a vaccination history with gaps, visits, conditions, measurements, laboratory
 * tests, medicines, procedures and coverage. What the records are of is drawn from the lists that measures look for, a third of it from
 * codes that none does.
 */

const dayMs = 86_400_000;
const endOf2026 = Date.UTC(2026, 11, 31);
const cvx = 'http://hl7.org/fhir/sid/cvx';

export function generateChild(number: number, lists: CodeLists): Resource[] {
  const random = randomOf(number + 1);
  const id = `bench-${number}`;
  // Every day of twenty years; toddlers, whom most vaccines are about, twice as often.
  const ageDays = random.below(3) === 0 ? random.below(3 * 365) : random.below(20 * 365);
  const birth = endOf2026 - ageDays * dayMs;
  const draft: Draft = { id, random, birth, ageDays, lists, resources: [] };
  draft.resources.push({
    resourceType: 'Patient',
    id,
    active: true,
    name: [{ family: `Bench${number}`, given: ['Child'] }],
    gender: random.pick(['female', 'male']),
    birthDate: dayText(birth),
    address: [{ city: 'Nowhere', state: 'ZZ', postalCode: '00000' }],
  });
  immunizations(draft);
  visits(draft);
  for (const [type, chance] of [
    ['Condition', 20],
    ['Observation', 3],
    ['Procedure', 15],
    ['ServiceRequest', 15],
  ] as const)
    coded(draft, type, chance);
  measurements(draft);
  medicines(draft);
  coverage(draft);
  return draft.resources;
}

/** The vaccine child whose registry, practice and insurer each tell the same 24 doses. */
export function vaccineChild(): Resource[] {
  const birth = Date.UTC(2024, 4, 5);
  const id = 'bench-vaccines';
  const draft: Draft = { id, random: randomOf(1), birth, ageDays: 970, lists: emptyLists, resources: [] };
  draft.resources.push({ resourceType: 'Patient', id, gender: 'female', birthDate: dayText(birth) });
  for (let copy = 0; copy < 3; copy += 1) for (const [code, day] of schedule.slice(0, 24)) give(draft, code, day);
  return draft.resources;
}

interface Draft {
  id: string;
  random: Random;
  birth: number;
  ageDays: number;
  lists: CodeLists;
  resources: Resource[];
}

const emptyLists: CodeLists = { byType: new Map(), medicines: [] };

/** Vaccine code and age in days: 24 doses of the first two years, then those of school age. */
const schedule: readonly (readonly [code: string, day: number])[] = [
  ...[0, 60, 200].map((day) => ['08', day] as const),
  ...[60, 120, 180, 450].flatMap((day) => [['20', day] as const, ['133', day] as const]),
  ...[60, 120, 180].flatMap((day) => [['10', day] as const, ['49', day] as const, ['116', day] as const]),
  ['94', 370],
  ['83', 370],
  ['140', 200],
  ['140', 560],
  ['20', 1500],
  ['10', 1500],
  ['94', 1500],
  ['115', 4100],
  ['114', 4100],
  ['165', 4200],
  ['165', 4400],
];

function add({ id, resources }: Draft, resource: Resource): void {
  resources.push({ ...resource, id: `${id}-${resources.length}` });
}

const subjectOf = ({ id }: Draft) => ({ reference: `Patient/${id}` });
const dayText = (instant: number) => new Date(instant).toISOString().slice(0, 10);
/** A day of the child's life; most lie in the last two years. */
function someDay({ random, birth, ageDays }: Draft): string {
  const back =
    random.below(3) === 0 ? random.below(Math.max(1, ageDays)) : random.below(Math.max(1, Math.min(ageDays, 730)));
  return dayText(Math.max(birth, endOf2026 - back * dayMs));
}

function conceptOf(key: string) {
  const bar = key.indexOf('|');
  return { coding: [{ system: key.slice(0, bar), code: key.slice(bar + 1) }] };
}

function give(draft: Draft, code: string, day: number): void {
  add(draft, {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: cvx, code }] },
    patient: subjectOf(draft),
    occurrenceDateTime: dayText(draft.birth + day * dayMs),
  });
}

function immunizations(draft: Draft): void {
  const { random, ageDays } = draft;
  const missing = random.below(4);
  for (const [code, day] of schedule) {
    if (day > ageDays || random.below(20) < missing) continue;
    give(draft, code, day + random.below(20));
    // Told a second time by somebody else.
    if (random.below(10) === 0) give(draft, code, day);
  }
}

const plainVisit = 'http://example.org/visits|other';

function visits(draft: Draft): void {
  const lists = draft.lists.byType.get('Encounter') ?? [];
  const count = 4 + draft.random.below(12);
  for (let n = 0; n < count; n += 1) {
    const list = lists[draft.random.below(lists.length * 3)];
    const key = list?.[draft.random.below(list.length)] ?? plainVisit;
    const day = someDay(draft);
    add(draft, {
      resourceType: 'Encounter',
      status: 'finished',
      class: {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: draft.random.pick(['AMB', 'EMER', 'VR']),
      },
      type: [conceptOf(key)],
      subject: subjectOf(draft),
      period: { start: `${day}T09:00:00Z`, end: `${day}T09:30:00Z` },
    });
  }
}

/** Of each list of the type some child in `chance` has a record. */
function coded(draft: Draft, type: 'Condition' | 'Observation' | 'Procedure' | 'ServiceRequest', chance: number): void {
  for (const list of draft.lists.byType.get(type) ?? []) {
    const isWanted = draft.random.below(chance) === 0;
    if (!isWanted && draft.random.below(chance * 2) !== 0) continue;
    const key = list[draft.random.below(list.length)] ?? plainVisit;
    const code = conceptOf(isWanted ? key : `${key}-other`);
    const day = someDay(draft);
    const shared = { resourceType: type, code, subject: subjectOf(draft) };
    if (type === 'Condition')
      add(draft, { ...shared, clinicalStatus: active, verificationStatus: confirmed, onsetDateTime: day });
    else if (type === 'Observation')
      add(draft, {
        ...shared,
        status: 'final',
        effectiveDateTime: day,
        valueQuantity: { value: draft.random.below(30), unit: '1' },
      });
    else if (type === 'Procedure') add(draft, { ...shared, status: 'completed', performedDateTime: day });
    else add(draft, { ...shared, status: 'completed', intent: 'order', authoredOn: day });
  }
}

const active = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
};
const confirmed = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
};

/** Weight and height at visits. */
function measurements(draft: Draft): void {
  for (const [code, unit] of [
    ['29463-7', 'kg'],
    ['8302-2', 'cm'],
  ] as const) {
    for (let n = draft.random.below(6); n > 0; n -= 1)
      add(draft, {
        resourceType: 'Observation',
        status: 'final',
        category: [conceptOf('http://terminology.hl7.org/CodeSystem/observation-category|vital-signs')],
        code: conceptOf(`http://loinc.org|${code}`),
        subject: subjectOf(draft),
        effectiveDateTime: someDay(draft),
        valueQuantity: { value: 3 + draft.random.below(60), unit, system: 'http://unitsofmeasure.org', code: unit },
      });
  }
}

function medicines(draft: Draft): void {
  const { random, lists } = draft;
  if (lists.medicines.length === 0) return;
  for (let n = random.below(3); n > 0; n -= 1) {
    const key = lists.medicines[random.below(lists.medicines.length)] ?? '';
    const day = someDay(draft);
    const medicine = { medicationCodeableConcept: conceptOf(key), subject: subjectOf(draft) };
    add(draft, { resourceType: 'MedicationRequest', status: 'active', intent: 'order', authoredOn: day, ...medicine });
    for (let month = random.below(5); month > 0; month -= 1)
      add(draft, {
        resourceType: 'MedicationDispense',
        status: 'completed',
        ...medicine,
        daysSupply: { value: 30, unit: 'd', system: 'http://unitsofmeasure.org', code: 'd' },
        whenHandedOver: dayText(Math.min(endOf2026, Date.parse(day) + month * 30 * dayMs)),
      });
  }
}

function coverage(draft: Draft): void {
  add(draft, {
    resourceType: 'Coverage',
    status: 'active',
    type: conceptOf('http://terminology.hl7.org/CodeSystem/v3-ActCode|PUBLICPOL'),
    beneficiary: subjectOf(draft),
    payor: [{ display: 'A payer' }],
    period: { start: dayText(draft.birth) },
  });
}
