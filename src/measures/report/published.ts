import type { r4 } from '../../fhir/types.ts';
import { hideSmall } from '../honest/suppression/hide-small.ts';
import type { PopulationDefinition } from '../types.ts';
import { effective, type GroupCounts } from './add-up.ts';
import { cellOf, rowOf } from './cell-names.ts';
import type { Hiding } from './measure-report.ts';
import { leastDenominator } from './score.ts';
import { tableOf } from './table.ts';

/**
 * What of a report is hidden before it is published: counts from 1 to `largest` and whatever would let one be worked out, and rates that rest
 * on fewer than 30. All groups are decided together: populations that two groups share are the same count. `earlier`: reports on the same
 * measure that were published before; what differs from one of them by 1 to `largest` is hidden too.
 */
export function hidingOf(
  counts: readonly GroupCounts[],
  { earlier = [], largest }: { earlier?: readonly r4.MeasureReport[]; largest: number },
): Hiding {
  const hidden = hideSmall(tableOf(counts, earlier), largest);
  const isHidden = (group: GroupCounts, population: PopulationDefinition, row: string) =>
    hidden === undefined || hidden.has(cellOf(group.group, population, row));
  const find = (group: string) => counts.find((each) => each.group.id === group);
  return {
    largest,
    count(groupId, populationId, stratifier, stratum) {
      const group = find(groupId);
      const population = group?.group.populations.find(({ id }) => id === populationId);
      return !group || !population || isHidden(group, population, rowOf(stratifier, stratum));
    },
    score(groupId, stratifier, stratum) {
      const group = find(groupId);
      if (!group) return true;
      const tally =
        stratifier === undefined
          ? group.tally
          : group.split.find(({ by }) => by.id === stratifier)?.strata.find((each) => each.stratum === stratum)?.tally;
      if (!tally) return true;
      const rests = group.group.populations.filter(
        ({ code }) => code !== 'initial-population' && code !== 'measure-observation',
      );
      return (
        effective(group.group, tally.counts).denominator < leastDenominator ||
        rests.some((population) => isHidden(group, population, rowOf(stratifier, stratum)))
      );
    },
  };
}
