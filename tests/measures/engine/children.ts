import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';
import type { Need } from '../../../src/measures/engine/logic.ts';

/** Children made up to look like what a measure asks for: its codes, dates around its period, and what is odd about real records. */

type Arb<T = unknown> = fc.Arbitrary<T>;

const dayMs = 86_400_000;
const isoDay = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10);
const yearStart = Date.UTC(2026, 0, 1) / dayMs;

/** Days from three years before the period to half a year after it, crowded in it and at its edges. */
const day = fc
  .oneof(
    { weight: 5, arbitrary: fc.integer({ min: 0, max: 364 }) },
    { weight: 2, arbitrary: fc.integer({ min: -1100, max: 540 }) },
    { weight: 1, arbitrary: fc.constantFrom(-365, -1, 0, 1, 180, 364, 365) },
  )
  .map((offset) => isoDay(yearStart + offset));

const dateTime: Arb<string> = fc.oneof(
  { weight: 6, arbitrary: day },
  {
    weight: 3,
    arbitrary: fc
      .tuple(day, fc.constantFrom('T00:00:00Z', 'T12:30:00.000Z', 'T23:30:00-06:00', 'T01:15:00+05:30'))
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: day.map((text) => text.slice(0, 7)) },
  { weight: 1, arbitrary: day.map((text) => text.slice(0, 4)) },
);

/** Now and then an element is missing. */
const maybe = <T>(arbitrary: Arb<T>, missing = 8): Arb<T | undefined> =>
  fc.oneof({ weight: missing, arbitrary }, { weight: 1, arbitrary: fc.constant(undefined) });

const period = fc.tuple(maybe(dateTime, 10), maybe(fc.integer({ min: 0, max: 40 }), 2)).map(([start, days]) => ({
  ...(start === undefined ? {} : { start }),
  ...(start === undefined || days === undefined || start.length < 10
    ? {}
    : { end: isoDay(Date.parse(`${start.slice(0, 10)}T00:00:00Z`) / dayMs + days) }),
}));

/** A CodeableConcept with one or two codes that the logic looks for, or none of them. */
function concept(lists: readonly (readonly string[])[]): Arb {
  const other = fc.constantFrom('http://example.org/other|x', 'http://snomed.info/sct|000');
  // A list first and then a code of it, so that long lists do not push out short ones.
  const asked = lists.map((codes) => fc.constantFrom(...codes));
  const coding = (asked.length === 0 ? other : fc.oneof({ weight: 9, arbitrary: fc.oneof(...asked) }, other)).map(
    (key) => {
      const cut = key.lastIndexOf('|');
      return { ...(cut > 0 ? { system: key.slice(0, cut) } : {}), code: key.slice(cut + 1) };
    },
  );
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(coding, { minLength: 1, maxLength: 2 }).map((list) => ({ coding: list })) },
    { weight: 1, arbitrary: fc.constant({ text: 'in words' }) },
  );
}

const of = (...texts: string[]) => fc.constantFrom(...texts);
const often = (usual: string, ...others: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, fc.constantFrom(...others));
const system = (url: string, ...codes: string[]) => of(...codes).map((code) => ({ coding: [{ system: url, code }] }));

const clinical = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const verification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';
const quantity = fc.record({
  value: fc.oneof(
    fc.integer({ min: 0, max: 200 }),
    fc.integer({ min: 1, max: 999 }).map((tenths) => tenths / 10),
  ),
  unit: of('kg', 'cm', '%'),
});

