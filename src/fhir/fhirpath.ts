import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath } from './fhirpath/parse.ts';
import { plain } from './json.ts';
import { createStoppable } from './validate/stoppable.ts';

/** One result, or what an expression is asked of: a value with the name of its type. */
export interface TypedNode {
  type: string;
  value: unknown;
}

/** Evaluates an expression that came with a resource, so that nobody knows it. Variables are given without their `%`. */
export type FhirPath = (
  expression: string,
  context: TypedNode,
  variables?: Readonly<Record<string, TypedNode>>,
) => Result<TypedNode[]>;

/**
 * FHIRPath for expressions of forms and the like (FHIR R4, fhirpath.html). Numbers are ordinary ones: a decimal loses its trailing zeros.
 * `%resource` and `%context` are the caller's to give. An expression that takes longer than `limits.validation.formExpressionMs` is an error,
 * and so is one that cannot be read; what an expression asks of a variable that is not there is nothing.
 */
export function createFhirPath(): FhirPath {
  const parsed = new Map<string, FhirPathAtom>();
  const stoppable = createStoppable();
  const parse = (expression: string): FhirPathAtom => {
    const atom = parsed.get(expression) ?? parseFhirPath(expression);
    if (parsed.size >= limits.validation.expressions) parsed.clear();
    parsed.set(expression, atom);
    return atom;
  };
  return (expression, context, variables = {}) => {
    if (expression.length > limits.search.filterLength)
      return fail('too-large', 'An expression of the form is too long.');
    const named = Object.entries(variables).map(([name, node]) => [`%${name}`, typed(node)] as const);
    try {
      const atom = parse(expression);
      const given = [typed(context)];
      const evaluate = () => evalFhirPathTyped(atom, given, Object.fromEntries(named));
      const found = stoppable(evaluate, limits.validation.formExpressionMs);
      if (!found) return fail('too-large', 'An expression of the form takes too long.', { code: 'too-costly' });
      return ok(found.map(({ type, value }) => ({ type, value })));
    } catch (error) {
      if (error instanceof Error && /Undefined variable/.test(error.message)) return ok([]);
      return fail('unprocessable', 'An expression of the form cannot be evaluated.', { code: 'invalid' });
    }
  };
}

/** The same for all expressions of one piece of work together: what comes after so many milliseconds is an error. */
export function withinMs(fhirPath: FhirPath, budgetMs: number): FhirPath {
  let spentMs = 0;
  return (...asked) => {
    if (spentMs > budgetMs)
      return fail('too-large', 'The expressions of the form take too long.', { code: 'too-costly' });
    const begun = performance.now();
    const found = fhirPath(...asked);
    spentMs += performance.now() - begun;
    return found;
  };
}

function typed({ type, value }: TypedNode): TypedNode {
  return { type, value: plain(value) };
}
