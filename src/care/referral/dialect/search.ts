import type { Branch, Criterion, Filter, SearchParam, SearchQuery } from '../../../fhir/search/query.ts';
import { bserStatus, type CanonicalState, canonicalStates, ownStatus, statusFor } from '../canonical-state.ts';
import { type Spoken, statesCoded, statesSaid } from './words.ts';

/** The two parameters by which a Task is searched for where it stands. */
export interface StatusParams {
  status: SearchParam;
  businessStatus: SearchParam;
}

/**
 * A search for Tasks by the words of a dialect, as one for what is kept. Only plain values of `status` and `business-status` are turned; in
 * chains and with other modifiers they mean what is kept.
 */
export function turned(dialect: Spoken, query: SearchQuery, params: StatusParams): SearchQuery {
  const of = <Q extends Pick<Branch, 'type' | 'filters'>>(one: Q): Q =>
    one.type === 'Task' ? { ...one, filters: one.filters.map((filter) => turnedFilter(dialect, filter, params)) } : one;
  return { ...of(query), ...(query.branches && { branches: query.branches.map(of) }) };
}

function turnedFilter(dialect: Spoken, filter: Criterion, params: StatusParams): Criterion {
  if (filter.kind !== 'filter') return filter;
  const { param, modifier, values } = filter;
  const isStatus = param.code === params.status.code;
  if (!isStatus && param.code !== params.businessStatus.code) return filter;
  if (modifier !== undefined && modifier !== 'not') return filter;
  const known = new Set<CanonicalState>();
  const rest: Filter['values'] = [];
  for (const value of values) {
    const states = value.kind === 'token' ? statesOf(dialect, isStatus, value) : undefined;
    if (states === undefined) rest.push(value);
    else for (const state of states) known.add(state);
  }
  if (known.size === 0) return filter;
  const of = standing([...known], params);
  if (rest.length > 0) of.push({ kind: 'filter', param, values: rest });
  const any: Criterion = { kind: 'or', of };
  return modifier === 'not' ? { kind: 'not', of: any } : any;
}

/** Undefined for what the dialect says no state by. */
function statesOf(
  dialect: Spoken,
  isStatus: boolean,
  { system, code }: { system?: string; code?: string },
): CanonicalState[] | undefined {
  if (code === undefined) return undefined;
  const states = isStatus
    ? statesSaid(dialect, code)
    : (system === undefined ? [bserStatus, ownStatus] : [system]).flatMap(
        (one) => statesCoded(dialect, { system: one, code }) ?? [],
      );
  return states.length > 0 ? states : undefined;
}

/** Records that stand in one of the states: by status alone where all of a status are meant. */
function standing(states: readonly CanonicalState[], { status, businessStatus }: StatusParams): Criterion[] {
  const byStatus = Map.groupBy(states, (state) => statusFor(state).status);
  return [...byStatus].map(([code, wanted]): Criterion => {
    const codes = code === 'accepted' ? ['accepted', 'ready'] : [code];
    const is: Criterion = { kind: 'filter', param: status, values: codes.map((one) => ({ kind: 'token', code: one })) };
    const others = canonicalStates.filter((state) => statusFor(state).status === code && !wanted.includes(state));
    if (others.length === 0) return is;
    const coded = (of: readonly CanonicalState[]): Criterion => ({
      kind: 'filter',
      param: businessStatus,
      values: of.flatMap((state) => codesOf(state)),
    });
    // The first state of a status is also what it means without a code.
    const isDefault = wanted.some((state) => state === firstOf(code));
    return { kind: 'and', of: [is, isDefault ? { kind: 'not', of: coded(others) } : coded(wanted)] };
  });
}

const uncoded: readonly CanonicalState[] = ['active', 'more-information', 'completed'];

function firstOf(status: string): CanonicalState | undefined {
  return uncoded.find((state) => statusFor(state).status === status);
}

function codesOf(state: CanonicalState): Filter['values'] {
  const coding = statusFor(state).businessStatus?.coding ?? [];
  const own = coding.filter(({ system }) => system === ownStatus);
  return (own.length > 0 ? own : coding).map(({ system, code }) => ({
    kind: 'token',
    ...(system !== undefined && { system }),
    ...(code !== undefined && { code }),
  }));
}
