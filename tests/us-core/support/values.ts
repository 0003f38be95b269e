/**
 * What a resource says for each search parameter of US Core, read off the resource by hand: nothing here knows the server's code.
 * Dates are written as they stand, or as a Period; tokens as Coding, Identifier, CodeableConcept or code; references as text.
 */
type Json = any;
type Get = (resource: Json) => unknown;

export type Kind = 'token' | 'date' | 'reference' | 'string' | 'address';

interface Parameter {
  kind: Kind;
  get: Get;
}

const token = (get: Get): Parameter => ({ kind: 'token', get });
const date = (get: Get): Parameter => ({ kind: 'date', get });
const string = (get: Get): Parameter => ({ kind: 'string', get });
const reference = (get: (resource: Json) => Json): Parameter => ({
  kind: 'reference',
  get: (resource) => list(get(resource)).map((each: Json) => each.reference),
});
const names = string(({ name }) =>
  list(name).flatMap((each: Json) =>
    typeof each === 'string' ? each : [each.text, each.family, each.given, each.prefix, each.suffix].flatMap(list),
  ),
);

/** Parameters that mean the same on every type that has them, then those by type. */
const common: Record<string, Parameter> = {
  _id: token(({ id }) => id),
  _lastUpdated: date(({ meta }) => meta.lastUpdated),
  patient: reference(({ patient, subject, beneficiary }) => patient ?? subject ?? beneficiary),
  encounter: reference(({ encounter }) => encounter),
  practitioner: reference(({ practitioner }) => practitioner),
  identifier: token(({ identifier }) => identifier),
  status: token(({ status }) => status),
  category: token(({ category }) => category),
  code: token(({ code }) => code),
  type: token(({ type }) => type),
  'clinical-status': token(({ clinicalStatus }) => clinicalStatus),
  'lifecycle-status': token(({ lifecycleStatus }) => lifecycleStatus),
  description: token(({ description }) => description),
  intent: token(({ intent }) => intent),
  class: token((encounter) => encounter.class),
  gender: token(({ gender }) => gender),
  specialty: token(({ specialty }) => specialty),
  role: token(({ participant }) => list(participant).map((each: Json) => each.role)),
  'discharge-disposition': token(({ hospitalization }) => hospitalization?.dischargeDisposition),
  location: reference(({ location }) => list(location).map((each: Json) => each.location)),
  questionnaire: { kind: 'reference', get: ({ questionnaire }) => questionnaire },
  authored: date(({ authored, authoredOn }) => authored ?? authoredOn),
  authoredon: date(({ authoredOn }) => authoredOn),
  'onset-date': date(({ onsetDateTime }) => onsetDateTime),
  'abatement-date': date(({ abatementDateTime }) => abatementDateTime),
  'recorded-date': date(({ recordedDate }) => recordedDate),
  'asserted-date': date(({ extension }) =>
    list(extension)
      .filter(({ url }: Json) => url.endsWith('/condition-assertedDate'))
      .map(({ valueDateTime }: Json) => valueDateTime),
  ),
  'target-date': date(({ target }) => list(target).map((each: Json) => each.dueDate)),
  birthdate: date(({ birthDate }) => birthDate),
  'death-date': date(({ deceasedDateTime }) => deceasedDateTime),
  name: names,
  family: string(({ name }) => list(name).map((each: Json) => each.family)),
  address: {
    kind: 'address',
    get: ({ address }) =>
      list(address).flatMap((each: Json) =>
        [each.text, each.line, each.city, each.district, each.state, each.postalCode, each.country].flatMap(list),
      ),
  },
  'address-city': string(({ address }) => list(address).map((each: Json) => each.city)),
  'address-state': string(({ address }) => list(address).map((each: Json) => each.state)),
  'address-postalcode': string(({ address }) => list(address).map((each: Json) => each.postalCode)),
};

const own: Record<string, Parameter> = {
  'CarePlan.date': date(({ period }) => period),
  'Encounter.date': date(({ period }) => period),
  'DocumentReference.date': date((document) => document.date),
  'DocumentReference.period': date(({ context }) => context?.period),
  'Immunization.date': date(({ occurrenceDateTime }) => occurrenceDateTime),
  'Procedure.date': date(({ performedDateTime, performedPeriod }) => performedDateTime ?? performedPeriod),
  'Observation.date': date(({ effectiveDateTime, effectivePeriod }) => effectiveDateTime ?? effectivePeriod),
  'DiagnosticReport.date': date(({ effectiveDateTime, effectivePeriod }) => effectiveDateTime ?? effectivePeriod),
  'FamilyMemberHistory.code': token(({ condition }) => list(condition).map((each: Json) => each.code)),
};

export function parameterOf(type: string, code: string): Parameter {
  const found = own[`${type}.${code}`] ?? common[code];
  if (!found) throw new Error(`the test does not know how to read ${type}.${code}`);
  return found;
}

/** What the resource says for the parameter, as texts, Periods or tokens. */
export function valuesOf(resource: Json, code: string): Json[] {
  const { kind, get } = parameterOf(resource.resourceType, code);
  const found = list(get(resource)).flat(3);
  return kind === 'token' ? found.flatMap(tokens) : found.filter((each) => each !== undefined);
}

function tokens(value: Json): { system?: string; code: string }[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [{ code: value }];
  if (Array.isArray(value.coding)) return value.coding;
  if ('value' in value) return [{ system: value.system, code: value.value }];
  return 'code' in value ? [value] : [];
}

export function list(value: Json): Json[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
