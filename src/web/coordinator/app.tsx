import { useEffect, useMemo, useRef, useState } from 'react';
import { createFhirClient } from '../shared/fhir-client.ts';
import { keepSession } from '../shared/keep-session.ts';
import { storedSession } from '../shared/session-store.ts';
import {
  continueLaunch,
  endSession,
  type LaunchApp,
  type LaunchFailure,
  type LaunchStep,
  type Session,
  signInAgain,
} from '../shared/smart-launch.ts';
import { ChildPage } from './child/child-page.tsx';
import { type Desk, DeskProvider } from './desk.ts';
import { Home } from './home.tsx';
import { usePlace } from './place.ts';
import { Loading, Welcome } from './states.tsx';
import { words } from './words.ts';

const app: LaunchApp = {
  clientId: 'careweave-coordinator',
  scope: 'openid fhirUser online_access user/*.crus',
  home: '/coordinator',
  isStandalone: true,
  isForMany: true,
};

type Stage = { kind: 'loading' } | { kind: 'out'; reason: LaunchFailure } | { kind: 'in'; session: Session };

// Once per page load: React may run an effect twice in development, a launch must not.
let launch: Promise<LaunchStep> | undefined;

const signIn = () => signInAgain(app);

/** The coordinator's page: our own sign-in, then the desk. */
export function App() {
  const [stage, setStage] = useState<Stage>({ kind: 'loading' });
  useEffect(() => {
    launch ??= continueLaunch(app);
    launch.then((step) => {
      if (step.kind === 'session') setStage({ kind: 'in', session: step.session });
      if (step.kind === 'failed') setStage({ kind: 'out', reason: step.reason });
    });
  }, []);
  if (stage.kind === 'loading') return <Loading />;
  if (stage.kind === 'out') return <Welcome reason={stage.reason} signIn={signIn} />;
  const signOut = async () => {
    await endSession(app, storedSession(app.clientId) ?? stage.session);
    window.location.assign('/auth/account');
  };
  return <SignedIn session={stage.session} signOut={signOut} />;
}

function SignedIn({ session, signOut }: { session: Session; signOut: () => void }) {
  const [place, go] = usePlace();
  const [kept] = useState(() => keepSession(app, session));
  const [ended, setEnded] = useState(false);
  useEffect(() => kept.watch(setEnded), [kept]);
  const main = useRef<HTMLElement>(null);
  const desk = useMemo<Desk>(
    () => ({
      me: session.fhirUser ?? '',
      client: createFhirClient(kept),
      go,
      openChild: (patientId) => go({ kind: 'child', patientId, tab: 'plan' }),
      signIn,
    }),
    [session, kept, go],
  );
  if (!desk.me.startsWith('Practitioner/')) return <Welcome reason="denied" signIn={signIn} />;
  return (
    <DeskProvider value={desk}>
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <header className="top">
        <button type="button" className="brand" onClick={() => go({ kind: 'home', view: 'queue' })}>
          {words.title}
        </button>
        <button type="button" className="quiet" onClick={signOut}>
          {words.signOut}
        </button>
      </header>
      <p role="status" className={ended ? 'notice' : 'notice empty'}>
        {ended && (
          <>
            {words.sessionEnded}{' '}
            <button type="button" onClick={signIn}>
              {words.signInAgain}
            </button>
          </>
        )}
      </p>
      <main id="content" ref={main} tabIndex={-1}>
        {place.kind === 'home' ? (
          <Home view={place.view} />
        ) : (
          <ChildPage key={place.patientId} patientId={place.patientId} tab={place.tab} />
        )}
      </main>
    </DeskProvider>
  );
}
