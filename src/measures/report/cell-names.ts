import type { Stratum } from '../stratum.ts';
import type { GroupDefinition, PopulationDefinition } from '../types.ts';

/** A row of the table of a report: the whole, or one stratum. */
export const rowOf = (stratifier?: string, stratum?: Stratum) =>
  stratifier === undefined ? 'all' : `${stratifier}=${stratum}`;

/** Populations with the same criteria are one count, whichever group prints it: what one group hides, another must not show. */
export function cellOf(group: GroupDefinition, population: PopulationDefinition, row: string): string {
  const expressionOf = (code: string) => group.populations.find((each) => each.code === code)?.expression ?? '';
  const initial = expressionOf('initial-population');
  const denominator = expressionOf('denominator');
  const { code, expression } = population;
  const path = {
    'initial-population': [initial],
    denominator: [initial, denominator],
    'denominator-exclusion': [initial, denominator, 'exclusion', expression],
  }[code] ?? [group.id, population.id];
  const isOnce = group.composite === undefined && group.populations.filter((each) => each.code === code).length === 1;
  const key = isOnce ? path.filter((part, place) => part !== path[place - 1]) : [group.id, population.id];
  return JSON.stringify([row, group.basis, ...key]);
}
