import { fail, ok, type Result } from '../../base/errors.ts';
import { splitEscaped } from './escapes.ts';
import { join } from './join-limit.ts';
import type { CriterionContext } from './parse-context.ts';
import { notSupported } from './parse-filter.ts';
import type { Criterion } from './query.ts';

/**
 * `_list=42`: what the entries of List/42 refer to (FHIR R4, search.html#list). The functional lists (`$current-…`) are refused:
 * who keeps them, and how, is nowhere decided.
 */
export function parseList(context: CriterionContext, type: string, name: string, value: string): Result<Criterion> {
  if (name !== '_list') return fail('invalid', "Search parameter '_list' has no modifiers.");
  const ids = splitEscaped(value, ',');
  if (ids.some((id) => id.startsWith('$')))
    return notSupported("Functional lists ('_list=$current-…') are not supported.");
  if (!ids.every((id) => /^[A-Za-z0-9\-.]{1,64}$/.test(id))) {
    return fail('invalid', "Search parameter '_list' takes the id of a List.", { code: 'value' });
  }
  const params = context.definitions.searchParams('List');
  const [item, own] = [params.get('item'), params.get('_id')];
  if (!item || !own) return notSupported("Search parameter '_list' is not supported.");
  if (!item.targets?.includes(type)) return fail('invalid', `A List cannot hold ${type}.`, { code: 'not-found' });
  const joined = join(context);
  if (!joined.ok) return joined;
  const values = ids.map((id) => ({ kind: 'token' as const, code: id }));
  return ok({ kind: 'has', sourceType: 'List', param: item, of: { kind: 'filter', param: own, values } });
}
