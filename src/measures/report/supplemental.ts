import type { r4 } from '../../fhir/types.ts';
import { type Stratum, unknownStratum } from '../stratum.ts';
import type { MeasureDefinition, SupplementalDefinition } from '../types.ts';
import { conceptOf } from './measure-report.ts';

/** Refers from a report to what is told beside its populations. Source: FHIR R5, MeasureReport.supplementalData. */
const supplementalExtension = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-MeasureReport.supplementalData';

/** One child's supplemental data: an Observation for each value, contained in the report; what is not known says so. */
export function supplementalOf(
  measure: MeasureDefinition,
  patientId: string,
  values: Record<string, readonly Stratum[]>,
): { contained: r4.Observation[]; extension: r4.Extension[] } {
  const contained = measure.supplemental.flatMap((element) => {
    const known = values[element.id] ?? [];
    return (known.length === 0 ? [unknownStratum] : known).map(
      (value, index): r4.Observation => ({
        resourceType: 'Observation',
        id: `supplemental-${idOf(element.id)}-${index + 1}`,
        status: 'final',
        category: [{ text: element.usage }],
        code: codeOf(element),
        subject: { reference: `Patient/${patientId}` },
        valueCodeableConcept: conceptOf(value),
      }),
    );
  });
  return {
    contained,
    extension: contained.map(({ id }) => ({ url: supplementalExtension, valueReference: { reference: `#${id}` } })),
  };
}

function codeOf({ code, description, expression }: SupplementalDefinition): r4.CodeableConcept {
  return code ?? { text: description ?? expression };
}

/** Ids of FHIR resources have letters, digits, dots and hyphens, 64 at most. */
function idOf(id: string): string {
  return id.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 40);
}
