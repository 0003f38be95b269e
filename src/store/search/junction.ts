import { ok, type Result } from '../../base/errors.ts';
import type { Junction, Negation } from '../../fhir/search/query.ts';
import type { Selection } from './selection.ts';

/** All or any of the criteria; of none, `and` holds and `or` does not. */
export function junctionCondition(selection: Selection, { kind, of }: Junction): Result<string> {
  const parts: string[] = [];
  for (const criterion of of) {
    const part = selection.criterion(selection, criterion);
    if (!part.ok) return part;
    parts.push(`(${part.value})`);
  }
  if (parts.length === 0) return ok(kind === 'and' ? 'true' : 'false');
  return ok(`(${parts.join(kind === 'and' ? ' AND ' : ' OR ')})`);
}

/** IS NOT TRUE, because a condition that SQL cannot decide does not hold. */
export function negationCondition(selection: Selection, { of }: Negation): Result<string> {
  const part = selection.criterion(selection, of);
  return part.ok ? ok(`((${part.value}) IS NOT TRUE)`) : part;
}
