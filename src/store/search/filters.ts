import { fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { Criterion, Filter, SearchQuery, SearchValue } from '../../fhir/search/query.ts';
import { isOwnColumn } from './columns.ts';
import { columnCondition } from './filter-column.ts';
import { comparison } from './filter-date.ts';
import { stringCondition } from './filter-string.ts';
import type { Statement } from './statement.ts';
import { presentToken, sideParam, tokenOf } from './token.ts';

/**
 * How the token array is asked. Within one patient's records the patient index is the right way in and the token index the
 * wrong one, yet the planner takes it; the function form asks the same and cannot use that index.
 */
interface TokenSql {
  all(tokens: string): string;
  any(tokens: string): string;
}
const throughIndex: TokenSql = { all: (t) => `r.tokens @> ${t}`, any: (t) => `r.tokens && ${t}` };
const withoutIndex: TokenSql = {
  all: (t) => `arraycontains(r.tokens, ${t})`,
  any: (t) => `arrayoverlap(r.tokens, ${t})`,
};

/** A side table asked for one row at a time (patient scope), or left to the planner to start from. */
function sideTable(
  table: string,
  type: string,
  param: string,
  condition: string,
  scoped: boolean,
  statement: Statement,
): string {
  const name = statement.add(sideParam(type, param), 'bigint');
  // OFFSET 0 keeps the planner from turning the question round and walking the whole population's rows.
  if (scoped)
    return `EXISTS (SELECT FROM ${table} s WHERE s.key = r.key AND s.param = ${name} AND ${condition} OFFSET 0)`;
  return `r.key IN (SELECT s.key FROM ${table} s WHERE s.param = ${name} AND ${condition})`;
}

const isDate = (value: SearchValue): value is Extract<SearchValue, { kind: 'date' }> => value.kind === 'date';

function missingCondition(type: string, filter: Filter, sql: TokenSql, statement: Statement): string {
  const wanted = new Set(filter.values.map((value) => value.kind === 'missing' && value.missing));
  if (wanted.size > 1) return 'true';
  const present = `ARRAY[${statement.add(presentToken(type, filter.param.code), 'bigint')}]`;
  return wanted.has(true) ? `NOT ${withoutIndex.all(present)}` : sql.all(present);
}

/** The SQL of one criterion. Error `invalid`: a kind or modifier that is not answered. */
export function criterionCondition(
  type: string,
  criterion: Criterion,
  scoped: boolean,
  statement: Statement,
): Result<string> {
  if (criterion.kind === 'filter') return filterCondition(type, criterion, scoped, statement);
  return fail('invalid', 'Chained search is not supported.', { code: 'not-supported' });
}

/** The SQL of one filter; its values are alternatives. Error `invalid`: a kind or modifier that is not answered. */
function filterCondition(type: string, filter: Filter, scoped: boolean, statement: Statement): Result<string> {
  const { param, modifier, values } = filter;
  const sql = scoped ? withoutIndex : throughIndex;
  if (isOwnColumn(param.code)) return ok(columnCondition(filter, statement));
  if (values.some((value) => value.kind === 'missing')) return ok(missingCondition(type, filter, sql, statement));
  if (param.kind === 'string') {
    const texts = values.flatMap((value) => (value.kind === 'string' ? [value.text] : []));
    const any = texts.map((text) => stringCondition(modifier, text, statement)).join(' OR ');
    return ok(sideTable('resource_string', type, param.code, `(${any || 'false'})`, scoped, statement));
  }
  if (param.kind === 'date') {
    const any = values.filter(isDate).map((value) => comparison(value, 's.range_start', 's.range_end', statement));
    return ok(sideTable('resource_date', type, param.code, `(${any.join(' OR ') || 'false'})`, scoped, statement));
  }
  const tokens = values.flatMap((value) => tokenOf(type, param.code, value) ?? []);
  if (tokens.length < values.length) {
    return fail('invalid', `Search by '${param.code}' is not supported.`, { code: 'not-supported' });
  }
  const list = statement.add(tokens, 'bigint[]');
  if (modifier === 'not') return ok(`NOT ${withoutIndex.any(list)}`);
  return ok(tokens.length === 1 ? sql.all(list) : sql.any(list));
}

const anyTarget = (expression: string) => expression.replaceAll('.where(resolve() is Patient)', '');

/**
 * The one patient whose compartment holds every match, when a filter says so, as `patient=Patient/1` does. R4 names one element
 * twice (`patient` and `subject`) and has only one of the two names in the compartment, so elements are compared, not names.
 */
export function patientOf(definitions: Definitions, query: SearchQuery): string | undefined {
  const params = definitions.searchParams(query.type);
  const elements = definitions
    .compartmentParams(query.type)
    .flatMap((code) => params.get(code)?.expression ?? [])
    .map(anyTarget);
  for (const criterion of query.filters) {
    if (criterion.kind !== 'filter') continue;
    const { param, modifier, values } = criterion;
    const [value, ...others] = values;
    if (others.length > 0 || modifier === 'not' || value?.kind !== 'reference') continue;
    if (value.type === 'Patient' && value.id !== undefined && elements.includes(anyTarget(param.expression)))
      return value.id;
  }
  return undefined;
}
