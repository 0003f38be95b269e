import type { Result } from '../../../src/base/errors.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { compileLogic, createSlice, type Evaluation, type Logic } from '../../../src/measures/engine/logic.ts';
import type { Value } from '../../../src/measures/engine/values/types.ts';
import { createTranslator } from '../../../src/measures/translate.ts';
import { fhirModel } from './built-model.ts';

const library = (name: string, version: string) => `library ${name} version '${version}'\nusing FHIR version '4.0.1'\n`;

/** One translator for all, because it takes a second to make; it looks up the libraries of the text at hand. */
let included: Readonly<Record<string, string>> = {};
const translate = createTranslator((name) => included[name]);

/** ELM of CQL, with the libraries that it may include by name. Throws the translator's first complaint. */
export function elmOf(cql: string, sources: Readonly<Record<string, string>> = {}): unknown {
  included = sources;
  const { elm, problems } = translate(cql);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error) throw new Error(`CQL ${error.line}:${error.column}: ${error.text}`);
  return elm;
}

/** The text of a library with FHIR, a measurement period and the patient in sight. */
export function cqlOf(body: string, declarations = '', name = 'Test', version = '1'): string {
  return `${library(name, version)}${declarations}\nparameter "Measurement Period" Interval<DateTime>\ncontext Patient\n${body}`;
}

/** Compiles CQL. `sources` are the included libraries, by name. */
export function compileCql(
  cql: string,
  options: { sources?: Record<string, string>; valueSets?: readonly r4.ValueSet[] } = {},
): Result<Logic> {
  const { sources = {}, valueSets = [] } = options;
  const libraries = Object.values(sources).map((source) => elmOf(source, sources));
  return compileLogic({ main: elmOf(cql, sources), libraries, valueSets, model: fhirModel });
}

/** As `compileCql`; throws what it refuses. */
export function logicOf(...args: Parameters<typeof compileCql>): Logic {
  const logic = compileCql(...args);
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  return logic.value;
}

export const period2026 = { start: '2026-01-01', end: '2026-12-31' };
export const child: Resource = { resourceType: 'Patient', id: 'child', birthDate: '2020-03-05' };

/** An evaluation for the child with these records. */
export function over(
  logic: Logic,
  records: readonly Resource[],
  zone = 'UTC',
  now = '2026-06-15T12:00:00Z',
): Evaluation {
  const patients = records.some(({ resourceType }) => resourceType === 'Patient') ? [] : [child];
  return logic.over(createSlice([...patients, ...records]), { period: period2026, now: new Date(now), zone });
}

/** The value of a definition. Throws the error's text. */
export function given(evaluation: Evaluation, definition: string): Value {
  const result = evaluation.value(definition);
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value;
}
