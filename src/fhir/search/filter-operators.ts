import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { dateRange } from '../date-range.ts';
import { normalizeText } from './normalize.ts';
import type { CriterionContext } from './parse-context.ts';
import { notSupported, parseFilter, unknownParameter } from './parse-filter.ts';
import type { Filter, ParamKind, SearchParam } from './query.ts';

/** How an operator of `_filter` is asked of a parameter: its value behind a prefix, by a modifier, or in a way of its own. */
type Ask = { prefix: string } | { modifier: string } | { own: (param: SearchParam, value: string) => Result<Filter> };

const plain: Ask = { prefix: '' };
const ordered = Object.fromEntries(
  ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'].map((prefix) => [prefix, { prefix }]),
);

/** What each kind of parameter can be asked. Source: FHIR R4, search_filter.html#ops. */
const asked: Readonly<Record<ParamKind, Readonly<Record<string, Ask>>>> = {
  token: {
    eq: plain,
    ss: { modifier: 'below' },
    sb: { modifier: 'above' },
    in: { modifier: 'in' },
    ni: { modifier: 'not-in' },
  },
  reference: { eq: plain, re: plain },
  uri: { eq: plain },
  string: {
    eq: { own: text('equals') },
    ne: { own: text('unequal') },
    co: { own: text('contains') },
    sw: { own: text(undefined) },
    ew: { own: text('ends-with') },
  },
  date: { ...ordered, po: { own: overlap } },
  number: ordered,
  quantity: ordered,
  composite: { eq: plain },
  special: { eq: plain },
};

/** One test on a parameter of the type itself. Errors `invalid`: an operator that the kind does not have, or a bad value. */
export function parseOperator(
  context: CriterionContext,
  type: string,
  code: string,
  { operator, value }: { operator: string; value: string },
): Result<Filter> {
  const param = context.definitions.searchParams(type).get(code);
  if (!param) return unknownParameter(type, code);
  if (operator === 'pr') return present(context, type, code, value);
  const ask = Object.hasOwn(asked[param.kind], operator) ? asked[param.kind][operator] : undefined;
  if (!ask) return noOperator(param, operator);
  if ('own' in ask) return ask.own(param, value);
  const raw = param.kind === 'composite' ? value : value.replace(/[\\,$]/g, '\\$&');
  return 'modifier' in ask
    ? parseFilter(context, type, `${code}:${ask.modifier}`, raw)
    : parseFilter(context, type, code, ask.prefix + raw);
}

function noOperator({ code, kind }: SearchParam, operator: string): Err {
  // "An item in the set has an unequal value" is more than the index of tokens can tell; its negation it can.
  const hint = operator === 'ne' ? ' Ask not(… eq …), for those that have no such value.' : '';
  return notSupported(`Operator '${operator}' of '_filter' does not apply to '${code}' (${kind}).${hint}`);
}

function present(context: CriterionContext, type: string, code: string, value: string): Result<Filter> {
  if (value !== 'true' && value !== 'false') {
    return fail('invalid', `'${code} pr' of '_filter' takes true or false.`, { code: 'value' });
  }
  return parseFilter(context, type, `${code}:missing`, value === 'true' ? 'false' : 'true');
}

/** Case and accents do not count in a filter, so texts are compared in their normalized form. */
function text(modifier: string | undefined) {
  return (param: SearchParam, value: string): Result<Filter> => {
    const normalized = normalizeText(value);
    if (normalized === '' || value.includes('\u0000')) return badValue(param, 'some text');
    const filter: Filter = { kind: 'filter', param, values: [{ kind: 'string', text: normalized }] };
    return ok(modifier === undefined ? filter : { ...filter, modifier });
  };
}

function overlap(param: SearchParam, value: string): Result<Filter> {
  const range = dateRange(value);
  if (!range) return badValue(param, 'a date');
  return ok({ kind: 'filter', param, values: [{ kind: 'date', prefix: 'ap', start: range.start, end: range.end }] });
}

function badValue({ code }: SearchParam, what: string): Err {
  return fail('invalid', `'${code}' in '_filter' takes ${what}.`, { code: 'value' });
}
