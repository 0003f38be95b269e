import { fail, ok, type Result } from '../../base/errors.ts';
import { join } from './join-limit.ts';
import type { CriterionContext } from './parse-context.ts';
import { unknownParameter } from './parse-filter.ts';
import type { Criterion } from './query.ts';

/**
 * `_has:Observation:patient:code=…`; what follows the second parameter's colon is a criterion of its own, another `_has` or a
 * chain included. Source: FHIR R4, search.html#has.
 */
export function parseHas(context: CriterionContext, type: string, name: string, value: string): Result<Criterion> {
  const { definitions } = context;
  const [, sourceType = '', code = '', rest = ''] = /^_has:([^:]*):([^:]*):(.*)$/s.exec(name) ?? [];
  if (sourceType === '' || code === '' || rest === '') {
    return fail('invalid', "Search parameter '_has' is written _has:Type:reference:parameter.", { code: 'invalid' });
  }
  if (!definitions.types.has(sourceType)) {
    return fail('invalid', "Search parameter '_has' names a resource type that FHIR R4 does not have.", {
      code: 'invalid',
    });
  }
  const param = definitions.searchParams(sourceType).get(code);
  if (!param) return unknownParameter(sourceType, code);
  if (param.kind !== 'reference' || !param.targets?.includes(type)) {
    return fail('invalid', `Search parameter '${code}' of ${sourceType} has no references to ${type}.`, {
      code: 'not-found',
    });
  }
  const joined = join(context);
  if (!joined.ok) return joined;
  const of = context.criterion(joined.value, sourceType, rest, value);
  return of.ok ? ok({ kind: 'has', sourceType, param, of: of.value }) : of;
}
