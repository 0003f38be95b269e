import type { r4 } from '../../fhir/types.ts';
import type { SupplementalDefinition } from '../types.ts';
import { definitionNamed } from './criteria.ts';
import { idOf } from './extension.ts';
import { createIds, type Problems } from './problems.ts';

/** What is told of each child beside the populations. Source: FHIR R4, Measure.supplementalData. */
export function supplementalOf(measure: r4.Measure, problems: Problems): SupplementalDefinition[] {
  const nextId = createIds();
  return (measure.supplementalData ?? []).map((element, index) => {
    const place = `Measure.supplementalData[${index}]`;
    const definition: SupplementalDefinition = {
      id: nextId(idOf(element) ?? `supplemental-${index + 1}`),
      expression: definitionNamed(element.criteria, place, 'The supplemental data element', problems),
      usage: usageOf(element, `${place}.usage`, problems),
    };
    if (element.code) definition.code = element.code;
    if (element.description !== undefined) definition.description = element.description;
    return definition;
  });
}

function usageOf(
  { usage = [] }: r4.MeasureSupplementalData,
  place: string,
  problems: Problems,
): SupplementalDefinition['usage'] {
  const codes = usage.flatMap(({ coding }) => coding?.flatMap(({ code }) => code ?? []) ?? []);
  if (codes.includes('risk-adjustment-factor')) return 'risk-adjustment-factor';
  if (codes.length > 0 && !codes.includes('supplemental-data'))
    problems.add('value', place, 'usage has to be supplemental-data or risk-adjustment-factor.');
  return 'supplemental-data';
}
