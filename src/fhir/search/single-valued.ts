import type { Definitions } from '../definitions.ts';
import type { SearchParam } from './query.ts';

/**
 * True when a resource has at most one value of the parameter: every path is one property, none of them a list, and all are the
 * forms of one choice element (`effectiveDateTime`, `effectivePeriod`), of which a resource has one.
 */
export function isSingleValued(definitions: Definitions, type: string, { paths }: SearchParam): boolean {
  const fields = definitions.schema().resource(type)?.fields;
  const elements = (paths ?? []).map(({ steps: [step, ...further] }) => {
    const field = typeof step === 'string' && further.length === 0 ? fields?.get(step) : undefined;
    return field === undefined || field.isList ? undefined : field.element;
  });
  const [first] = elements;
  return first !== undefined && elements.every((element) => element === first);
}
