import { isMirror } from '../../fhir/mirror.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';
import { type Chart, type Item, mirroredPlans } from './chart.ts';
import type { Finding } from './finding.ts';

const ended: ReadonlySet<string> = new Set(['completed', 'revoked', 'entered-in-error']);

/**
 * What still counts and nobody has touched: goals, activities and medicines older than so many months, and goals and activities that only
 * plans list which have ended. Problems and allergies do not grow old by themselves.
 */
export function findStale(chart: Chart): Finding[] {
  const plans = mirroredPlans(chart).map((plan) => ({ plan, lists: lists(plan) }));
  const before = monthsBefore(chart.now, chart.staleMonths);
  return chart.items
    .filter(({ about, reference }) => about !== 'problem' && about !== 'allergy' && !chart.settled.has(reference))
    .flatMap((item): Finding[] => {
      const why = whyStale(item, plans, before, chart);
      return why === undefined ? [] : [{ kind: 'stale', about: item.about, why, members: [item] }];
    });
}

interface Listing {
  plan: r4.CarePlan;
  lists: ReadonlySet<string | undefined>;
}

function whyStale(item: Item, plans: readonly Listing[], before: string, chart: Chart): string | undefined {
  const listing = plans.filter((one) => one.lists.has(item.reference));
  const today = chart.now.toISOString().slice(0, 10);
  if (listing.length > 0 && listing.every(({ plan }) => hasEnded(plan, today))) {
    return 'The plan of the hospital that listed it has ended.';
  }
  const touched = lastTouched(item);
  return touched !== undefined && touched.slice(0, 10) < before
    ? `Nobody has touched it for ${chart.staleMonths} months or more.`
    : undefined;
}

/** When a mirror came here says little about its age; what is written here was touched when it was last written. */
function lastTouched({ resource, date }: Item): string | undefined {
  const stored = resource.meta?.lastUpdated;
  if (isMirror(resource)) return date ?? stored;
  return [date, stored]
    .filter((one) => one !== undefined)
    .sort()
    .at(-1);
}

function hasEnded({ status, period }: r4.CarePlan, today: string): boolean {
  return (
    ended.has(status) || (period?.end !== undefined && period.end.slice(0, 10) < today.slice(0, period.end.length))
  );
}

function lists({ goal = [], activity = [] }: r4.CarePlan): ReadonlySet<string | undefined> {
  return new Set([...goal, ...activity.map(({ reference }) => reference)].map(localReference));
}

/** The day so many months before, UTC; the last day of a shorter month. */
function monthsBefore(now: Date, months: number): string {
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
  const last = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
  day.setUTCDate(Math.min(now.getUTCDate(), last));
  return day.toISOString().slice(0, 10);
}
