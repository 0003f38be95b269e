import { type Stratum, splitStratum } from '../../stratum.ts';
import type { MeasureDefinition } from '../../types.ts';
import { effective, type GroupCounts } from '../add-up.ts';
import { groupTotals } from '../group-totals.ts';
import { conceptOf } from '../measure-report.ts';
import { labelOf } from '../narrative.ts';
import { acronymOf, isInverted } from './categories.ts';

/** One line of the worksheet. */
export interface CoreSetRow {
  measure: string;
  title: string;
  /** The group: an age band, a vaccine, a component. */
  rateId: string;
  rateLabel: string;
  /** Absent for the rate as a whole. */
  stratifier?: string;
  stratum?: string;
  numerator: number;
  denominator: number;
  /** Undefined when nobody is counted. */
  rate: number | undefined;
  isInverted: boolean;
  /** Rates with the same text count the same children. */
  denominatorKey: string;
  /** Ids of the rates of which this one is the total. */
  totalOf: readonly string[];
}

/** The rows of one measure, each rate followed by its strata. Measures without a numerator and a denominator have none. */
export function coreSetRows(measure: MeasureDefinition, counts: readonly GroupCounts[]): CoreSetRow[] {
  const totals = groupTotals(counts, { anyway: true });
  const acronym = acronymOf(measure.name);
  return counts.flatMap((each, index) => {
    const { group, tally, split } = each;
    if (group.scoring !== 'proportion') return [];
    const shared = {
      measure: acronym,
      title: measure.resource.title ?? measure.name,
      rateId: group.id,
      rateLabel: labelOf(measure, group, index),
      isInverted: isInverted(acronym),
      denominatorKey: JSON.stringify(
        group.populations
          .filter(({ code }) => !code.startsWith('numerator'))
          .map(({ code, expression }) => [code, expression]),
      ),
      totalOf: totals.find(({ total }) => total === each)?.parts.map((part) => part.group.id) ?? [],
    };
    const row = (counted: Record<string, number>, of: Partial<CoreSetRow>): CoreSetRow => {
      const { numerator, denominator } = effective(group, counted);
      const share = denominator > 0 ? numerator / denominator : undefined;
      const rate = share !== undefined && shared.isInverted ? 1 - share : share;
      return { ...shared, numerator, denominator, rate, ...of };
    };
    return [
      row(tally.counts, {}),
      ...split.flatMap(({ by, strata }) =>
        strata.map(({ stratum, tally: inside }) =>
          row(inside.counts, { stratifier: by.id, stratum: stratumText(stratum, by.components.length) }),
        ),
      ),
    ];
  });
}

/** A code with its system's last word is for machines; people and the application want the code or the text. */
function stratumText(stratum: Stratum, components: number): string {
  return splitStratum(stratum, Math.max(1, components))
    .map((part) => {
      const { coding, text } = conceptOf(part);
      return text ?? coding?.[0]?.display ?? coding?.[0]?.code ?? 'Unknown';
    })
    .join(', ');
}
