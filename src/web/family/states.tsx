import type { ReactNode } from 'react';
import { useWords } from './family.ts';
import { familyApp } from './family-app.ts';
import { type Language, languages } from './language.ts';
import type { Words } from './words/en.ts';

/** The page's states besides a plan. Each says what is known and what to do next; an error never looks like an empty plan. */

type Choose = (language: Language) => void;

const signInAddress = `${familyApp.home}/launch`;

export function Loading() {
  const { words } = useWords();
  return (
    <main className="state" aria-busy="true">
      <p role="status">{words.loading}</p>
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton" aria-hidden="true" />
      <div className="skeleton short" aria-hidden="true" />
    </main>
  );
}

export function Welcome({ choose }: { choose: Choose }) {
  const { words } = useWords();
  const { title, text, teen, help } = words.welcome;
  return (
    <State title={title} choose={choose}>
      <p>{text}</p>
      <p>{teen}</p>
      <SignIn />
      <p className="soft">{[help, words.welcome.pagesInEnglish].filter(Boolean).join(' ')}</p>
    </State>
  );
}

export function SignedOut({ choose }: { choose: Choose }) {
  const { words } = useWords();
  return (
    <State title={words.signedOut.title} choose={choose}>
      <p>{words.signedOut.text}</p>
      <p>
        <a className="button" href="/auth/account">
          {words.signedOut.account}
        </a>
      </p>
      <SignIn />
    </State>
  );
}

export function Failure({
  reason,
  retry,
  choose,
}: {
  reason: keyof Words['failures'];
  retry?: () => void;
  choose: Choose;
}) {
  const { words } = useWords();
  const { title, help } = words.failures[reason];
  const again = reason === 'unreachable' ? () => window.location.reload() : retry;
  const canRetry = reason === 'unreachable' || reason === 'unreachable-data';
  return (
    <State title={title} choose={choose} isProblem>
      <p>{help}</p>
      {canRetry && again ? (
        <button type="button" onClick={again}>
          {words.tryAgain}
        </button>
      ) : (
        <SignIn />
      )}
    </State>
  );
}

export function NoPlan({ choose, leave }: { choose: Choose; leave: () => void }) {
  const { words } = useWords();
  return (
    <State title={words.noPlan.title} choose={choose}>
      <p>{words.noPlan.text}</p>
      <p className="actions">
        <a className="button" href={signInAddress}>
          {words.otherChild}
        </a>
        <button type="button" className="plain" onClick={leave}>
          {words.signOut}
        </button>
      </p>
    </State>
  );
}

function SignIn() {
  const { words } = useWords();
  return (
    <p>
      <a className="button main" href={signInAddress}>
        {words.welcome.signIn}
      </a>
    </p>
  );
}

interface StateProps {
  title: string;
  choose: Choose;
  isProblem?: boolean;
  children: ReactNode;
}

function State({ title, choose, isProblem, children }: StateProps) {
  return (
    <main className="state">
      <LanguageSwitch choose={choose} />
      <div role={isProblem ? 'alert' : undefined}>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}

/** Each language in its own words, so that who reads only that one finds it. */
export function LanguageSwitch({ choose }: { choose: Choose }) {
  const { words, language } = useWords();
  return (
    <fieldset className="languages">
      <legend className="unseen">{words.language}</legend>
      {languages.map(({ code, name }) => (
        <button key={code} type="button" lang={code} aria-pressed={code === language} onClick={() => choose(code)}>
          {name}
        </button>
      ))}
    </fieldset>
  );
}
