import { systemKinds } from '../../fhir/search/number-entry.ts';
import { placeNames } from '../../fhir/search/number-places.ts';
import type { AskedRange, Filter, Prefix } from '../../fhir/search/query.ts';
import { type SideCondition, sideRows, sideTable } from './filter-side.ts';
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

/** More alternatives than this are a list that the rows are joined with: planning hundreds of conditions takes seconds. */
const fewAlternatives = 8;

/** One range asked for, under the name of the rows it is asked of. */
interface Alternative {
  prefix: Prefix;
  side: string;
  from: string;
  to: string;
}

/** The SQL of a number or quantity filter: rows of resource_number by the places the parameter leads to and the forms asked for. */
export function numberCondition(selection: Selection, filter: Filter): string {
  return sideTable(selection, 'resource_number', ...conditionsOf(selection, filter));
}

/** The keys of the resources that a number or quantity filter finds, as a SELECT. */
export function numberRows(names: Names, filter: Filter): string {
  return sideRows('resource_number', ...conditionsOf(names, filter));
}

/** What the names of the rows are made of. */
type Names = Pick<Selection, 'type' | 'into'>;

function conditionsOf(names: Names, { param, values }: Filter): (SideCondition | string)[] {
  const { into } = names;
  const places = placeNames(param);
  // Of a single point one column says all.
  return (['point', 'range'] as const).flatMap((extent): (SideCondition | string)[] => {
    const high = extent === 'point' ? 's.low' : 's.high';
    const all = values.flatMap((value) => alternativesOf(names, places, value, extent));
    // Those that differ in their names only are one condition: a bare number asks for four forms.
    const alike = Map.groupBy(all, ({ prefix, from, to }) => `${prefix} ${from} ${to}`);
    if (alike.size > fewAlternatives) return listed(names, all, high);
    return [...alike.values()].flatMap((same) => {
      const name = `s.param = ANY (${into.add(
        same.map(({ side }) => side),
        'bigint[]',
      )})`;
      return same.slice(0, 1).map((one) => `(${name} AND ${numberComparison(one.prefix, one, 's.low', high, into)})`);
    });
  });
}

function alternativesOf(
  { type }: Names,
  places: readonly string[],
  value: Filter['values'][number],
  extent: 'point' | 'range',
): Alternative[] {
  const { prefix, any } = rangesAsked(value) ?? { prefix: 'eq', any: [] };
  return any.flatMap(({ form, from, to }) =>
    places.map((place) => ({ prefix, side: numberSide(type, place, form, extent), from, to })),
  );
}

/** The alternatives as a list for each prefix. */
function listed({ into }: Names, all: readonly Alternative[], high: string): SideCondition[] {
  return [...Map.groupBy(all, ({ prefix }) => prefix)].map(([prefix, same]) => {
    const sides = into.add(
      same.map(({ side }) => side),
      'bigint[]',
    );
    const [from, to] = [same.map((one) => one.from), same.map((one) => one.to)];
    const list = `unnest(${sides}, ${into.add(from, 'numeric[]')}, ${into.add(to, 'numeric[]')}) a (side, start, stop)`;
    const compared = comparisonSql(prefix, 's.low', high, 'a.start', 'a.stop');
    return { list, condition: `s.param = a.side AND ${compared}` };
  });
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
  const usesEnd = prefix === 'eq' || prefix === 'ne' || prefix === 'ap';
  const start = into.add(from, 'numeric');
  // A placeholder that the text does not use is an error in PostgreSQL.
  return comparisonSql(prefix, low, high, start, usesEnd ? into.add(to, 'numeric') : start);
}

function comparisonSql(prefix: Prefix, low: string, high: string, start: string, end: string): string {
  switch (prefix) {
    case 'eq':
      return `(${low} >= ${start} AND ${high} < ${end})`;
    case 'ne':
      return `(${low} < ${start} OR ${high} >= ${end})`;
    case 'gt':
      return `${high} > ${start}`;
    case 'lt':
      return `${low} < ${start}`;
    case 'ge':
      // "The specified value and up": a Range that ends at the value reaches it.
      return `${high} >= ${start}`;
    case 'le':
      return `${low} <= ${start}`;
    case 'sa':
      return `${low} > ${start}`;
    case 'eb':
      return `${high} < ${start}`;
    case 'ap':
      return `(${low} <= ${end} AND ${high} >= ${start})`;
  }
}
