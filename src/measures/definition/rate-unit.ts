import type { r4 } from '../../fhir/types.ts';
import type { RateUnit } from '../types.ts';
import { extensionConcept } from './extension.ts';
import type { Problems } from './problems.ts';

/**
 * What a score is told in: the scoringUnit of the group or the Measure. The factor is the product of the numbers below the line of its
 * UCUM code: `/(1000.mo)` is 1000.
 */
export function rateUnitOf(
  element: Pick<r4.Element, 'extension'>,
  place: string,
  problems: Problems,
): RateUnit | undefined {
  const unit = extensionConcept(element, 'scoringUnit');
  if (!unit) return undefined;
  const coding = unit.coding?.find(({ system }) => system === 'http://unitsofmeasure.org') ?? unit.coding?.[0];
  const code = coding?.code;
  const text = unit.text ?? coding?.display ?? code;
  if (text === undefined) {
    problems.add('required', `${place}.extension`, 'The scoringUnit has neither text nor code.');
    return undefined;
  }
  const below = (code ?? '')
    .replace(/\{[^}]*\}/g, '')
    .split('/')
    .slice(1)
    .join('.');
  const factor = [...below.matchAll(/(?<![A-Za-z0-9*^])\d+(?![A-Za-z0-9*^])/g)].reduce(
    (all, [n]) => all * Number(n),
    1,
  );
  return { text, factor, ...(code !== undefined && { code }) };
}
