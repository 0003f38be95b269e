import type { Rate } from './read-report.ts';

/** The words of the measures' part of the page. */
export const measureWords = {
  title: 'Measures',
  intro: 'Rates of the children whom you may see. The line through a rate is where it may lie by chance alone (95 %).',
  measure: 'Measure',
  part: 'Part',
  year: 'Year',
  published: 'As it may be published: small counts are hidden',
  none: 'No measure runs here.',
  rate: 'Rate',
  of: (count: number) => `of ${Math.round(count * 100) / 100}`,
  counted: 'Counted',
  limits: '95 % limits',
  plot: 'Rates with their limits',
  trend: 'The last five years',
  by: (what: string) => `By ${what}`,
  small: 'few: says little',
  hidden: 'not shown',
  nobody: 'nobody to count',
  lessIsBetter: 'Less is better.',
  noStrata: 'The report tells no strata of this rate.',
  remarks: 'The report says of itself',
};

export const gapWords = {
  title: (year: number) => `Measures in ${year}`,
  none: 'No measure asks for anything more this year.',
  status: { 'open-gap': 'open', 'prospective-gap': 'still has time', 'closed-gap': 'done, or not asked for' },
  missing: 'Not found in the record:',
  why: 'Why?',
  whyOf: (label: string) => `Why ${label} is not met`,
  counts: { yes: 'yes', no: 'no' },
  closed: (count: number) => (count === 1 ? '1 is done or not asked for.' : `${count} are done or not asked for.`),
  records: 'Records:',
};

const populations: Record<string, string> = {
  'initial-population': 'could be counted',
  denominator: 'asked of',
  'denominator-exclusion': 'excluded',
  'denominator-exception': 'excepted',
  numerator: 'met',
  'numerator-exclusion': 'not counted as met',
  'measure-population': 'measured',
  'measure-observation': 'observed',
};

export const populationText = (code: string) => populations[code] ?? code;

/** The number and its sign stay on one line. */
const percent = (value: number) => `${Math.round(value * 1000) / 10}\u00a0%`;
const plain = (value: number) => String(Math.round(value * 100) / 100);

/** A number of a rate, in its unit. */
export function valueText(value: number, { unit }: Pick<Rate, 'unit'>, isProportion: boolean): string {
  if (isProportion && unit === undefined) return percent(value);
  return unit === undefined ? plain(value) : `${plain(value)} ${unit}`;
}

export function limitsText({ low, high, ...rate }: Rate, isProportion: boolean): string {
  if (low === undefined || high === undefined) return '';
  const from = valueText(low, { unit: undefined }, isProportion && rate.unit === undefined);
  return `${from}\u00a0– ${valueText(high, rate, isProportion)}`;
}

export function countsText({ counts }: Rate): string {
  return counts
    .filter(({ code }) => code !== 'measure-observation')
    .map(({ code, count }) => `${populationText(code)}: ${count ?? measureWords.hidden}`)
    .join(' · ');
}
