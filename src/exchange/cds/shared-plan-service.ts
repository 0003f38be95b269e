import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import { activePlanOf } from '../../care/plan/active-plan.ts';
import { loadPlan } from '../../care/plan/load-plan.ts';
import { planView } from '../../fhir/plan-view.ts';
import type { CdsService } from '../../module.ts';
import { planCard } from './plan-card.ts';

/**
 * CDS Hooks `patient-view`: the child's active shared plan in one card, for whoever opens the chart. Without a plan there is no card,
 * because an empty card only teaches people to look away. A plan past its review date says so first. What is labelled confidential is neither shown nor counted.
 */
export function sharedPlanService(publicUrl: string, clock: Clock): CdsService {
  return {
    id: 'careweave-shared-plan',
    hook: 'patient-view',
    title: 'Shared plan of care',
    description:
      "Shows the child's shared plan of care: what matters to the family, problems, goals and open referrals.",
    cards: async ({ patientId, store, shown = async (resources) => [...resources] }) => {
      const planId = await activePlanOf(store, patientId);
      if (planId === undefined) return ok([]);
      const resources = await loadPlan(store, planId);
      // Ended or deleted between the two reads.
      if (!resources.ok) return resources.error.kind === 'not-found' ? ok([]) : resources;
      const view = planView(planId, await shown(resources.value), { today: clock.now().toISOString().slice(0, 10) });
      return ok(view ? [planCard(view, publicUrl)] : []);
    },
  };
}
