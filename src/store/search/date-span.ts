import type { Definitions } from '../../fhir/definitions.ts';
import type { Criterion, Filter, SearchValue } from '../../fhir/search/query.ts';
import { isSingleValued } from '../../fhir/search/single-valued.ts';
import { isOwnColumn } from './columns.ts';
import { comparison } from './filter-date.ts';
import { sideTable } from './filter-side.ts';
import type { Selection } from './selection.ts';
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
  const { type, into } = selection;
  const ends = span.map(({ values }) =>
    values.filter(isDate).map((value) => comparison(value, 's.range_start', 's.range_end', into)),
  );
  const side = into.add(sideParam(type, span[0]?.param.code ?? ''), 'bigint');
  const all = ends.map((alternatives) => `(${alternatives.join(' OR ') || 'false'})`);
  return sideTable(selection, 'resource_date', `s.param = ${side} AND ${all.join(' AND ')}`);
}
