import { Fragment, useEffect, useMemo, useRef, useState } from 'react';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import { isRestricted } from '../../fhir/plan-view/restricted.ts';
import { type PlanSection, type PlanView, planView, type SectionCode } from '../../fhir/plan-view.ts';
import { dayText, timeText, today as todayOf } from '../shared/dates.ts';
import { createFhirClient } from '../shared/fhir-client.ts';
import type { Session } from '../shared/smart-launch.ts';
import { countsText, words } from '../shared/words.ts';
import { Banner } from './banner.tsx';
import { CareCard } from './care-card.tsx';
import { isCareManagementFlag, readCareManagement } from './care-management.ts';
import { Digest } from './digest.tsx';
import { readEmergency } from './emergency.ts';
import { EmergencyCard } from './emergency-card.tsx';
import { isGranted } from './granted.ts';
import { HospitalPlans } from './hospital-plans.tsx';
import { JumpLinks } from './jump-links.tsx';
import { OpenFile } from './open-file.tsx';
import { page } from './page-words.ts';
import { Problems } from './problems.tsx';
import type { ChartReading } from './read-chart.ts';
import { type Outcome, ReviewPanel } from './review-panel.tsx';
import { anchorOf, SectionView } from './section-view.tsx';
import { signingOf } from './signing.ts';
import { Team } from './team.tsx';

interface PlanPageProps {
  session: Session;
  reading: ChartReading & { kind: 'plan' };
  /** When the plan was read. */
  readAt: Date;
  /** Read on request, so that the reader's place is the heading. */
  again: boolean;
  ended: boolean;
  reload: () => void;
  outcome: Outcome | undefined;
  settle: (outcome: Outcome, isRead: boolean) => Promise<void>;
}

/** Sections that stand in a form of their own: on top, or with what only a page can show. */
const otherForm: ReadonlySet<SectionCode> = new Set(['at-a-glance', 'care-team', 'hospital-plans']);
/** Sections that say again in their own order what stands problem by problem. */
const saidAbove: ReadonlySet<SectionCode> = new Set(['goals', 'actions']);

/** The shared plan: one screen first, then problem by problem, then every other section, all from the one reading (`planView`). */
export function PlanPage({ session, reading, readAt, again, ended, reload, outcome, settle }: PlanPageProps) {
  const [all, setAll] = useState(false);
  const [confidential, setConfidential] = useState(false);
  const { resources, planId } = reading;
  const client = useMemo(() => createFhirClient(session), [session]);
  const today = todayOf(readAt);
  // Who is not told goals and messages as a whole cannot judge by their absence.
  const judgesCompleteness = ['Goal', 'Communication', 'Observation'].every((type) =>
    isGranted(session.scopes ?? [], type, 'rs'),
  );
  const view = useMemo(
    () => planView(planId, resources, { today, showRestricted: confidential, judgesCompleteness }),
    [planId, resources, today, confidential, judgesCompleteness],
  );
  const plan = resources.find(({ resourceType, id }) => resourceType === 'CarePlan' && id === planId);
  if (!view || !isOfType(plan, 'CarePlan')) return null;
  const elsewhere = new Set(
    ofType(resources, 'Flag')
      .filter(isCareManagementFlag)
      .map(({ id }) => `Flag/${id}`),
  );
  const readKey = `${session.patientId} ${readAt.getTime()}`;
  const sections = view.sections.filter(({ code }) => !otherForm.has(code)).map(withoutProblems);
  const hasHidden = resources.some(isRestricted);
  const signing = signingOf(plan, resources, session);
  return (
    <>
      <a className="skip" href="#problems">
        {words.skip}
      </a>
      <Banner child={view.child} onScreen={session.needPatientBanner} />
      <main>
        <Head {...{ view, readAt, again, ended, reload, session, confidential }} />
        {reading.unattributed && (
          <p className="notice" role="status">
            {page.unattributed}
          </p>
        )}
        <section aria-labelledby="glance-title">
          <div className="section-head">
            <h2 id="glance-title">{page.glance}</h2>
            {hasHidden && <Toggle label={page.hiddenShown} on={confidential} change={setConfidential} />}
          </div>
          {hasHidden && !confidential && <p className="none">{page.hidden}</p>}
          <ReviewPanel {...{ view, plan, signing, client, outcome, settle, ended }} />
          <Digest
            view={view}
            today={today}
            elsewhere={elsewhere}
            parts={
              <>
                <CareCard readKey={readKey} read={() => readCareManagement(client, session.patientId)} />
                <EmergencyCard
                  readKey={readKey}
                  read={() => readEmergency(client, session.patientId)}
                  session={session}
                />
              </>
            }
          />
        </section>
        <JumpLinks links={linksOf(view, sections)} />
        <Problems view={view} all={all} today={today}>
          <Toggle label={words.showClosed} on={all} change={setAll} />
        </Problems>
        {sections.map((one) => (
          <Fragment key={one.code}>
            {one.code === 'medical-summary' && <Team team={view.team} contributors={view.contributors} />}
            {one.code === 'review' && <HospitalPlans plans={view.hospitalPlans} />}
            <SectionView section={one} all={all} folded={saidAbove.has(one.code)} />
          </Fragment>
        ))}
        {!sections.some(({ code }) => code === 'medical-summary') && (
          <Team team={view.team} contributors={view.contributors} />
        )}
      </main>
    </>
  );
}

