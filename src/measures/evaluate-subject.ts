import type { Result } from '../base/errors.ts';
import type { Resource } from '../fhir/types.ts';
import type { Period, ReadyMeasure, SubjectResult } from './types.ts';

/**
 * Evaluates one measure for one child: pure, everything it knows is in its arguments. `resources` is the child's slice: the
 * Patient and the records of the types in `measure.retrieves`; others are ignored. Error `unprocessable` names measure,
 * library and expression when the logic cannot be run on what is in the record, and touches no other child.
 */
export function evaluateSubject(
  measure: ReadyMeasure,
  resources: readonly Resource[],
  period: Period,
  at?: { now: Date; zone: string },
): Promise<Result<SubjectResult>> {
  return measure.evaluate(readOf(measure, resources), period, at);
}

/** Of a child's record what a measure reads, by type. */
export function readOf({ retrieves }: ReadyMeasure, resources: readonly Resource[]): Resource[] {
  const read = new Set(retrieves);
  return resources.filter(({ resourceType }) => read.has(resourceType));
}
