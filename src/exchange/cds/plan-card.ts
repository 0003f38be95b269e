import { stableId } from '../../base/ids.ts';
import type { PlanView } from '../../fhir/plan-view.ts';
import type { CdsCard } from '../../module.ts';
import { cardDetail } from './card-detail.ts';
import { oneLine, shortened } from './card-text.ts';

/** CDS Hooks 2.0: a summary is one sentence of less than 140 characters. */
const summaryMax = 139;

/** The card for a plan. Pure: equal plans give equal cards, also the same uuid, so a client can tell that nothing is new. */
export function planCard(view: PlanView, publicUrl: string): CdsCard {
  const summary = cardSummary(view);
  const detail = cardDetail(view);
  return {
    uuid: stableId('cds-card', view.reference, summary, detail),
    summary,
    detail,
    indicator: view.review.overdue ? 'warning' : 'info',
    source: { label: 'Careweave', url: publicUrl },
    links: [{ label: 'Open the shared plan', url: `${publicUrl}/launch`, type: 'smart' }],
  };
}

function cardSummary({ counts, familyGoals }: PlanView): string {
  const facts = [
    counted(counts.problems, 'problem'),
    counted(counts.goals, 'goal'),
    counted(counts.referrals, 'open referral'),
  ].join(', ');
  const [first] = familyGoals;
  const family = first === undefined ? '' : `; what matters to the family: ${oneLine(first.text)}`;
  return shortened(`Shared plan: ${facts}${family}`, summaryMax);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
