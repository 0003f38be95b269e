import { fail, ok, type Result } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Concept, ConceptFilter, SystemReader } from '../types.ts';
import { compileRegex } from './regex.ts';

const ops: ReadonlySet<string> = new Set([
  'is-a',
  'descendent-of',
  'is-not-a',
  'generalizes',
  'in',
  'not-in',
  '=',
  'regex',
  'exists',
]);
const hierarchical: ReadonlySet<string> = new Set(['is-a', 'descendent-of', 'is-not-a', 'generalizes']);
/** Properties every code system has; `concept` is R4's name for the code in a hierarchy. */
const own: ReadonlySet<string> = new Set(['code', 'concept', 'display', 'parent', 'inactive']);

const isOp = (op: string): op is ConceptFilter['op'] => ops.has(op);

/**
 * Checks the filters of a value set against their code system: a filter that cannot be evaluated exactly is an error
 * (`not-supported`, or `code-invalid` for a code the system does not have), because leaving it out would change the set.
 */
export async function checkFilters(
  filters: readonly r4.ValueSetComposeIncludeFilter[],
  system: SystemReader,
): Promise<Result<ConceptFilter[]>> {
  const checked: ConceptFilter[] = [];
  for (const filter of filters) {
    const one = checkFilter(filter, system);
    if (!one.ok) return one;
    const [code = ''] = one.value.values;
    if (hierarchical.has(one.value.op) && (await system.find([code])).length === 0) {
      return fail('unprocessable', 'A filter of the value set names a code that its code system does not have.', {
        code: 'code-invalid',
      });
    }
    checked.push(one.value);
  }
  return ok(checked);
}

function checkFilter(filter: r4.ValueSetComposeIncludeFilter, system: SystemReader): Result<ConceptFilter> {
  const { property, op, value } = filter;
  if (!property || !op || value === undefined) {
    return fail('unprocessable', 'A filter of the value set lacks its property, operator or value.', {
      code: 'required',
    });
  }
  if (!isOp(op)) return notSupported('an operator');
  if (hierarchical.has(op)) {
    if (property !== 'concept' && property !== 'code') return notSupported('a hierarchy of a property');
    return ok({ property: 'code', op, values: [value] });
  }
  if (!own.has(property) && !system.properties.has(property)) return notSupported('a property');
  const name = property === 'concept' ? 'code' : property;
  if (op === 'exists') {
    return value === 'true' || value === 'false'
      ? ok({ property: name, op, values: [value] })
      : fail('unprocessable', 'The filter `exists` takes true or false.', { code: 'value' });
  }
  if (op === 'regex') {
    const pattern = compileRegex(value);
    if (!pattern.ok) return pattern;
  }
  const several = op === 'in' || op === 'not-in';
  return ok({ property: name, op, values: several ? value.split(',').map((one) => one.trim()) : [value] });
}

function notSupported(what: string): Result<never> {
  return fail('unprocessable', `A filter of the value set uses ${what} that cannot be evaluated here.`, {
    code: 'not-supported',
  });
}

/** The values of a property as filters see them. */
export function valuesOf(concept: Concept, property: string): readonly string[] {
  if (property === 'code') return [concept.code];
  if (property === 'display') return concept.display === undefined ? [] : [concept.display];
  if (property === 'parent') return concept.parents;
  if (property === 'inactive') return [String(!concept.active)];
  return Object.hasOwn(concept.properties, property) ? (concept.properties[property] ?? []) : [];
}
