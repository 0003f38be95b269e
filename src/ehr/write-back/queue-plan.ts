import { ok, type Result } from '../../base/errors.ts';
import { childOf, planTypes } from '../../care/child.ts';
import { activePlanOf } from '../../care/plan/active-plan.ts';
import { isMirror } from '../../fhir/mirror.ts';
import type { Tx, WriteEffect } from '../../store/types.ts';
import { isEhr } from '../actor.ts';
import { queueWriteBack, sitesTaking } from './outbox.ts';

/**
 * Queues the plan document of a child whose shared plan may read differently now. What is sent is made at that time, and
 * nothing is sent when the document says the same as the one the site has. During a sync the run itself does this, once.
 */
export const planDocumentEffect: WriteEffect = {
  name: 'ehr-plan-document',
  types: planTypes,
  async apply(change, tx) {
    const resource = change.after ?? change.before;
    if (isEhr(tx.actor) || resource === undefined || isMirror(resource)) return ok(undefined);
    const patientId = childOf(resource);
    return patientId === undefined ? ok(undefined) : queuePlan(tx, patientId);
  },
};

export async function queuePlan(tx: Tx, patientId: string, only?: string): Promise<Result<void>> {
  const sites = await sitesTaking(tx, 'plan-document', patientId);
  const wanted = only === undefined ? sites : sites.filter((site) => site === only);
  if (wanted.length === 0) return ok(undefined);
  const planId = await activePlanOf(tx, patientId);
  if (planId === undefined) return ok(undefined);
  for (const site of wanted) {
    await queueWriteBack(tx, { site, kind: 'plan-document', type: 'CarePlan', resourceId: planId, patientId });
  }
  return ok(undefined);
}
