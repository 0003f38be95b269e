import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { planView } from '../../fhir/plan-view.ts';
import { timeText, today as todayOf } from '../shared/dates.ts';
import { createFhirClient } from '../shared/fhir-client.ts';
import type { Reading } from '../shared/fhir-reader.ts';
import type { Session } from '../shared/smart-launch.ts';
import { EmergencyPage } from './emergency/emergency-page.tsx';
import { type Family, FamilyContext, type KeptSheet, type Page, useWords, voiceOf } from './family.ts';
import { familyApp } from './family-app.ts';
import { FormsPage } from './forms/forms-page.tsx';
import { GoalsPage } from './goals/goals-page.tsx';
import type { Language } from './language.ts';
import { PlanPage } from './plan/plan-page.tsx';
import { SharingPage } from './sharing/sharing-page.tsx';
import { useSpoken } from './spoken.ts';
import { LanguageSwitch, NoPlan } from './states.tsx';
import { WishesPage } from './wishes/wishes-page.tsx';

const pages: Readonly<Partial<Record<Page, () => ReactNode>>> = {
  plan: PlanPage,
  goals: GoalsPage,
  wishes: WishesPage,
  emergency: EmergencyPage,
  sharing: SharingPage,
  forms: FormsPage,
};

interface HomeProps {
  session: Session;
  reading: Reading & { kind: 'plan' };
  readAt: Date;
  choose: (language: Language) => void;
  leave: () => void;
  reload: () => Promise<void>;
}

/** A plan that was read: whose it is, the ways through it, and one page of it. */
export function Home({ session, reading, readAt, choose, leave, reload }: HomeProps) {
  const { words, language, day, locale } = useWords();
  const [page, show] = usePage();
  const [told, setTold] = useState('');
  const sheets = useRef(new Map<string, KeptSheet>());
  // What came of something is said on the page where it was sent.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is the sign to put it away
  useEffect(() => setTold(''), [page]);
  const today = todayOf(readAt);
  const client = useMemo(() => createFhirClient(session), [session]);
  const { planId, resources } = reading;
  const spoken = useSpoken(resources, client, language);
  // The same reading as the plan's document: what this person is told, and no trace of what not.
  const view = useMemo(
    () => planView(planId, spoken, { today, showRestricted: true, dropUnavailable: true }),
    [planId, spoken, today],
  );
  if (!view) return <NoPlan choose={choose} leave={leave} />;
  const me = voiceOf(session.fhirUser, resources);
  const tell: Family['tell'] = (...sentences) => setTold(sentences.filter(Boolean).join(' '));
  const family: Family = {
    tell,
    sheets: sheets.current,
    session,
    client,
    language,
    planId,
    view,
    resources,
    me,
    today,
    reload,
    show,
  };
  const Shown = pages[page] ?? PlanPage;
  return (
    <FamilyContext value={family}>
      <a className="skip" href="#page">
        {words.skip}
      </a>
      <header className="head">
        <div className="head-in">
          <p className="child">
            <strong>{view.child.name}</strong>{' '}
            {view.child.birthDate && <span>{words.born(day(view.child.birthDate))}</span>}
          </p>
          <div className="head-ways">
            <LanguageSwitch choose={choose} />
            {!me?.startsWith('Patient/') && <a href={`${familyApp.home}/launch`}>{words.otherChild}</a>}
            <button type="button" className="plain" onClick={leave}>
              {words.signOut}
            </button>
          </div>
        </div>
        <nav aria-label={words.title}>
          <ul>
            {(Object.keys(pages) as Page[]).map((name) => (
              <li key={name}>
                <a href={`#${name}`} aria-current={name === page ? 'page' : undefined}>
                  {words.pages[name]}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="page" tabIndex={-1}>
        <PageTitle page={page} />
        <SessionEnd expiresAt={session.expiresAt} />
        <Shown />
        <p className="soft read-at">
          {words.readAt(day(today), timeText(readAt, locale))} <ReadAgain reload={reload} />
        </p>
      </main>
      <div role="status" className={told ? 'told' : 'told empty'}>
        {told && <p>{told}</p>}
        {told && (
          <button type="button" onClick={() => setTold('')}>
            {words.close}
          </button>
        )}
      </div>
    </FamilyContext>
  );
}

/** The heading takes the reader's place when the page changes, not when it is first there. */
function PageTitle({ page }: { page: Page }) {
  const { words } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(page);
  useEffect(() => {
    if (before.current !== page) heading.current?.focus();
    before.current = page;
  }, [page]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {words.pages[page]}
    </h1>
  );
}

function ReadAgain({ reload }: { reload: () => Promise<void> }) {
  const { words } = useWords();
  const [isReading, setReading] = useState(false);
  const again = async () => {
    setReading(true);
    await reload();
    setReading(false);
  };
  return (
    <button type="button" className="plain" onClick={again} disabled={isReading}>
      {isReading ? words.reading : words.readAgain}
    </button>
  );
}

/** Which page the address names, so that the browser's way back works. The address names no child. */
function usePage(): [Page, (page: Page) => void] {
  const named = () => {
    const name = window.location.hash.slice(1);
    return (Object.hasOwn(pages, name) ? name : 'plan') as Page;
  };
  const [page, setPage] = useState<Page>(named);
  useEffect(() => {
    const follow = () => setPage(named());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  });
  return [
    page,
    (next) => {
      window.location.hash = next;
    },
  ];
}

/** Says that the session is over from the moment on which it is; what is shown stays, and nothing can be sent any more. */
function SessionEnd({ expiresAt }: { expiresAt: number }) {
  const { words } = useWords();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), Math.max(0, expiresAt - Date.now()));
    return () => clearTimeout(timer);
  }, [expiresAt]);
  return (
    <div role="alert" className={isOver ? 'notice' : undefined}>
      {isOver && (
        <p>
          {words.failures.expired.title}. {words.failures.expired.help}{' '}
          <a href={`${familyApp.home}/launch`}>{words.trouble.signInAgain}</a>
        </p>
      )}
    </div>
  );
}
