import { systemKinds } from '../../fhir/search/number-entry.ts';
import { placeNames } from '../../fhir/search/number-places.ts';
import type { AskedRange, Filter, Prefix } from '../../fhir/search/query.ts';
import { sideTable } from './filter-side.ts';
import type { Selection } from './selection.ts';
import type { Statement } from './statement.ts';
import { numberSide } from './token.ts';

/** The ranges that a number or quantity value asks for; a number has one. */
export function rangesAsked(
  value: Filter['values'][number],
): { prefix: Prefix; any: readonly AskedRange[] } | undefined {
  if (value.kind === 'quantity') return value;
  if (value.kind !== 'number') return undefined;
  const { prefix, from, to } = value;
  // A Range under a number parameter may have units.
  return { prefix, any: systemKinds.map((kind) => ({ form: ['any', kind], from, to })) };
}

/** The SQL of a number or quantity filter: rows of resource_number by the places the parameter leads to and the forms asked for. */
export function numberCondition(selection: Selection, { param, values }: Filter): string {
  const { type, into } = selection;
  const places = placeNames(param);
  const any = values.flatMap((value) => {
    const { prefix, any: ranges } = rangesAsked(value) ?? { prefix: 'eq', any: [] };
    // Forms in one unit are one condition: a bare number asks for four.
    const byRange = Map.groupBy(ranges, ({ from, to }) => `${from} ${to}`);
    return [...byRange.values()].flatMap((alike) => {
      const named = (extent: 'point' | 'range') => {
        const names = alike.flatMap(({ form }) => places.map((place) => numberSide(type, place, form, extent)));
        return `s.param = ANY (${into.add(names, 'bigint[]')})`;
      };
      return alike
        .slice(0, 1)
        .flatMap((range) => [
          `(${named('point')} AND ${numberComparison(prefix, range, 's.low', 's.low', into)})`,
          `(${named('range')} AND ${numberComparison(prefix, range, 's.low', 's.high', into)})`,
        ]);
    });
  });
  return sideTable(selection, 'resource_number', ...any);
}

/**
 * What a prefix means when the value in the record may be anything from `low` to `high`: both the same for a plain number. Source:
 * FHIR R4, search.html#prefix: eq "the range of the search value fully contains the range of the target value", gt "the range above
 * the search value intersects with the range of the target value", and so on.
 */
export function numberComparison(
  prefix: Prefix,
  { from, to }: { from: string; to: string },
  low: string,
  high: string,
  into: Statement,
): string {
  // Functions, because a placeholder that the text does not use is an error in PostgreSQL.
  const start = () => into.add(from, 'numeric');
  const end = () => into.add(to, 'numeric');
  switch (prefix) {
    case 'eq':
      return `(${low} >= ${start()} AND ${high} < ${end()})`;
    case 'ne':
      return `(${low} < ${start()} OR ${high} >= ${end()})`;
    case 'gt':
      return `${high} > ${start()}`;
    case 'lt':
      return `${low} < ${start()}`;
    case 'ge':
      // "The specified value and up": a Range that ends at the value reaches it.
      return `${high} >= ${start()}`;
    case 'le':
      return `${low} <= ${start()}`;
    case 'sa':
      return `${low} > ${start()}`;
    case 'eb':
      return `${high} < ${start()}`;
    case 'ap':
      return `(${low} <= ${end()} AND ${high} >= ${start()})`;
  }
}
