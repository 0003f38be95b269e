import { ageText } from '../age.ts';
import { humanName } from '../index-of.ts';
import type { ReviewState } from '../review.ts';
import type { PlanSection, SectionCode, SectionLine } from '../section-types.ts';
import { type Chart, section } from './chart.ts';

/** Lines of each kind that fit on one screen. */
const most = 5;

/**
 * The digest that fits on one screen, for who signs with the primary care clinician's minutes (S1.16): taken from the sections themselves, so that it
 * never says anything else than they do.
 */
export function atAGlance(
  chart: Chart,
  review: ReviewState,
  sections: readonly PlanSection[],
): PlanSection | undefined {
  const find = (code: SectionCode) =>
    allOf(sections)
      .find((one) => one.code === code)
      ?.lines.filter(({ open }) => open) ?? [];
  const name = humanName(chart.patient?.name);
  const age = chart.day === undefined ? undefined : ageText(chart.patient?.birthDate, chart.day);
  const lines = [
    ...(name === undefined ? [] : [plain(name, [age, chart.patient?.birthDate && `born ${chart.patient.birthDate}`])]),
    ...(review.overdue ? [plain(overdueText(review), [])] : []),
    ...brief('Matters to the family', find('family-goals')),
    ...brief('Problems', find('problems')),
    // Of what could harm nothing is left out.
    ...brief('Allergies', find('allergies'), Number.POSITIVE_INFINITY),
    ...brief('Warnings', find('medical-summary'), Number.POSITIVE_INFINITY),
    ...brief('To be done', find('actions')),
    ...brief('Needs', find('needs')),
    ...brief('Emergency and access plans', find('emergency-access')),
    ...brief(
      'Lead',
      find('care-team').filter(({ facts }) => facts[0] === 'lead coordinator'),
    ),
    ...(review.due === undefined || review.overdue ? [] : [plain(`Next review by ${review.due}`, [])]),
  ];
  return section('at-a-glance', 'At a glance', lines);
}

/** What every rendering says of a plan past its day (S1.21). */
export function overdueText({ due }: ReviewState): string {
  return `This plan is past its review date (${due ?? 'not known'}). Ask whether it still holds.`;
}

function allOf(sections: readonly PlanSection[]): PlanSection[] {
  return sections.flatMap((one) => [one, ...allOf(one.parts)]);
}

function brief(label: string, lines: readonly SectionLine[], count = most): SectionLine[] {
  if (lines.length === 0) return [];
  const words = lines.slice(0, count).map((line) => {
    const [owner] = line.facts.filter((fact) => fact.startsWith('responsible: ') || fact === 'nobody responsible yet');
    const said = line.doNot ? `DO NOT: ${line.words}` : line.quoted ? `“${line.words}”` : line.words;
    return owner ? `${said} (${owner})` : said;
  });
  const rest = lines.length - words.length;
  return [plain(`${label}: ${words.join('; ')}`, rest > 0 ? [`and ${rest} more below`] : [])];
}

function plain(words: string, facts: readonly (string | undefined)[]): SectionLine {
  return {
    references: [],
    words,
    facts: facts.filter((fact) => fact !== undefined && fact !== ''),
    said: [],
    open: true,
  } as SectionLine;
}
