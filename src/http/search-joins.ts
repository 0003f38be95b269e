import { authorize } from '../access/decide.ts';
import type { Principal } from '../access/types.ts';
import { ok, type Result } from '../base/errors.ts';
import type { Criterion, SearchQuery } from '../fhir/search/query.ts';
import { branchesOf } from '../store/search/where.ts';

/**
 * Every type that a search asks about behind a chain, `_has`, `_list` or a path of `_filter` needs the scope for searching it: which
 * records match would tell what is in those (SMART App Launch 2.2, SC-160). A chain without a type asks of its targets those that the
 * token may search. Error `forbidden`.
 */
export function mayJoin(query: SearchQuery, principal: Principal): Result<void> {
  return all(
    branchesOf(query).flatMap(({ filters }) => filters),
    principal,
  );
}

function all(criteria: readonly Criterion[], principal: Principal): Result<void> {
  for (const criterion of criteria) {
    const allowed = mayAsk(criterion, principal);
    if (!allowed.ok) return allowed;
  }
  return ok(undefined);
}

function mayAsk(criterion: Criterion, principal: Principal): Result<void> {
  switch (criterion.kind) {
    case 'filter':
      return ok(undefined);
    case 'chain':
      return joined(criterion.targetType, criterion.of, principal);
    case 'has':
      return joined(criterion.sourceType, criterion.of, principal);
    case 'not':
      return mayAsk(criterion.of, principal);
    case 'and':
      return all(criterion.of, principal);
    case 'or': {
      const some = isOneChain(criterion.of) && criterion.of.some((one) => mayAsk(one, principal).ok);
      return some ? ok(undefined) : all(criterion.of, principal);
    }
  }
}

function joined(type: string, of: Criterion, principal: Principal): Result<void> {
  const allowed = authorize(principal, type, 's');
  return allowed.ok ? mayAsk(of, principal) : allowed;
}

/** The alternatives of a chain without a type: one for each type that its parameter leads to. */
function isOneChain(criteria: readonly Criterion[]): boolean {
  const types = criteria.map((one) => (one.kind === 'chain' ? one.targetType : undefined));
  const codes = new Set(criteria.map((one) => (one.kind === 'chain' ? one.param.code : undefined)));
  return codes.size === 1 && !types.includes(undefined) && new Set(types).size === types.length;
}
