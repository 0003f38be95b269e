import type { Filter, SearchValue } from '../../fhir/search/query.ts';
import { storable } from '../index-row.ts';
import { comparison } from './filter-date.ts';
import type { Selection } from './selection.ts';

const isDate = (value: SearchValue): value is Extract<SearchValue, { kind: 'date' }> => value.kind === 'date';

function isStorable(code: string | undefined): code is string {
  return code !== undefined && storable(code) === code;
}

/** `_id` and `_lastUpdated` are columns of the resource row. Every resource has both, so `:missing=true` finds none. */
export function columnCondition({ row, into }: Selection, filter: Filter): string {
  const missing = filter.values.find((value) => value.kind === 'missing');
  if (missing) return filter.values.some((value) => value.kind === 'missing' && !value.missing) ? 'true' : 'false';
  if (filter.param.code === '_lastUpdated') {
    const to = `(${row}.last_updated + interval '1 millisecond')`;
    const conditions = filter.values.filter(isDate).map((value) => comparison(value, `${row}.last_updated`, to, into));
    return conditions.length > 0 ? `(${conditions.join(' OR ')})` : 'false';
  }
  // An id has no system: one asked for with a system is not there, nor is one that the column could not hold.
  const ids = filter.values.flatMap((value) =>
    value.kind === 'token' && (value.system ?? '') === '' && isStorable(value.code) ? [value.code] : [],
  );
  return `${filter.modifier === 'not' ? 'NOT ' : ''}(${row}.id = ANY (${into.add(ids, 'text[]')}))`;
}
