import { useEffect, useRef, useState } from 'react';
import { reviewOf } from '../../fhir/plan-view/review.ts';
import { overdueText } from '../../fhir/plan-view/sections/at-a-glance.ts';
import type { PlanView } from '../../fhir/plan-view.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { dayText, timeText, today } from '../shared/dates.ts';
import type { Answer, FhirClient } from '../shared/fhir-client.ts';
import { linesIn } from './digest.tsx';
import { page, troubleText, withDays } from './page-words.ts';
import { ReviewForm } from './review-form.tsx';
import { LineItem } from './section-view.tsx';
import { coSign, coSignReviewed, type ReviewInput, recordReview, type Signing } from './signing.ts';

/** Signatures and waiting Tasks that stand on top; all of them stand in the section. */
const most = 3;

/** What came of the last signature or review; it outlives reading the plan again. */
export interface Outcome {
  kind: 'done' | 'trouble';
  text: string;
}

interface Act {
  what: 'signed' | 'recorded';
  write: () => Promise<Answer<undefined>>;
  said: (day: string, time: string) => string;
  first?: string;
}

interface ReviewPanelProps {
  view: PlanView;
  plan: Resource & r4.CarePlan;
  signing: Signing;
  client: FhirClient;
  outcome: Outcome | undefined;
  /** Says what came of it, and reads the plan again. */
  settle: (outcome: Outcome, isRead: boolean) => Promise<void>;
  ended: boolean;
}

/** Whether the plan still counts, and what this reader can do about it: sign, or record a review. */
export function ReviewPanel({ view, plan, signing, client, outcome, settle, ended }: ReviewPanelProps) {
  const [busy, setBusy] = useState(false);
  const [isOpen, setOpen] = useState(false);
  /** `first`: what was done already, whatever comes of this. */
  const act = async ({ what, write, said, first = '' }: Act) => {
    setBusy(true);
    const answer = await write();
    const now = new Date();
    const isRead = answer.ok || first !== '' || answer.trouble.kind === 'conflict';
    if (isRead) setOpen(false);
    const text = answer.ok ? said(dayText(today(now)), timeText(now)) : `${first}${troubleText(answer.trouble, what)}`;
    await settle({ kind: answer.ok ? 'done' : 'trouble', text }, isRead);
    setBusy(false);
  };
  const sign = () => act({ what: 'signed', write: () => coSign(client, signing, new Date()), said: page.signed });
  const review = async (input: ReviewInput) => {
    setBusy(true);
    const recorded = await recordReview(client, signing, input);
    if (!recorded.ok || !signing.task)
      return act({ what: 'recorded', write: async () => recorded, said: page.reviewed });
    const write = () => coSignReviewed(client, { ...signing, before: plan }, new Date());
    return act({ what: 'signed', write, said: page.reviewedAndSigned, first: page.reviewedFirst });
  };
  return (
    <section className={view.review.overdue ? 'review overdue' : 'review'} aria-labelledby="review-title">
      <div className="review-state">
        <h3 id="review-title">{page.review}</h3>
        <ReviewState view={view} plan={plan} />
        {signing.task && !ended && <p>{page.askedToSign(dayText(signing.task.authoredOn))}</p>}
      </div>
      {!ended && !isOpen && (signing.task || signing.mayReview) && (
        <p className="buttons">
          {signing.task && (
            <button type="button" className="main" onClick={sign} disabled={busy}>
              {busy ? page.signing : page.sign}
            </button>
          )}
          {signing.mayReview && (
            <button type="button" onClick={() => setOpen(true)} disabled={busy}>
              {page.beginReview}
            </button>
          )}
        </p>
      )}
      <Said outcome={outcome} />
      {isOpen && !ended && <ReviewForm signing={signing} busy={busy} submit={review} cancel={() => setOpen(false)} />}
    </section>
  );
}

function ReviewState({ view: { review, sections }, plan }: Pick<ReviewPanelProps, 'view' | 'plan'>) {
  const { last, due, overdue, agreed } = review;
  // Of the section at the end what Tasks say: that a review or a signature is awaited, and who signed.
  const tasks = linesIn(sections, 'review').filter(({ references }) => references[0]?.startsWith('Task/'));
  const isReviewed = last !== undefined && reviewOf(plan) !== undefined;
  const said = [
    isReviewed ? page.lastAgreed(dayText(last)) : page.neverReviewed,
    agreed.length > 0 && page.by(agreed.join(', ')),
  ];
  const next = due !== undefined && !overdue && page.nextReview(dayText(due), isReviewed);
  return (
    <>
      {overdue && (
        <p className="overdue-text" role="alert">
          {withDays(overdueText(review), dayText)}
        </p>
      )}
      <p>
        {said.filter(Boolean).join(' ')}
        {next && `; ${next}`}.
      </p>
      {tasks.length > 0 && (
        <ul className="brief">
          {tasks.slice(-most).map((line) => (
            <LineItem key={line.references[0]} line={line} brief />
          ))}
        </ul>
      )}
    </>
  );
}

/** What came of it, read out and brought into view: the reader has just pressed the button that is gone now. */
function Said({ outcome }: { outcome: Outcome | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (outcome) place.current?.focus();
  }, [outcome]);
  return (
    <div ref={place} tabIndex={-1} role={outcome?.kind === 'trouble' ? 'alert' : 'status'} className="outcome-place">
      {outcome && <p className={`outcome ${outcome.kind}`}>{outcome.text}</p>}
    </div>
  );
}
