import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import type { FollowEnd } from '../consent-end/end-job.ts';
import { localId } from '../local-id.ts';
import { consentHolds } from './consent-holds.ts';
import { endEnrollments } from './end-enrollments.ts';

/** When the time of a consent to care management is over, the enrollment that rests on it ends with its last day (S0.5). */
export function endWithConsent(clock: Clock, zone: string): FollowEnd {
  return async (consent, tx) => {
    const patientId = localId(consent.patient, 'Patient');
    if (patientId === undefined || consent.id === undefined || !consentHolds(consent, patientId)) return ok(undefined);
    const why = { ranOut: consent.provision?.period ?? {} };
    const ended = await endEnrollments(tx, { consentId: consent.id, patientId, why }, { clock, zone });
    return ended.ok ? ok(undefined) : ended;
  };
}
