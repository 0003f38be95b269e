import { useCallback, useEffect, useRef, useState } from 'react';
import { planView } from '../../fhir/plan-view.ts';
import { today } from '../shared/dates.ts';
import { type Reading, readPlan } from '../shared/fhir-reader.ts';
import { continueLaunch, type LaunchFailure, type LaunchStep, type Session } from '../shared/smart-launch.ts';
import { PlanPage } from './plan-page.tsx';
import { Failure, Loading, NoPlan } from './states.tsx';

type Stage =
  | { kind: 'loading' }
  | { kind: 'launch-failed'; reason: LaunchFailure }
  | { kind: 'read'; session: Session; reading: Reading; readAt: Date; again: boolean };

// Once per page load: React may run an effect twice in development, a launch must not.
let launch: Promise<LaunchStep> | undefined;

/** The clinician's page: launch, then read, then one of its four states (loading, error, empty, data). */
export function App() {
  const [stage, setStage] = useState<Stage>({ kind: 'loading' });
  const current = useRef(true);
  const load = useCallback(async (session: Session, again: boolean) => {
    setStage({ kind: 'loading' });
    const reading = await readPlan(session);
    if (current.current) setStage({ kind: 'read', session, reading, readAt: new Date(), again });
  }, []);
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
  const banner = session.needPatientBanner;
  const view = reading.kind === 'plan' ? planView(reading.planId, reading.resources, { today: today(readAt) }) : null;
  if (!view) {
    return (
      <NoPlan patient={reading.kind === 'no-plan' ? reading.patient : undefined} banner={banner} reload={reload} />
    );
  }
  return <PlanPage view={view} banner={banner} readAt={readAt} again={again} ended={ended} reload={reload} />;
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
