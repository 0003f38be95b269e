import type { Filter, SearchValue } from '../../fhir/search/query.ts';
import { comparison } from './filter-date.ts';
import type { Statement } from './statement.ts';

const isDate = (value: SearchValue): value is Extract<SearchValue, { kind: 'date' }> => value.kind === 'date';

/** `_id` and `_lastUpdated` are columns of the resource row. Every resource has both, so `:missing=true` finds none. */
export function columnCondition(filter: Filter, statement: Statement): string {
  const missing = filter.values.find((value) => value.kind === 'missing');
  if (missing) return filter.values.some((value) => value.kind === 'missing' && !value.missing) ? 'true' : 'false';
  if (filter.param.code === '_lastUpdated') {
    const to = "(r.last_updated + interval '1 millisecond')";
    const conditions = filter.values.filter(isDate).map((value) => comparison(value, 'r.last_updated', to, statement));
    return conditions.length > 0 ? `(${conditions.join(' OR ')})` : 'false';
  }
  // An id has no system: one asked for with a system is not there.
  const ids = filter.values.flatMap((value) =>
    value.kind === 'token' && (value.system ?? '') === '' && value.code !== undefined ? [value.code] : [],
  );
  return `${filter.modifier === 'not' ? 'NOT ' : ''}(r.id = ANY (${statement.add(ids, 'text[]')}))`;
}
