import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Change, Tx, WriteConclusion } from '../../store/types.ts';
import { isOver } from '../consent-end/last-moment.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { consentHolds } from './consent-holds.ts';
import { endEnrollments, type Why } from './end-enrollments.ts';

/**
 * Who takes back the consent on which an enrollment rests ends it, in the same transaction, whoever writes it down and wherever: the program has no leave
 * to go on (S0.5). So does a consent that is written down as over already; one that runs out later is followed then (end-with-consent.ts).
 */
export function followConsent(clock: Clock, zone: string): WriteConclusion {
  return {
    name: 'enrollment-consent',
    async conclude(changes, tx) {
      const consents = new Set(changes.filter(({ type }) => type === 'Consent').map(({ id }) => id));
      for (const id of consents) {
        const done = await follow(id, changes, tx, { clock, zone });
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}

async function follow(
  consentId: string,
  changes: readonly Change[],
  tx: Tx,
  { clock, zone }: { clock: Clock; zone: string },
): Promise<Result<void>> {
  const versions = changes.filter(({ type, id }) => type === 'Consent' && id === consentId);
  const children = versions.flatMap(({ before, after }) => [childIn(before), childIn(after)]);
  const now = currentOf(await tx.read('Consent', consentId));
  for (const patientId of new Set(children.filter((one) => one !== undefined))) {
    const why = whyEnded(now, patientId, clock.now(), zone);
    if (why === undefined) continue;
    const ended = await endEnrollments(tx, { consentId, patientId, why }, { clock, zone });
    if (!ended.ok) return ended;
  }
  return ok(undefined);
}

/** Undefined when the consent still holds. */
function whyEnded(consent: Resource | undefined, patientId: string, now: Date, zone: string): Why | undefined {
  if (!consentHolds(consent, patientId)) return wasMistake(consent) ? 'mistake' : 'withdrawn';
  const period = isOfType(consent, 'Consent') ? consent.provision?.period : undefined;
  return isOver(period, now, zone) ? { ranOut: period ?? {} } : undefined;
}

function childIn(consent: Resource | undefined): string | undefined {
  return isOfType(consent, 'Consent') ? localId(consent.patient, 'Patient') : undefined;
}

function wasMistake(consent: Resource | undefined): boolean {
  return isOfType(consent, 'Consent') && consent.status === 'entered-in-error';
}
