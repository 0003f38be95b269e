import fc from 'fast-check';
import type { Resource } from '../../../src/fhir/types.ts';

/** Few distinct values, so that searches hit, miss and overlap. */
const pick = <T>(...values: T[]) => fc.constantFrom(...values);
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
const list = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 3 });

const patient = pick('p1', 'p2', 'p3', 'p4').map((id) => ({ reference: `Patient/${id}` }));
const anyone = fc.oneof(
  patient,
  pick('Group/p1', 'Group/g1', 'http://else.example/fhir/Patient/p1').map((reference) => ({ reference })),
);
const system = pick('http://a.example', 'http://b.example', undefined);
const coding = fc.record({ system, code: pick('red', 'green', 'blue', 'Red') });
const concept = fc.record({ coding: list(coding), text: some(pick('red', 'words')) });
const name = fc.record({
  family: some(
    pick('Åström', 'astrom', 'Ast', 'O’Neil', 'von der Heide', '%_x', `${'long '.repeat(30)}end`, '😀smile'),
  ),
  given: list(pick('Anna', 'anna-lena', 'Ann', 'Zoë', 'a\\b', "d'or")),
});
const date = pick('2019', '2020', '2020-02', '2020-02-29', '2020-03-01', '2021-12-31', '0001-01-01', '9999');
const instant = pick(
  '2020-02-29T23:59:59Z',
  '2020-03-01T00:00:00+01:00',
  '2020-02-29T12:00:00.125Z',
  '2020-02-29T12:00:00-05:00',
);
const period = fc.record({ start: some(fc.oneof(date, instant)), end: some(fc.oneof(date, instant)) });
const uri = pick(
  'http://plan.example/a',
  'http://plan.example/a|1',
  'http://plan.example/b',
  'urn:uuid:7f7d7e50-0000-4000-8000-000000000001',
);

const patients = fc.record({
  resourceType: fc.constant('Patient'),
  active: some(fc.boolean()),
  name: list(name),
  gender: some(pick('female', 'male', 'other')),
  birthDate: some(pick('2019', '2020-02', '2020-02-29')),
  identifier: list(fc.record({ system, value: pick('1', '2', '1|2') })),
  link: some(patient.map((other) => [{ other, type: 'seealso' }])),
  meta: some(fc.record({ tag: list(coding), profile: list(uri) })),
});
const plans = fc.record({
  resourceType: fc.constant('CarePlan'),
  status: pick('active', 'draft'),
  intent: some(pick('plan', 'order')),
  subject: anyone,
  category: list(concept),
  period: some(period),
  instantiatesCanonical: list(uri),
  instantiatesUri: list(uri),
  goal: list(pick('Goal/x', 'Goal/y').map((reference) => ({ reference }))),
});
const observations = fc.oneof(
  fc.record({
    resourceType: fc.constant('Observation'),
    status: pick('final'),
    code: concept,
    subject: some(anyone),
    effectiveDateTime: fc.oneof(date, instant),
    performer: list(patient),
  }),
  fc.record({
    resourceType: fc.constant('Observation'),
    status: pick('final', 'amended'),
    code: concept,
    subject: some(anyone),
    effectivePeriod: period,
    valueString: some(pick('Ål', 'al dente')),
  }),
);

const withoutUndefined = <T>(value: T): T => JSON.parse(JSON.stringify(value));

/** A small world of records; `seed` makes it the same every time. */
export function world(seed: number, size: number): Resource[] {
  const made = fc.sample(fc.oneof(patients, plans, observations), { seed, numRuns: size });
  return made.map((resource, place) => ({
    ...withoutUndefined(resource),
    id: resource.resourceType === 'Patient' && place < 40 ? `p${place}` : `r${place}`,
  }));
}

const dateAsked = fc
  .tuple(pick('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'), fc.oneof(date, instant))
  .map(([prefix, value]) => `${prefix}${value}`);
const tokenAsked = fc
  .tuple(
    pick('', '|', 'http://a.example|', 'http://b.example|'),
    pick('red', 'green', 'Red', 'female', 'active', 'draft', 'true', '1', '1\\|2', ''),
  )
  .map(([before, code]) => `${before}${code}`)
  .filter((text) => text !== '' && text !== '|');
