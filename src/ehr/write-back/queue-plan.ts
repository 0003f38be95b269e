import { ok } from '../../base/errors.ts';
import { childOf } from '../../care/child.ts';
import { chartTypes } from '../../care/plan/chart-types.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { asking } from './outbox.ts';

/**
 * Queues the plan document of a child whose shared plan may read differently now. What is sent is made at that time, and
 * nothing is sent when the document says the same as the one the site has. During a sync the run itself does this, once.
 */
export const planDocumentConclusion: WriteConclusion = {
  name: 'ehr-plan-document',
  async conclude(changes, tx) {
    if (isSync(tx.actor)) return ok(undefined);
    const ours = changes
      .filter(({ type }) => chartTypes.includes(type))
      .filter(({ before, after }) => !isMirror(after ?? before ?? {}));
    const named = ours.flatMap(({ before, after, patients = [] }) => childOf(after ?? before) ?? patients);
    const children = [...new Set(named)];
    if (children.length === 0) return ok(undefined);
    tx.atEnd(plans.rows, [children], { isList: true });
    tx.enqueueFound(plans.jobs, [children]);
    return ok(undefined);
  },
};

const plans = asking({
  kind: 'plan-document',
  type: 'CarePlan',
  setting: 'planDocument',
  from: 'SELECT plan_id AS resource, patient_id AS child FROM shared_plan WHERE patient_id = ANY ($1::text[])',
});
