import { ok } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { JobHandler } from '../../module.ts';
import type { Actor, NewJob, WriteEffect } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { askChild } from './ask-child.ts';
import { screeningCodes } from './screenings.ts';

const everybody = 'care.screening-schedule';
const oneChild = 'care.screening-child';

/** To be queued at start; it queues itself again and again. */
export const screeningJob: NewJob = { kind: everybody, key: 'all' };

const actorFor = (kind: string): Actor => ({ kind: 'system', id: 'care', requestId: `job:${kind}` });

/**
 * Looks through the children who have a shared plan, some at a time, for screenings that are overdue: the schedule of PlanDefinition
 * social-needs-screening becomes Tasks (S2.25). Once through, it waits a day.
 */
const askEverybody: JobHandler = {
  kind: everybody,
  async run({ kind, key, payload }, { store, clock }) {
    const after = typeof payload.after === 'string' ? payload.after : '';
    const most = limits.care.screeningChildrenAtOnce;
    const rows = await store.query<{ patient_id: string }>(
      'SELECT patient_id FROM shared_plan WHERE patient_id > $1 ORDER BY patient_id LIMIT $2',
      [after, most],
    );
    for (const { patient_id: id } of rows) {
      const asked = await askChild(store, actorFor(kind), id, clock);
      if (!asked.ok) return asked;
    }
    const last = rows.length === most ? rows.at(-1)?.patient_id : undefined;
    const runAt = new Date(clock.now().getTime() + (last === undefined ? limits.care.screeningEveryMs : 0));
    const next = { kind, key, payload: last === undefined ? {} : { after: last }, runAt };
    return store.transact(actorFor(kind), async (tx) => ok(await tx.enqueue(next)));
  },
};

/** The same of one child, of whom somebody has answered. */
const askOne: JobHandler = {
  kind: oneChild,
  run: ({ kind, key }, { store, clock }) => askChild(store, actorFor(kind), key, clock),
};

export const askJobs: readonly JobHandler[] = [askEverybody, askOne];

/** An answer may be the one that a Task waits for: whoever gave it need not be able to write Tasks. */
export const lookAgain: WriteEffect = {
  name: 'screening-answered',
  types: ['QuestionnaireResponse', 'Observation'],
  async apply({ after }, tx) {
    const child = after && isAnswer(after) ? childOf(after) : undefined;
    if (child === undefined) return ok(undefined);
    const [asked] = await tx.own.query('SELECT 1 FROM screening_asked WHERE patient_id = $1', [child]);
    if (asked) await tx.enqueue({ kind: oneChild, key: child });
    return ok(undefined);
  },
};

function isAnswer(resource: Resource): boolean {
  if (isOfType(resource, 'QuestionnaireResponse'))
    return resource.status === 'completed' || resource.status === 'amended';
  if (!isOfType(resource, 'Observation')) return false;
  return resource.code.coding?.some(({ code }) => screeningCodes.has(code ?? '')) === true;
}
