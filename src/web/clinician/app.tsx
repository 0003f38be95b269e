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
  | { kind: 'read'; session: Session; reading: Reading };

// Once per page load: React may run an effect twice in development, a launch must not.
let launch: Promise<LaunchStep> | undefined;

/** The clinician's page: launch, then read, then one of its four states (loading, error, empty, data). */
export function App() {
  const [stage, setStage] = useState<Stage>({ kind: 'loading' });
  const current = useRef(true);
  const load = useCallback(async (session: Session) => {
    setStage({ kind: 'loading' });
    const reading = await readPlan(session);
    if (current.current) setStage({ kind: 'read', session, reading });
  }, []);
  useEffect(() => {
    current.current = true;
    launch ??= continueLaunch();
    launch.then((step) => {
      if (!current.current) return;
      if (step.kind === 'session') load(step.session);
      if (step.kind === 'failed') setStage({ kind: 'launch-failed', reason: step.reason });
    });
    return () => {
      current.current = false;
    };
  }, [load]);

  if (stage.kind === 'loading') return <Loading />;
  if (stage.kind === 'launch-failed') return <Failure reason={stage.reason} />;
  const { reading, session } = stage;
  if (reading.kind === 'failed') {
    const reason = reading.reason === 'expired' ? 'expired' : (`${reading.reason}-data` as const);
    return <Failure reason={reason} retry={reading.reason === 'unreachable' ? () => load(session) : undefined} />;
  }
  if (reading.kind === 'no-plan') return <NoPlan patient={reading.patient} />;
  const view = planView(reading.planId, reading.resources, { today: today(new Date()) });
  if (!view) return <NoPlan />;
  return <PlanPage view={view} banner={session.needPatientBanner} reload={() => load(session)} />;
}
