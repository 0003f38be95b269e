import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

export const icd10cm = 'http://hl7.org/fhir/sid/icd-10-cm';

/** What the table of validity (profiles/code-systems/icd-10-cm-social-validity.json) says of one code, in fiscal years. */
interface Standing {
  billable: boolean;
  from: number;
  until?: number;
}

/** A target that must not stand on a claim, or of which nobody knows whether it may. */
export interface CodeProblem {
  code: string;
  severity: 'error' | 'warning';
  text: string;
}

/** The fiscal year of the United States that a day is in: it begins on 1 October of the year before. */
export function fiscalYear(day: Date): number {
  return day.getUTCFullYear() + (day.getUTCMonth() >= 9 ? 1 : 0);
}

/** The codes of ICD-10-CM that a map leads to, or that stand in the templates of a form, each once. */
export function targetCodes(resource: Resource): string[] {
  const found = new Set<string>();
  const groups = Array.isArray(resource.group) ? resource.group.filter(isObject) : [];
  for (const group of groups) if (group.target === icd10cm) targets(group, found);
  if (resource.resourceType === 'Questionnaire') codings(resource.contained, found);
  return [...found].sort();
}

function targets(value: unknown, found: Set<string>): void {
  if (!isObject(value)) return;
  for (const element of Array.isArray(value.element) ? value.element : []) {
    for (const target of isObject(element) && Array.isArray(element.target) ? element.target : [])
      if (isObject(target) && typeof target.code === 'string') found.add(target.code);
  }
}

function codings(value: unknown, found: Set<string>): void {
  if (Array.isArray(value)) for (const one of value) codings(one, found);
  if (!isObject(value)) return;
  if (value.system === icd10cm && typeof value.code === 'string') found.add(value.code);
  for (const one of Object.values(value)) if (typeof one === 'object') codings(one, found);
}

/**
 * Holds codes against the table. An error: the code is a heading, is no code of that year, or the table does not have it, so that nobody has
 * looked. A warning: the table ends before the year (its version is the last year that was held against the order file). Pure.
 */
export function codeProblems(codes: readonly string[], table: r4.CodeSystem, year: number): CodeProblem[] {
  const known = standings(table);
  const checked = Number(table.version);
  const found = codes.flatMap((code): CodeProblem[] => {
    const text = problemOf(known.get(code), year);
    return text === undefined ? [] : [{ code, severity: 'error', text }];
  });
  if (codes.length === 0 || year <= checked) return found;
  const text = `The table of validity ends with fiscal year ${checked}; it is ${year}. Hold it against the order file of that year.`;
  return [...found, { code: '', severity: 'warning', text }];
}

function problemOf(standing: Standing | undefined, year: number): string | undefined {
  if (!standing) return 'is not in the table of validity.';
  if (year < standing.from) return `does not stand like this before fiscal year ${standing.from}.`;
  if (standing.until !== undefined && year > standing.until) return `has ended with fiscal year ${standing.until}.`;
  return standing.billable ? undefined : 'is a heading that nobody may bill; use a code below it.';
}

function standings({ concept = [] }: r4.CodeSystem): ReadonlyMap<string, Standing> {
  const number = (concept: r4.CodeSystemConcept, name: string) =>
    concept.property?.find(({ code }) => code === name)?.valueInteger;
  return new Map(
    concept.map((one) => {
      const until = number(one, 'until');
      const billable = one.property?.some(({ code, valueBoolean }) => code === 'billable' && valueBoolean) ?? false;
      return [one.code, { billable, from: number(one, 'from') ?? 0, ...(until !== undefined && { until }) }] as const;
    }),
  );
}
