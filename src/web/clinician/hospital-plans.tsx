import type { HospitalPlan } from '../../fhir/plan-view.ts';
import { words } from '../shared/words.ts';
import { HospitalPlanItem } from './lines.tsx';
import { anchorOf } from './section-view.tsx';

/** What hospitals and practices sent as plans of their own, with their words. */
export function HospitalPlans({ plans }: { plans: readonly HospitalPlan[] }) {
  if (plans.length === 0) return null;
  return (
    <section className="panel" id={anchorOf('hospital-plans')} aria-labelledby="hospital-title">
      <details open>
        <summary>
          <h2 id="hospital-title">{words.hospitalPlans}</h2>
        </summary>
        <ul className="lines columns">
          {plans.map((plan) => (
            <HospitalPlanItem key={plan.reference} plan={plan} />
          ))}
        </ul>
      </details>
    </section>
  );
}
