import { afterAll, expect, test } from '@jest/globals';
import { createTranslations } from '../../../src/measures/posted/translations.ts';
import { unwrap } from '../../support/house.ts';

/** In a process of its own, as uploads are: the translator is large, and nothing was translated before. */
const translations = createTranslations();
const nothingKept = { query: async () => [] };
afterAll(() => translations.close());

const libraries: Record<string, string> = {
  Shared: `library Shared version '1'
using FHIR version '4.0.1'
include FHIRHelpers version '4.0.1'
context Patient
define Visits: [Encounter] E where E.status = 'finished'
`,
  Broken: `library Broken version '1'
using FHIR version '4.0.1'
context Patient
define Visits: [Encountr]
`,
};
const translate = async (cql: string) => {
  const included = Object.entries(libraries).map(([name, text]) => ({ name, version: '1', cql: text }));
  return unwrap(await translations.translate({ cql, libraries: included }, nothingKept));
};
const library = (text: string) => `library Main version '1'\nusing FHIR version '4.0.1'\n${text}`;

test('problems name library, line and column, each once', async () => {
  const { problems } = await translate(
    library("include Broken version '1'\ninclude Gone version '2'\ncontext Patient\ndefine A: Nowhere\n"),
  );
  expect(problems.map(({ library: within, line, column, text }) => [within, line, column, text])).toEqual([
    ['Broken', 4, 16, 'Could not resolve type name Encountr.'],
    [undefined, 4, 1, expect.stringContaining('Gone')],
    [undefined, 6, 11, 'Could not resolve identifier Nowhere in the current library.'],
  ]);
});

test('a unit that is not UCUM is refused with its place, others are not', async () => {
  const { problems } = await translate(library("context Patient\ndefine A: 5 'mg/dL' > 3 'mgg/dL'\n"));
  expect(problems).toEqual([{ severity: 'error', line: 4, column: 23, text: "'mgg/dL' is not a UCUM unit." }]);
  const good = ['mmol/L', '{score}', '[degF]', '%', 'mm[Hg]', '10*3/uL', '[pH]'].map(
    (unit, n) => `define A${n}: 5 '${unit}'`,
  );
  expect((await translate(library(`context Patient\n${good.join('\n')}\n`))).problems).toEqual([]);
});

test('published ways to write need no FHIRHelpers of ours: any version is there', async () => {
  const text = `include FHIRHelpers version '4.4.000' called FHIRHelpers
include Shared version '1'
codesystem "LOINC": 'http://loinc.org'
code "Lead": '5671-3' from "LOINC"
context Patient
define A: Shared.Visits V where V.period starts during Interval[@2026-01-01, @2026-12-31]
define B: [Observation: "Lead"] O where O.value as Quantity >= 3.5 'ug/dL' and O.status in { 'final' }
define C: [Condition] X where X.onset as Period includes Today() and X.code ~ "Lead"
define D: First([Coverage] X return X.type.coding[0].code)
define E: Patient.birthDate + 2 years after @2020-01-01 and Patient.active and Patient.gender = 'female'
define F: [Dose] X return 1
`;
  const { problems, elm } = await translate(library(text));
  expect(problems.map(({ line, text }) => [line, text])).toEqual([[13, 'Could not resolve type name Dose.']]);
  expect(JSON.stringify(elm)).toContain('"path":"FHIRHelpers","version":"4.4.000"');
});
