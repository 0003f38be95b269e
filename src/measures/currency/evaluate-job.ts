import { fail, ok } from '../../base/errors.ts';
import type { JobHandler } from '../../module.ts';
import { yearOf } from '../period.ts';
import type { ReadyMeasure } from '../types.ts';
import { evaluateChild } from './evaluate-child.ts';

export const evaluateJobKind = 'measures.evaluate';

/** Brings one child's result of one measure up to date, for the calendar year of now. Payload: `{ measure, patientId }`. */
export function createEvaluateJob(measures: readonly ReadyMeasure[]): JobHandler {
  return {
    kind: evaluateJobKind,
    async run(job, { store, clock, log }) {
      const { patientId } = job.payload;
      const measure = measures.find(({ name }) => name === job.payload.measure);
      if (typeof patientId !== 'string') return fail('invalid', 'The job names no patient.');
      // A measure that was taken out of the house since the job was queued has nothing to bring up to date.
      if (!measure) return ok(undefined);
      const context = { store, clock, requestId: `job ${job.kind}` };
      const result = await evaluateChild(context, measure, patientId, yearOf(clock.now()));
      if (!result.ok) return result;
      // An odd record is that child's result, not the job's fault: trying again would change nothing.
      if (result.value?.failure !== undefined) log.warn({ measure: measure.name }, result.value.failure);
      return ok(undefined);
    },
  };
}