/** The elements of a record of a type; `codes` are those that the logic looks for in it. */
function elementsOf(type: string, codes: readonly (readonly string[])[]): Record<string, Arb> {
  const code = concept(codes);
  const elements: Record<string, Record<string, Arb>> = {
    Encounter: {
      status: often('finished', 'in-progress', 'cancelled', 'planned'),
      class: of('AMB', 'EMER', 'IMP').map((each) => ({
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: each,
      })),
      type: fc.array(code, { minLength: 1, maxLength: 2 }),
      period,
      reasonCode: maybe(fc.array(code, { maxLength: 1 }), 1),
      hospitalization: maybe(fc.record({ dischargeDisposition: code }), 1),
    },
    Observation: {
      status: often('final', 'amended', 'preliminary', 'entered-in-error'),
      code,
      'effective[x]': fc.oneof(
        dateTime.map((effectiveDateTime) => ({ effectiveDateTime })),
        period.map((effectivePeriod) => ({ effectivePeriod })),
      ),
      'value[x]': fc.oneof(
        quantity.map((valueQuantity) => ({ valueQuantity })),
        code.map((valueCodeableConcept) => ({ valueCodeableConcept })),
        fc.integer({ min: 0, max: 30 }).map((valueInteger) => ({ valueInteger })),
        fc.constant({}),
      ),
    },
    Condition: {
      clinicalStatus: maybe(system(clinical, 'active', 'resolved', 'inactive')),
      verificationStatus: maybe(system(verification, 'confirmed', 'confirmed', 'refuted', 'entered-in-error')),
      code,
      'onset[x]': fc.oneof(
        dateTime.map((onsetDateTime) => ({ onsetDateTime })),
        period.map((onsetPeriod) => ({ onsetPeriod })),
        fc.constant({}),
      ),
      'abatement[x]': fc.oneof(
        dateTime.map((abatementDateTime) => ({ abatementDateTime })),
        fc.constant({}),
        fc.constant({}),
      ),
      recordedDate: maybe(dateTime, 2),
    },
    Procedure: {
      status: often('completed', 'in-progress', 'not-done', 'entered-in-error'),
      code,
      'performed[x]': fc.oneof(
        dateTime.map((performedDateTime) => ({ performedDateTime })),
        period.map((performedPeriod) => ({ performedPeriod })),
      ),
    },
    ServiceRequest: {
      status: often('active', 'completed', 'revoked', 'draft'),
      intent: often('order', 'plan', 'proposal', 'filler-order'),
      doNotPerform: maybe(fc.boolean(), 1),
      code,
      authoredOn: maybe(dateTime),
      'occurrence[x]': fc.oneof(
        dateTime.map((occurrenceDateTime) => ({ occurrenceDateTime })),
        fc.constant({}),
      ),
    },
    Immunization: {
      status: often('completed', 'not-done', 'entered-in-error'),
      vaccineCode: code,
      'occurrence[x]': fc.oneof(
        { weight: 9, arbitrary: dateTime.map((occurrenceDateTime) => ({ occurrenceDateTime })) },
        fc.constant({ occurrenceString: 'in spring' }),
      ),
    },
    Coverage: { status: often('active', 'cancelled', 'entered-in-error'), period, type: maybe(code, 2) },
    MedicationRequest: {
      status: often('active', 'completed', 'cancelled', 'stopped'),
      intent: often('order', 'plan', 'proposal'),
      medicationCodeableConcept: code,
      authoredOn: maybe(dateTime),
      dispenseRequest: maybe(
        fc.record({
          expectedSupplyDuration: quantity.map(({ value }) => ({
            value,
            unit: 'days',
            system: 'http://unitsofmeasure.org',
            code: 'd',
          })),
          numberOfRepeatsAllowed: fc.integer({ min: 0, max: 3 }),
        }),
        2,
      ),
    },
    MedicationDispense: {
      status: often('completed', 'cancelled', 'declined'),
      medicationCodeableConcept: code,
      whenHandedOver: maybe(dateTime),
      whenPrepared: maybe(dateTime, 1),
      daysSupply: maybe(
        quantity.map(({ value }) => ({ value, unit: 'days', system: 'http://unitsofmeasure.org', code: 'd' })),
      ),
    },
    Medication: { code },
    QuestionnaireResponse: {
      status: often('completed', 'in-progress'),
      authored: maybe(dateTime),
      questionnaire: maybe(of('http://example.org/Questionnaire/q')),
    },
    DiagnosticReport: { status: often('final', 'preliminary', 'cancelled'), code, effectiveDateTime: dateTime },
    Communication: {
      status: often('completed', 'not-done'),
      sent: maybe(dateTime),
      reasonCode: fc.array(code, { maxLength: 1 }),
    },
    Task: {
      status: often('completed', 'requested', 'accepted'),
      intent: fc.constant('order'),
      code,
      authoredOn: maybe(dateTime),
      lastModified: maybe(dateTime),
    },
  };
  return elements[type] ?? { status: of('active', 'completed', 'finished'), code };
}

function recordOf(type: string, codes: readonly (readonly string[])[]): Arb<Resource> {
  return fc.record(elementsOf(type, codes)).map((elements) => {
    const resource: Resource = { resourceType: type };
    for (const [name, value] of Object.entries(elements)) {
      // The parts of a choice come as an object of their own.
      if (name.endsWith('[x]')) Object.assign(resource, value);
      else if (value !== undefined) resource[name] = value;
    }
    resource[type === 'Immunization' || type === 'Coverage' ? 'patient' : 'subject'] = { reference: 'Patient/child' };
    return resource;
  });
}

/** Birthdays at the ages that measures of children ask about. */
const birthDate = fc
  .tuple(
    fc.constantFrom(0, 1, 1, 2, 2, 2, 3, 5, 10, 12, 13, 13, 15, 16, 17, 18, 20, 22),
    fc.integer({ min: 0, max: 364 }),
  )
  .map(([years, days]) => isoDay(Date.UTC(2026 - years, 0, 1) / dayMs + days));

const patient: Arb<Resource> = fc
  .record({
    birthDate: maybe(birthDate, 30),
    gender: of('female', 'male'),
    deceased: fc.oneof(
      { weight: 12, arbitrary: fc.constant({}) },
      fc.boolean().map((deceasedBoolean) => ({ deceasedBoolean })),
      dateTime.map((deceasedDateTime) => ({ deceasedDateTime })),
    ),
  })
  .map(({ birthDate, gender, deceased }) => ({
    resourceType: 'Patient',
    id: 'child',
    gender,
    ...(birthDate === undefined ? {} : { birthDate }),
    ...deceased,
  }));

/** A child with records of the types that the logic reads, some of them twice. */
export function childOf(needs: readonly Need[]): Arb<Resource[]> {
  const types = [...new Set(needs.map(({ type }) => type))].filter((type) => type !== 'Patient');
  const record = types.map((type) => {
    const lists = needs.filter((need) => need.type === type).map(({ codes }) => [...(codes ?? [])]);
    return recordOf(
      type,
      lists.filter(({ length }) => length > 0),
    );
  });
  const records = record.length === 0 ? fc.constant([]) : fc.array(fc.oneof(...record), { maxLength: 24, size: 'max' });
  return fc.tuple(patient, records, fc.array(fc.nat({ max: 23 }), { maxLength: 4 })).map(([self, list, again]) => {
    const all = [...list, ...again.flatMap((n) => list[n] ?? [])];
    return [self, ...all.map((each, n) => ({ ...each, id: `r${n}` }))];
  });
}