/** The problems stand above, with their goals, actions and referrals. */
function withoutProblems(section: PlanSection): PlanSection {
  return { ...section, parts: section.parts.filter(({ code }) => code !== 'problems') };
}

function linksOf(view: PlanView, sections: readonly PlanSection[]): { to: string; label: string }[] {
  const links = sections.map(({ code, title }) => ({ to: anchorOf(code), label: title }));
  const before = sections.findIndex(({ code }) => code === 'medical-summary');
  const team = { to: anchorOf('care-team'), label: words.team };
  links.splice(before < 0 ? links.length : before, 0, team);
  if (view.hospitalPlans.length > 0)
    links.splice(-1, 0, { to: anchorOf('hospital-plans'), label: words.hospitalPlans });
  return [{ to: 'problems', label: words.problems }, ...links];
}

function Toggle({ label, on, change }: { label: string; on: boolean; change: (on: boolean) => void }) {
  return (
    <label className="toggle">
      <input type="checkbox" checked={on} onChange={(event) => change(event.target.checked)} /> {label}
    </label>
  );
}

type HeadProps = Pick<PlanPageProps, 'readAt' | 'again' | 'ended' | 'reload' | 'session'> & {
  view: PlanView;
  /** What is marked confidential is shown, and so printed. */
  confidential: boolean;
};

function Head({ view, readAt, again, ended, reload, session, confidential }: HeadProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (again) heading.current?.focus();
  }, [again]);
  return (
    <header className="plan-head">
      <div>
        <h1 ref={heading} tabIndex={-1}>
          {view.title}
        </h1>
        <p className="counts">{countsText(view.counts)}</p>
      </div>
      <div className="as-of">
        {words.lastChange(dayText(view.asOf))}, {words.readAt(dayText(todayOf(readAt)), timeText(readAt))}{' '}
        {!ended && (
          <>
            <button type="button" className="plain" onClick={reload}>
              {words.readAgain}
            </button>{' '}
            <OpenFile
              session={session}
              path={`${view.reference}/$document${confidential ? '' : '?sharing=true'}`}
              type="text/html"
              label={page.print}
              title={confidential ? page.printHint : page.printHintShared}
            />
          </>
        )}
      </div>
      <p role="status" className={ended ? 'notice' : 'notice empty'}>
        {ended && words.sessionEnded}
      </p>
    </header>
  );
}
