import { fail, ok, type Result } from '../../base/errors.ts';
import { parseOperator } from './filter-operators.ts';
import { type FilterNode, readFilter } from './filter-syntax.ts';
import { chainTo, targetsOf } from './parse-chain.ts';
import type { CriterionContext } from './parse-context.ts';
import { unknownParameter } from './parse-filter.ts';
import type { Criterion } from './query.ts';

/** `_filter=…`: an expression over the search parameters of the type (FHIR R4, search_filter.html). */
export function parseFilterExpression(
  context: CriterionContext,
  type: string,
  name: string,
  value: string,
): Result<Criterion> {
  if (name !== '_filter') return fail('invalid', "Search parameter '_filter' has no modifiers.");
  const read = readFilter(value);
  return read.ok ? compile(context, type, read.value) : read;
}

function compile(context: CriterionContext, type: string, node: FilterNode): Result<Criterion> {
  if (node.kind === 'test') return compileTest(context, type, node);
  if (node.kind === 'not') {
    const of = compile(context, type, node.of);
    return of.ok ? ok({ kind: 'not', of: of.value }) : of;
  }
  const of: Criterion[] = [];
  for (const part of node.of) {
    const compiled = compile(context, type, part);
    if (!compiled.ok) return compiled;
    of.push(compiled.value);
  }
  return ok({ kind: node.kind, of });
}

/** A path is a chain; what stands in brackets must be met by the same resource that the rest of the path leads through. */
function compileTest(
  context: CriterionContext,
  type: string,
  test: Extract<FilterNode, { kind: 'test' }>,
): Result<Criterion> {
  const [step, ...rest] = test.path;
  const code = step?.name ?? '';
  if (rest.length === 0) return parseOperator(context, type, code, test);
  const param = context.definitions.searchParams(type).get(code);
  if (!param) return unknownParameter(type, code);
  const targets = targetsOf(context, param, undefined);
  if (!targets.ok) return targets;
  return chainTo(context, param, targets.value, (inner, target) => {
    const further = compileTest(inner, target, { ...test, path: rest });
    if (!further.ok || !step?.within) return further;
    const within = compile(inner, target, step.within);
    return within.ok ? ok({ kind: 'and', of: [within.value, further.value] }) : within;
  });
}
