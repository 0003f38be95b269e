import { useCallback, useEffect, useRef, useState } from 'react';
import type { Resource } from '../../fhir/types.ts';
import { type Reading, readPlan } from '../shared/fhir-reader.ts';
import {
  continueLaunch,
  endSession,
  type LaunchFailure,
  type LaunchStep,
  type Session,
} from '../shared/smart-launch.ts';
import { LanguageContext } from './family.ts';
import { familyApp, familySearches } from './family-app.ts';
import { Home } from './home.tsx';
import { browserLanguage, chosenLanguage, keepLanguage, type Language, languageOf, wordsIn } from './language.ts';
import { Failure, Loading, NoPlan, SignedOut, Welcome } from './states.tsx';

type Stage =
  | { kind: 'loading' }
  | { kind: 'signed-out' }
  | { kind: 'launch-failed'; reason: LaunchFailure }
  | { kind: 'read'; session: Session; reading: Reading; readAt: Date };

// Once per page load: React may run an effect twice in development, a launch must not.
let launch: Promise<LaunchStep> | undefined;

/** The family's page: sign in, read, then one of its states. */
export function App() {
  const [stage, setStage] = useState<Stage>({ kind: 'loading' });
  const [language, setLanguage] = useState<Language>(() => chosenLanguage() ?? browserLanguage());
  const load = useCallback(async (session: Session) => {
    const reading = await readPlan(session, familySearches(session.patientId));
    // What the person prefers counts until somebody chooses on this device.
    const preferred = reading.kind === 'plan' ? languageOf(personIn(reading.resources, session.fhirUser)) : undefined;
    if (chosenLanguage() === undefined && preferred !== undefined) setLanguage(preferred);
    setStage({ kind: 'read', session, reading, readAt: new Date() });
  }, []);
  useEffect(() => {
    let current = true;
    // Our own sign-in speaks as this page does.
    launch ??= continueLaunch({ ...familyApp, language: chosenLanguage() ?? browserLanguage() });
    launch.then((step) => {
      if (!current) return;
      if (step.kind === 'session') load(step.session);
      if (step.kind === 'failed') setStage({ kind: 'launch-failed', reason: step.reason });
    });
    return () => {
      current = false;
    };
  }, [load]);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = wordsIn[language].title;
  }, [language]);
  const choose = (next: Language) => {
    keepLanguage(next);
    setLanguage(next);
  };
  return (
    <LanguageContext value={language}>
      <Shown stage={stage} choose={choose} load={load} signedOut={() => setStage({ kind: 'signed-out' })} />
    </LanguageContext>
  );
}

interface ShownProps {
  stage: Stage;
  choose: (language: Language) => void;
  load: (session: Session) => Promise<void>;
  signedOut: () => void;
}

function Shown({ stage, choose, load, signedOut }: ShownProps) {
  const ending = useRef(false);
  if (stage.kind === 'loading') return <Loading />;
  if (stage.kind === 'signed-out') return <SignedOut choose={choose} />;
  if (stage.kind === 'launch-failed') {
    if (stage.reason === 'no-launch') return <Welcome choose={choose} />;
    return <Failure reason={stage.reason} choose={choose} />;
  }
  const { session, reading, readAt } = stage;
  const leave = async () => {
    if (ending.current) return;
    ending.current = true;
    await endSession(familyApp, session);
    signedOut();
  };
  if (reading.kind === 'failed') {
    const reason = reading.reason === 'expired' ? 'expired' : (`${reading.reason}-data` as const);
    return <Failure reason={reason} choose={choose} retry={() => load(session)} />;
  }
  if (reading.kind === 'no-plan') return <NoPlan choose={choose} leave={leave} />;
  return <Home {...{ session, reading, readAt, choose, leave }} reload={() => load(session)} />;
}

function personIn(resources: readonly Resource[], fhirUser: string | undefined): Resource | undefined {
  return resources.find(({ resourceType, id }) => `${resourceType}/${id}` === fhirUser);
}