const referenceAsked = pick(
  'Patient/p1',
  'Patient/p2',
  'p1',
  'Group/p1',
  'g1',
  'http://else.example/fhir/Patient/p1',
  'http://ours.example/fhir/Patient/p1',
);
const stringAsked = pick(
  'a',
  'ann',
  'Anna',
  'astrom',
  'Åst',
  'von der',
  'zoe',
  '%',
  '_',
  'lena',
  'a\\\\b',
  'long',
  'long '.repeat(20).trim(),
  '😀',
  'al',
  'd',
);
const uriAsked = pick(
  'http://plan.example/a',
  'http://plan.example/a|1',
  'urn:uuid:7f7d7e50-0000-4000-8000-000000000001',
);
const or = (asked: fc.Arbitrary<string>) =>
  fc.array(asked, { minLength: 1, maxLength: 3 }).map((values) => values.join(','));
const param = (names: string[], value: fc.Arbitrary<string>) => fc.tuple(pick(...names), value);
const missing = (names: string[]) =>
  param(
    names.map((one) => `${one}:missing`),
    pick('true', 'false'),
  );

const commonFilters = [
  param(['_id', '_id:not'], or(pick('p1', 'p2', 'r50', 'r51', 'nobody'))),
  param(
    ['_lastUpdated'],
    or(
      fc
        .tuple(pick('ge', 'lt', '', 'sa'), pick('2026-01-01', '2026-01-01T00:00:00.050Z'))
        .map((parts) => parts.join('')),
    ),
  ),
];
const filters: { [type: string]: fc.Arbitrary<[string, string]> } = {
  Patient: fc.oneof(
    ...commonFilters,
    param(
      ['name', 'family', 'given', 'name:exact', 'family:exact', 'name:contains', 'given:contains'],
      or(stringAsked),
    ),
    param(['gender', 'gender:not', 'active', 'identifier', 'identifier:not', '_tag', '_tag:not'], or(tokenAsked)),
    param(['birthdate'], or(dateAsked)),
    param(['link'], or(referenceAsked)),
    param(['_profile'], or(uriAsked)),
    missing(['name', 'birthdate', 'gender', '_tag', 'link', '_id', '_lastUpdated']),
  ),
  CarePlan: fc.oneof(
    ...commonFilters,
    param(['patient', 'subject', 'subject:Patient'], fc.oneof(pick('Patient/p1', 'Patient/p2', 'p1'))),
    param(['subject', 'instantiates-canonical'], or(fc.oneof(referenceAsked, uriAsked))),
    param(['category', 'category:not', 'status', 'status:not', 'intent:not'], or(tokenAsked)),
    param(['date'], or(dateAsked)),
    param(['instantiates-uri'], or(uriAsked)),
    missing(['category', 'date', 'intent', 'instantiates-uri', 'subject']),
  ),
  Observation: fc.oneof(
    ...commonFilters,
    param(['patient', 'subject', 'performer'], pick('Patient/p1', 'Patient/p3')),
    param(['code', 'code:not', 'status'], or(tokenAsked)),
    param(['date'], or(dateAsked)),
    param(['value-string', 'value-string:contains'], or(stringAsked)),
    missing(['date', 'subject', 'value-string', 'code']),
  ),
};
const sorts: { [type: string]: string[] } = {
  Patient: ['name', 'family', 'birthdate', 'gender', '_id', '_lastUpdated', 'link', 'identifier'],
  CarePlan: ['date', 'category', 'subject', 'instantiates-uri', '_lastUpdated', 'status'],
  Observation: ['date', 'code', 'value-string', '_id'],
};

/** A search as a client would write it: type and parameters. */
export const searches: fc.Arbitrary<{ type: string; params: [string, string][] }> = pick(
  'Patient',
  'CarePlan',
  'Observation',
).chain((type) => {
  const sort = fc.tuple(pick('', '-'), pick(...(sorts[type] ?? []))).map((parts) => parts.join(''));
  const order = fc.uniqueArray(sort, { maxLength: 2, selector: (one) => one.replace('-', '') });
  return fc.record({
    type: fc.constant(type),
    params: fc
      .tuple(fc.array(filters[type] ?? fc.constant<[string, string]>(['_id', 'x']), { maxLength: 3 }), order)
      .map(([asked, keys]) => (keys.length === 0 ? asked : [...asked, ['_sort', keys.join(',')] as [string, string]])),
  });
});
