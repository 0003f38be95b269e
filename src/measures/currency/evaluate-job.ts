import { fail, ok } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { takeAlong } from '../../jobs/take-along.ts';
import type { JobHandler } from '../../module.ts';
import { dayOf } from './day.ts';
import { evaluateChildren } from './evaluate-children.ts';
import type { Prepared } from './prepared.ts';
import { yearOfDay } from './year.ts';

export const evaluateJobKind = 'measures.evaluate';

const actor = { kind: 'system', id: 'measures', requestId: evaluateJobKind } as const;

/**
 * Brings all answers of one child up to date, for the calendar year of now. Payload: `{ patientId }`. Takes along a few others who wait: while
 * jobs give way to requests, each one that runs does the work of several.
 */
export function createEvaluateJob(prepared: () => Prepared, zone: string): JobHandler {
  return {
    kind: evaluateJobKind,
    async run({ payload: { patientId } }, { store, clock, log }) {
      if (typeof patientId !== 'string') return fail('invalid', 'The job names no patient.');
      const period = yearOfDay(dayOf(clock.now(), zone));
      const { measures } = prepared();
      const done = await store.transact(actor, async (tx) => {
        const others = await takeAlong(tx.own, clock, evaluateJobKind, limits.measures.takenAlong);
        const children = [...new Set([patientId, ...others])];
        return ok(await evaluateChildren({ store: tx, clock, zone, atEnd: tx.atEnd }, measures, period, children));
      });
      if (!done.ok) return done;
      // An odd record is that child's result, not the job's fault: trying again would change nothing.
      for (const { measure, failure } of done.value)
        if (failure !== undefined) log.warn({ measure: measure.name }, failure);
      return ok(undefined);
    },
  };
}
