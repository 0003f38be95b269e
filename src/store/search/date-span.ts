import type { Definitions } from '../../fhir/definitions.ts';
import type { Criterion, Filter, SearchParam, SearchValue } from '../../fhir/search/query.ts';
import { isSingleValued } from '../../fhir/search/single-valued.ts';
import { isOwnColumn } from './columns.ts';
import { comparison } from './filter-date.ts';
import { sideTable } from './filter-side.ts';
import type { Selection } from './selection.ts';
import type { Statement } from './statement.ts';
import { sideParam } from './token.ts';

const isDate = (value: SearchValue): value is Extract<SearchValue, { kind: 'date' }> => value.kind === 'date';

/**
 * Takes apart the filters that ask for a stretch of time by its two ends (`date=ge…&date=lt…`) and everything else. Each end alone
 * is met by half of a population, both together by few; a parameter with one value has to meet both with that one, so they can be
 * one condition, which an index answers. Of several values one may meet one end and another the other: those stay apart.
 */
export function takeSpans(
  definitions: Definitions,
  type: string,
  criteria: readonly Criterion[],
): { spans: Filter[][]; others: Criterion[] } {
  const byParam = new Map<string, Filter[]>();
  for (const criterion of criteria) {
    if (!isPlainDate(criterion)) continue;
    byParam.set(criterion.param.code, [...(byParam.get(criterion.param.code) ?? []), criterion]);
  }
  const spans = [...byParam.values()].filter(
    ([first, ...more]) => first && more.length > 0 && isSingleValued(definitions, type, first.param),
  );
  const taken = new Set<Criterion>(spans.flat());
  return { spans, others: criteria.filter((criterion) => !taken.has(criterion)) };
}

function isPlainDate(criterion: Criterion): criterion is Filter {
  if (criterion.kind !== 'filter' || criterion.param.kind !== 'date' || isOwnColumn(criterion.param.code)) return false;
  return criterion.modifier === undefined && criterion.values.every(isDate);
}

/** All filters of one span, asked of one row. */
export function spanCondition(selection: Selection, span: readonly Filter[]): string {
  return sideTable(selection, 'resource_date', spanRows(selection.type, span, selection.into));
}

const day = 24 * 3600 * 1000;
/** A date says a year at the least. */
const longestDate = 367 * day;

/**
 * The same condition, with what it means for the beginning said too, by which the index is ordered: a date that ends after a day began
 * no more than a year before, where the parameter knows no periods. Without it half of all rows would be looked at.
 */
export function boundedRows(definitions: Definitions, type: string, span: readonly Filter[], into: Statement): string {
  const rows = spanRows(type, span, into);
  const [first] = span;
  if (!first || !isOfDates(definitions, type, first.param)) return rows;
  const earliest = span.flatMap((filter) => (ends(filter).has('early') ? [earliestStart(filter)] : []));
  const bound = Math.max(...earliest) - longestDate;
  // Beyond the years of PostgreSQL's calendar and ours there is nothing to bound.
  if (!(bound > Date.UTC(1, 0, 1))) return rows;
  return `${rows} AND s.range_start >= ${into.add(new Date(bound).toISOString(), 'timestamptz')}`;
}

function earliestStart({ values }: Filter): number {
  return Math.min(...values.filter(isDate).map(({ start }) => Date.parse(start)));
}

/** True when every value of the parameter is a date, a time of day at most. */
function isOfDates(definitions: Definitions, type: string, { paths = [] }: SearchParam): boolean {
  const fields = definitions.schema().resource(type)?.fields;
  const types = paths.map(({ steps: [step, ...further] }) =>
    typeof step === 'string' && further.length === 0 ? fields?.get(step)?.type : undefined,
  );
  return types.length > 0 && types.every((each) => each === 'date' || each === 'dateTime' || each === 'instant');
}

/** The condition on a row `s` of resource_date that meets all filters of a span. */
export function spanRows(type: string, span: readonly Filter[], into: Statement): string {
  const ends = span.map(({ values }) =>
    values.filter(isDate).map((value) => comparison(value, 's.range_start', 's.range_end', into)),
  );
  const side = into.add(sideParam(type, span[0]?.param.code ?? ''), 'bigint');
  const all = ends.map((alternatives) => `(${alternatives.join(' OR ') || 'false'})`);
  return `s.param = ${side} AND ${all.join(' AND ')}`;
}

/** Filters that together leave a stretch of time with two ends: one that has both, or a span of an early and a late one. */
export function boundedSpan(
  definitions: Definitions,
  type: string,
  criteria: readonly Criterion[],
): Filter[] | undefined {
  const whole = criteria.filter(isPlainDate).find((filter) => ends(filter).size === 2);
  if (whole) return [whole];
  const { spans } = takeSpans(definitions, type, criteria);
  return spans.find((span) => new Set(span.flatMap((filter) => [...ends(filter)])).size === 2);
}

/** Which ends of time a filter sets for all of its values. */
function ends({ values }: Filter): Set<'early' | 'late'> {
  const of = values.filter(isDate).map(({ prefix }) => prefix);
  const set = new Set<'early' | 'late'>();
  if (of.every((prefix) => ['eq', 'ap', 'gt', 'ge', 'sa'].includes(prefix))) set.add('early');
  if (of.every((prefix) => ['eq', 'ap', 'lt', 'le', 'eb'].includes(prefix))) set.add('late');
  return set;
}
