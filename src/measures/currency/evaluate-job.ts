import { fail, ok } from '../../base/errors.ts';
import type { JobHandler } from '../../module.ts';
import { dayOf } from './day.ts';
import { evaluateChildren } from './evaluate-children.ts';
import type { Prepared } from './prepared.ts';
import { yearOfDay } from './year.ts';

export const evaluateJobKind = 'measures.evaluate';

/** Brings all answers of one child up to date, for the calendar year of now. Payload: `{ patientId }`. */
export function createEvaluateJob(prepared: () => Prepared, zone: string): JobHandler {
  return {
    kind: evaluateJobKind,
    async run({ payload: { patientId } }, { store, clock, log }) {
      if (typeof patientId !== 'string') return fail('invalid', 'The job names no patient.');
      const period = yearOfDay(dayOf(clock.now(), zone));
      const done = await evaluateChildren({ store, clock, zone }, prepared().measures, period, [patientId]);
      // An odd record is that child's result, not the job's fault: trying again would change nothing.
      for (const { measure, failure } of done) if (failure !== undefined) log.warn({ measure: measure.name }, failure);
      return ok(undefined);
    },
  };
}
