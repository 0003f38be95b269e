import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { join } from './join-limit.ts';
import type { CriterionContext } from './parse-context.ts';
import { splitName, unknownParameter } from './parse-filter.ts';
import type { Criterion, SearchParam } from './query.ts';

/**
 * `subject.name`, `subject:Patient.organization.name:exact`, `patient._has:…`: FHIR R4, search.html#chaining. Without a type the
 * chain is an alternative over the targets that know what follows; a target that knows it and cannot take the value refuses.
 */
export function parseChain(context: CriterionContext, type: string, name: string, value: string): Result<Criterion> {
  const dot = name.indexOf('.');
  const [code, targetType] = splitName(name.slice(0, dot));
  const rest = name.slice(dot + 1);
  const param = context.definitions.searchParams(type).get(code);
  if (!param) return unknownParameter(type, code);
  const targets = targetsOf(context, param, targetType);
  if (!targets.ok) return targets;
  return chainTo(context, param, targets.value, (inner, target) => context.criterion(inner, target, rest, value));
}

/** The types a chain over `param` may lead to. Error `invalid`: no reference parameter, or none that leads to `targetType`. */
export function targetsOf(
  { definitions }: CriterionContext,
  param: SearchParam,
  targetType: string | undefined,
): Result<readonly string[]> {
  const { code, kind, targets = [] } = param;
  if (kind !== 'reference' || targets.length === 0) {
    return fail('invalid', `Search parameter '${code}' is no reference, so no chain can follow it.`, {
      code: 'not-found',
    });
  }
  if (isCanonical(param)) {
    return fail('invalid', `A chain cannot follow '${code}': it holds canonical URLs, not references.`, {
      code: 'not-supported',
    });
  }
  if (targetType === undefined) return ok(targets);
  if (targets.includes(targetType)) return ok([targetType]);
  const text = definitions.types.has(targetType)
    ? `Search parameter '${code}' has no references to ${targetType}.`
    : `Search parameter '${code}' is chained to a type that FHIR R4 does not have.`;
  return fail('invalid', text, { code: 'value' });
}

function isCanonical({ paths }: SearchParam): boolean {
  return paths !== undefined && paths.length > 0 && paths.every(({ type }) => type !== 'Reference');
}

/** One chain for each target type whose `inner` criterion can be made. */
export function chainTo(
  context: CriterionContext,
  param: SearchParam,
  targets: readonly string[],
  inner: (context: CriterionContext, target: string) => Result<Criterion>,
): Result<Criterion> {
  const found: Criterion[] = [];
  let unknown: Err | undefined;
  for (const targetType of targets) {
    const joined = join(context);
    if (!joined.ok) return joined;
    const of = inner(joined.value, targetType);
    if (of.ok) found.push({ kind: 'chain', param, targetType, of: of.value });
    else if (!of.error.issues.some(({ code }) => code === 'not-found')) return of;
    else {
      unknown ??= of;
      // A type that does not know the parameter costs nothing.
      context.cost.joins -= 1;
    }
  }
  const [only, ...others] = found;
  if (only) return ok(others.length === 0 ? only : { kind: 'or', of: found });
  if (unknown && targets.length === 1) return unknown;
  return fail('invalid', `No type that '${param.code}' refers to has the search parameter chained to it.`, {
    code: 'not-found',
  });
}
