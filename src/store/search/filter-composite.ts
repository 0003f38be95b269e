import { fail, ok, type Result } from '../../base/errors.ts';
import { answersApart, type CompositePlace, type CompositeShape } from '../../fhir/search/composite-shape.ts';
import type { Filter, SearchParam, SearchValue } from '../../fhir/search/query.ts';
import { comparison } from './filter-date.ts';
import { numberComparison, rangesAsked } from './filter-number.ts';
import { stringCondition } from './filter-string.ts';
import { formName, manyToken, markedSide, markedToken, pairToken } from './pair.ts';
import type { Selection } from './selection.ts';
import { formAsked, xor } from './token.ts';

/** The SQL of a composite filter: some element of some place meets all parts. Source: FHIR R4, search.html#composite. */
export function compositeCondition(selection: Selection, { param, values }: Filter): Result<string> {
  const any: string[] = [];
  for (const value of values) {
    if (!param.composite || value.kind !== 'composite') return refuse(param);
    for (const place of param.composite.places) {
      const condition = placeCondition(selection, param, param.composite, place, value.parts);
      if (!condition.ok) return condition;
      any.push(condition.value);
    }
  }
  return ok(`(${any.join(' OR ') || 'false'})`);
}

const refuse = ({ code }: SearchParam) =>
  fail('invalid', `Search by '${code}' is not supported.`, { code: 'not-supported' });

const tokenKinds: ReadonlySet<string> = new Set(['token', 'reference', 'uri']);

function placeCondition(
  selection: Selection,
  param: SearchParam,
  shape: CompositeShape,
  place: CompositePlace,
  asked: readonly SearchValue[],
): Result<string> {
  const apart = partFilters(shape, place, asked);
  if (answersApart(place)) return allOf(selection, apart);
  if (shape.parts.every(({ kind }) => tokenKinds.has(kind))) {
    const forms = asked.map((value) => formAsked(value));
    if (!forms.every((form) => form !== undefined)) return refuse(param);
    return ok(pairCondition(selection, place, forms.map(formName)));
  }
  const together = markedCondition(selection, place, asked);
  if (together === undefined) return refuse(param);
  // That each part is met somewhere is what the indexes can say; that it is one element is looked up for those few.
  const somewhere = selection.scoped ? ok('true') : allOf(selection, apart);
  return somewhere.ok ? ok(`(${somewhere.value} AND ${together})`) : somewhere;
}

/** All parts are equalities: one token, or where there are too many, tokens of one mark. */
function pairCondition({ type, row, scoped, into }: Selection, place: CompositePlace, forms: string[]): string {
  const has = (token: string) => {
    const list = into.add([token], 'bigint[]');
    return scoped ? `arraycontains(${row}.tokens, ${list})` : `${row}.tokens @> ${list}`;
  };
  const [first = '', ...others] = forms.map((form, part) => markedToken(type, place.key, part, form));
  // A set operation, because there may be many thousand tokens.
  const all = [`SELECT unnest(${row}.tokens)`];
  for (const token of others)
    all.push(`SELECT t # ${into.add(xor(first, token), 'bigint')} FROM unnest(${row}.tokens) t`);
  const one = `EXISTS (${all.join(' INTERSECT ')})`;
  return `(${has(pairToken(type, place.key, forms))} OR (${has(manyToken(type, place.key))} AND ${one}))`;
}

/** The parts as filters on the parameters that answer for them; parts without one are left out. */
function partFilters(shape: CompositeShape, place: CompositePlace, asked: readonly SearchValue[]): Filter[] {
  return place.parts.flatMap(({ own, paths, fromRoot }, at): Filter[] => {
    const [part, value] = [shape.parts[at], asked[at]];
    if (own === undefined || !part || !value) return [];
    const steps = fromRoot ? [] : place.steps;
    const absolute = paths.map((path) => ({ ...path, steps: [...steps, ...path.steps] }));
    return [{ kind: 'filter', param: { ...part, code: own, paths: absolute }, values: [value] }];
  });
}

function allOf(selection: Selection, filters: readonly Filter[]): Result<string> {
  const all: string[] = [];
  for (const filter of filters) {
    const condition = selection.criterion(selection, filter);
    if (!condition.ok) return condition;
    all.push(condition.value);
  }
  return ok(`(${all.join(' AND ') || 'true'})`);
}

/** One way in which the side rows of a part may meet what is asked: the rows' name less the element's mark, and the condition. */
interface Way {
  side: string;
  condition: string;
}

/**
 * Rows `s0`, `s1` … of one element, one for each part that is a range or a text, and the tokens of the same element: see `pair.ts`.
 * Undefined: a value that is no part of a composite, or no part that is an equality to hold the others together.
 */
function markedCondition(
  selection: Selection,
  place: CompositePlace,
  asked: readonly SearchValue[],
): string | undefined {
  const { type, row, into } = selection;
  const tokens: string[] = [];
  const tables: string[] = [];
  let combinations: Way[][] = [[]];
  for (const [part, value] of asked.entries()) {
    const form = formAsked(value);
    if (form) {
      tokens.push(markedToken(type, place.key, part, formName(form)));
      continue;
    }
    const found = waysOf(selection, place.key, part, value, `s${tables.length}`);
    if (!found) return undefined;
    tables.push(found.table);
    combinations = combinations.flatMap((before) => found.ways.map((way) => [...before, way]));
  }
  if (tokens.length === 0 || tables.length === 0) return undefined;
  const any = combinations.map((ways) => {
    const [{ side: first } = { side: '0' }] = ways;
    const others = (side: string) => `s0.param # ${into.add(xor(first, side), 'bigint')}`;
    const all = ways.map(({ condition }) => condition);
    ways.forEach(({ side }, at) => {
      if (at > 0) all.push(`s${at}.param = ${others(side)}`);
    });
    all.push(`arraycontains(${row}.tokens, ARRAY[${tokens.map(others).join(', ')}])`);
    return `(${all.join(' AND ')})`;
  });
  const from = tables.map((table, at) => `${table} s${at}`).join(', ');
  const keys = tables.map((_, at) => `s${at}.key = ${row}.key`).join(' AND ');
  return `EXISTS (SELECT FROM ${from} WHERE ${keys} AND (${any.join(' OR ')}))`;
}

function waysOf(
  { type, into }: Selection,
  key: string,
  part: number,
  value: SearchValue,
  s: string,
): { table: string; ways: Way[] } | undefined {
  const numbers = rangesAsked(value);
  if (numbers) {
    const ways = numbers.any.map((range) => ({
      side: markedSide(type, key, part, range.form),
      condition: numberComparison(numbers.prefix, range, `${s}.low`, `${s}.high`, into),
    }));
    return { table: 'resource_number', ways };
  }
  const side = markedSide(type, key, part, []);
  if (value.kind === 'date') {
    const condition = comparison(value, `${s}.range_start`, `${s}.range_end`, into);
    return { table: 'resource_date', ways: [{ side, condition }] };
  }
  if (value.kind !== 'string') return undefined;
  return { table: 'resource_string', ways: [{ side, condition: stringCondition(undefined, value.text, into, s) }] };
}
