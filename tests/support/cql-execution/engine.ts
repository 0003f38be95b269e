import fhirModel from 'cql-exec-fhir';
import cql from 'cql-execution';
import type { Resource } from '../../../src/fhir/types.ts';
import type { MeasureDefinition, Period } from '../../../src/measures/types.ts';
import { createCodeService } from './code-service.ts';
import { createSubjectSlice } from './subject-slice.ts';

/** One child on cql-execution. */
export interface ReferenceEvaluation {
  /** A definition of the main library, computed at most once. Throws what cql-execution throws. */
  value(definition: string): Promise<unknown>;
  /** The reference, e.g. `Immunization/123`, of a resource that the logic gave back; undefined for anything else. */
  referenceOf(value: unknown): string | undefined;
}

/**
 * The reference engine over one measure. `resources` are one Patient and what belongs to that child, as `plain` gives them; the days
 * of the period are UTC days, and the moment is the last of it.
 */
export function createReferenceEngine(
  measure: Pick<MeasureDefinition, 'elm' | 'libraries' | 'valueSets'>,
): (resources: readonly Resource[], period: Period) => ReferenceEvaluation {
  const wrapper = fhirModel.FHIRWrapper.FHIRv401();
  const codes = createCodeService(measure.valueSets);
  const library = new cql.Library(measure.elm, new cql.Repository(measure.libraries.map(({ elm }) => elm)));
  return (resources, { start, end }) => {
    const slice = createSubjectSlice(wrapper, resources);
    const last = cql.DateTime.parse(`${end}T23:59:59.999+00:00`);
    if (!last) throw new Error('the period has no end');
    const days = new cql.Interval(cql.DateTime.parse(`${start}T00:00:00.000+00:00`), last, true, true);
    const context = new cql.PatientContext(library, slice.patient, codes, { 'Measurement Period': days }, last);
    return {
      value: async (definition) => {
        // A definition evaluated before answers from the context; otherwise the context knows how to evaluate it.
        const known = context.get(definition);
        return typeof known?.execute === 'function' ? known.execute(context) : known;
      },
      referenceOf: slice.referenceOf,
    };
  };
}
