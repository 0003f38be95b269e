import { type CompartmentType, inCompartment } from '../compartment-params.ts';
import type { Definitions } from '../definitions.ts';
import type { Criterion, Filter } from './query.ts';

/**
 * Membership of a compartment as a criterion, in a list. A patient's compartment needs none: the store knows whose each record is.
 * A type that is never in the compartment has no matches.
 */
export function compartmentCriterion(
  definitions: Definitions,
  compartment: { type: CompartmentType; id: string } | undefined,
  type: string,
): Criterion[] {
  if (!compartment) return [];
  const membership = inCompartment(definitions, compartment.type, type);
  if (compartment.type === 'Patient' && membership) return [];
  const params = definitions.searchParams(type);
  const of: Criterion[] = (membership?.params ?? []).flatMap((code): Filter[] => {
    const param = params.get(code);
    return param ? [{ kind: 'filter', param, values: [{ kind: 'reference', ...compartment }] }] : [];
  });
  const own = params.get('_id');
  if (membership?.itself && own)
    of.push({ kind: 'filter', param: own, values: [{ kind: 'token', code: compartment.id }] });
  return [{ kind: 'or', of }];
}
