import type { Json } from './json.ts';

/**
 * Reports on measures, read once more: a report that was made for an answer is no record, and still tells of children. Knows nothing of how
 * they are made.
 */

/** What is made for an answer and may name records: reports, gaps and what holds them together. */
const madeTypes = new Set(['MeasureReport', 'DetectedIssue', 'GuidanceResponse', 'Composition']);

export function isMade({ resourceType }: Json): boolean {
  return madeTypes.has(resourceType);
}

/** Every record that a report names in any place: subjects, evidence, lists of members, remarks, the text for people. */
export function namedIn(made: Json): string[] {
  const text = JSON.stringify(made);
  return [...new Set([...text.matchAll(/\b([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})/g)].map(([, name = '']) => name))];
}

/** Said in a report that hides small counts. */
const hides = /Counts from 1 to \d+ are not shown/;

/**
 * Why a report tells what its reader may not know; undefined when nothing here says so. `visible`: children whom its reader may see; undefined where
 * what it counts are episodes, which may be more.
 */
export function beyondReport(report: Json, visible: number | undefined): string | undefined {
  if (report.resourceType !== 'MeasureReport') return undefined;
  const groups: Json[] = report.group ?? [];
  const text = JSON.stringify(report);
  const isPublished = hides.test(text) || text.includes('"masked"');
  for (const group of groups) {
    if (report.type !== 'individual' && visible !== undefined) {
      const most = countOf(group, 'initial-population');
      if (most !== undefined && most > visible) return 'it counts more children than its reader may see';
    }
    const reason = isPublished ? beyondPublished(group) : undefined;
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function beyondPublished(group: Json): string | undefined {
  const strata: Json[] = (group.stratifier ?? []).flatMap(({ stratum = [] }: Json) => stratum);
  for (const part of [group, ...strata]) {
    for (const { count } of part.population ?? []) if (isSmall(count)) return 'it shows a count from 1 to 10';
    const [all, out, met] = ['denominator', 'denominator-exclusion', 'numerator'].map((code) => countOf(part, code));
    if (
      all !== undefined &&
      met !== undefined &&
      out === undefined &&
      isSmall(all - met) &&
      !has(part, 'denominator-exclusion')
    )
      return 'a count from 1 to 10 is the difference of two that it shows';
    const of = (part.measureScore?.extension ?? []).flatMap(({ extension = [] }: Json) => extension);
    if (part.measureScore && of.some(({ url, valueDecimal }: Json) => url === 'of' && Number(valueDecimal) < 30))
      return 'it shows a rate that rests on fewer than 30';
  }
  for (const { stratum = [] } of group.stratifier ?? []) {
    for (const { code } of group.population ?? []) {
      const name = codeOf(code);
      const total = countOf(group, name);
      const counts = stratum.map((each: Json) => countOf(each, name));
      const hidden = counts.filter((count: number | undefined) => count === undefined);
      // Where every stratum tells of the population, and one alone is kept back, it is what the others leave.
      if (total === undefined || hidden.length !== 1 || !stratum.every((each: Json) => has(each, name))) continue;
      const left = counts.reduce((sum: number, count = 0) => sum - count, total);
      if (isSmall(left)) return 'a count that it hides is what the other strata leave of the total';
    }
  }
  return undefined;
}

const isSmall = (count: unknown) => typeof count === 'number' && count >= 1 && count <= 10;
const codeOf = (code: Json | undefined): string => code?.coding?.[0]?.code ?? '';
const has = (part: Json, name: string) => (part.population ?? []).some(({ code }: Json) => codeOf(code) === name);

function countOf(part: Json, name: string): number | undefined {
  const found = (part.population ?? []).filter(({ code }: Json) => codeOf(code) === name);
  return found.length === 1 && typeof found[0].count === 'number' ? found[0].count : undefined;
}
