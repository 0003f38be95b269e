import type { r4 } from '../../fhir/types.ts';
import { memberMonthsRule } from '../honest/enrollment.ts';
import type { GroupDefinition, MeasureDefinition } from '../types.ts';
import { effective, type GroupCounts } from './add-up.ts';
import type { Hiding, ReportContext } from './measure-report.ts';
import { honestScore } from './score.ts';

/** What a reader has to know before comparing numbers: how enrollment counts, how time is measured, which days the period has. */
export function rulesOf(measure: MeasureDefinition, zone: string): string[] {
  const rules = [`The period is whole days in the time zone ${zone}.`];
  const byEnrollment = measure.groups.some(({ stratifiers }) => stratifiers.some(({ id }) => /enrol/.test(id)));
  rules.push(
    byEnrollment
      ? 'Children enrolled for part of the period are counted. The strata by enrollment tell those apart who were enrolled continuously: covered on the last day, with at most one gap of up to 45 days.'
      : 'Children enrolled for part of the period are counted like the others; continuous enrollment is not asked for.',
  );
  if (measure.groups.some(({ rateUnit }) => /member-month|member-year/.test(rateUnit?.text ?? ''))) {
    rules.push(memberMonthsRule);
  }
  return rules;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The report for people: the rules, and of each group its counts, its rate and its limits. Hidden counts are said to be hidden. */
export function narrativeOf(
  { measure, period, zone }: ReportContext,
  counts: readonly GroupCounts[],
  hiding?: Hiding,
  remarks: readonly string[] = [],
): r4.Narrative {
  const { title, name = '' } = measure.resource;
  const rows = counts.map(({ group, tally }, index) => {
    const label = labelOf(measure, group, index);
    const cells = [label, ...countCells(group, tally.counts, hiding), rateCell(group, tally, hiding)];
    return `<tr>${cells.map((cell) => `<td>${asHtml(cell)}</td>`).join('')}</tr>`;
  });
  const head = ['', 'Numerator', 'Denominator', 'Rate'].map((cell) => `<th>${cell}</th>`).join('');
  const texts = [...remarks, ...rulesOf(measure, zone)].map((text) => `<p>${asHtml(text)}</p>`).join('');
  const div = `<p>${asHtml(`${title ?? name}, ${period.start} to ${period.end}`)}</p><table><tr>${head}</tr>${rows.join('')}</table>${texts}`;
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${div}</div>` };
}

export function labelOf(measure: MeasureDefinition, group: GroupDefinition, index: number): string {
  const authored = measure.resource.group?.[index];
  return authored?.description ?? authored?.code?.text ?? authored?.code?.coding?.[0]?.display ?? group.id;
}

/** Effective counts, where the measure has a numerator and a denominator and nothing of them is hidden. */
function countCells(group: GroupDefinition, counts: Record<string, number>, hiding?: Hiding): [string, string] {
  const side = (code: 'numerator' | 'denominator') => {
    const parts = group.populations.filter((population) => population.code.startsWith(code));
    if (parts.length === 0) return '';
    if (parts.some(({ id }) => hiding?.count(group.id, id))) return 'not shown';
    return String(effective(group, counts)[code]);
  };
  return [side('numerator'), side('denominator')];
}

function rateCell(group: GroupDefinition, tally: GroupCounts['tally'], hiding?: Hiding): string {
  if (hiding?.score(group.id)) return 'not shown';
  const score = honestScore(group, tally);
  if (!score) return '';
  const { unit, limits, isSmall, of } = score;
  const tell = (value: number) =>
    unit === undefined && limits?.method === 'Wilson score' ? percent(value) : value.toFixed(2);
  const range = limits ? ` (95 %: ${tell(limits.low)} to ${tell(limits.high)})` : '';
  return `${tell(score.value)}${unit === undefined ? '' : ` ${unit}`}${range}, n = ${Math.round(of * 100) / 100}${isSmall ? ', fewer than 30' : ''}`;
}

function asHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
