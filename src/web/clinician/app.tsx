import { useCallback, useEffect, useRef, useState } from 'react';
import { createFhirClient } from '../shared/fhir-client.ts';
import { continueLaunch, type LaunchFailure, type LaunchStep, type Session } from '../shared/smart-launch.ts';
import { page } from './page-words.ts';
import { PlanPage } from './plan-page.tsx';
import { type ChartReading, readChart } from './read-chart.ts';
import type { Outcome } from './review-panel.tsx';
import { Failure, Loading, NoPlan } from './states.tsx';

type Stage =
  | { kind: 'loading' }
  | { kind: 'launch-failed'; reason: LaunchFailure }
  | { kind: 'read'; session: Session; reading: ChartReading; readAt: Date; again: boolean };

// Once per page load: React may run an effect twice in development, a launch must not.
let launch: Promise<LaunchStep> | undefined;

/** The clinician's page: launch, then read, then one of its four states (loading, error, empty, data). */
export function App() {
  const [stage, setStage] = useState<Stage>({ kind: 'loading' });
  const [outcome, setOutcome] = useState<Outcome>();
  const current = useRef(true);
  const load = useCallback(async (session: Session, again: boolean) => {
    setStage({ kind: 'loading' });
    setOutcome(undefined);
    const reading = await readChart(session, createFhirClient(session));
    if (current.current) setStage({ kind: 'read', session, reading, readAt: new Date(), again });
  }, []);
  /** After a signature the page stays while it is read again: an empty one would leave its reader in doubt. */
  const settle = async (session: Session, said: Outcome, isRead: boolean) => {
    if (!isRead) return setOutcome(said);
    const reading = await readChart(session, createFhirClient(session));
    if (!current.current) return undefined;
    if (reading.kind !== 'plan') return setOutcome({ ...said, text: `${said.text} ${page.notReadAgain}` });
    setStage({ kind: 'read', session, reading, readAt: new Date(), again: false });
    return setOutcome(said);
  };
  useEffect(() => {
    current.current = true;
    launch ??= continueLaunch();
    launch.then((step) => {
      if (!current.current) return;
      if (step.kind === 'session') load(step.session, false);
      if (step.kind === 'failed') setStage({ kind: 'launch-failed', reason: step.reason });
    });
    return () => {
      current.current = false;
    };
  }, [load]);
  const ended = useEnded(stage.kind === 'read' ? stage.session.expiresAt : undefined);

  if (stage.kind === 'loading') return <Loading />;
  if (stage.kind === 'launch-failed') {
    const retry = stage.reason === 'unreachable' ? () => window.location.reload() : undefined;
    return <Failure reason={stage.reason} retry={retry} />;
  }
  const { reading, session, readAt, again } = stage;
  const reload = () => load(session, true);
  if (reading.kind === 'failed') {
    const reason = reading.reason === 'expired' ? 'expired' : (`${reading.reason}-data` as const);
    return <Failure reason={reason} retry={reading.reason === 'unreachable' ? reload : undefined} />;
  }
  if (reading.kind === 'no-plan')
    return <NoPlan patient={reading.patient} banner={session.needPatientBanner} reload={reload} />;
  return (
    <PlanPage
      {...{ session, readAt, again, ended, reload, outcome }}
      reading={reading}
      settle={(said, isRead) => settle(session, said, isRead)}
    />
  );
}

/** True from the moment the session is over; the page stays readable and says so. */
function useEnded(expiresAt: number | undefined): boolean {
  const [ended, setEnded] = useState(false);
  useEffect(() => {
    if (expiresAt === undefined) return undefined;
    const timer = setTimeout(() => setEnded(true), Math.max(0, expiresAt - Date.now()));
    return () => clearTimeout(timer);
  }, [expiresAt]);
  return ended;
}
