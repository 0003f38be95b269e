import { isWithin } from '../../access/policy/period.ts';
import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import { leadOf, memberKey } from '../team/participants.ts';
import { teamId } from '../team/team-content.ts';
import { beginsToRun, type Changed } from './changed.ts';
import { consentHolds } from './consent-holds.ts';
import type { Enrollment } from './enrollment.ts';
import { runningEnrollments } from './enrollment-row.ts';
import { mayAct } from './may-act.ts';
import { modelOf } from './program-facts.ts';
import * as words from './vocabulary.ts';

const rule = 'enrollment-move';
const leadRule = 'one-lead-across-programs';

/**
 * What an enrollment needs beside itself: a program that is one, the family's consent before anybody works with the child, and, when another
 * program works with the child already, one lead for both, named.
 */
export async function checkBeside(changed: Changed, tx: Tx, clock: Clock, zone: string): Promise<Result<void>> {
  const { is, was } = changed;
  if (is === undefined || is.status === 'entered-in-error') return ok(undefined);
  const program = currentOf(await tx.read('HealthcareService', is.programId ?? ''));
  if (was === undefined) {
    if (!isOfType(program, 'HealthcareService') || modelOf(program) === undefined || program.active === false) {
      const text =
        'The program of an enrollment is a HealthcareService here, in use, whose type says by which model care is managed (care-management-model).';
      return refuse(rule, text, 'EpisodeOfCare.extension');
    }
  }
  const takesIn = was === undefined || (was.status !== is.status && is.status === 'waitlist') || beginsToRun(changed);
  if (takesIn && !(await mayAct(tx, tx.actor, program, 'enroll', clock.now()))) {
    const text =
      'This program says who may enroll children in it (program-policy), and you are not among them. Refer the child to the program, or ask somebody who works there.';
    return refuse('program-policy', text, 'EpisodeOfCare.extension');
  }
  if (!beginsToRun(changed)) return ok(undefined);
  const consent = await checkConsent(is, was, tx, { now: clock.now(), zone });
  return consent.ok ? checkLead(changed.id, is, tx) : consent;
}

async function checkConsent(
  is: Enrollment,
  was: Enrollment | undefined,
  tx: Tx,
  { now, zone }: { now: Date; zone: string },
): Promise<Result<void>> {
  const consent = currentOf(await tx.read('Consent', is.consentId ?? ''));
  const from = was === undefined ? '' : `from ${was.status} `;
  if (!consentHolds(consent, is.patientId)) {
    const text = `An enrollment ${from}to ${is.status} lacks the family’s consent: an active Consent of this child with the category ${words.careManagementConsent}, named in the extension enrollment-consent.`;
    return refuse(rule, text, 'EpisodeOfCare.extension');
  }
  const period = isOfType(consent, 'Consent') ? consent.provision?.period : undefined;
  if (isWithin(period, now, zone)) return ok(undefined);
  const text = `An enrollment ${from}to ${is.status} rests on a consent that holds now: the time of this one (provision.period) is over, or has not begun. Ask the family for a new one.`;
  return refuse(rule, text, 'EpisodeOfCare.extension');
}

/** Programs side by side are only safe when one person leads: whoever adds one says who, and the care team says the same. */
async function checkLead(id: string, { patientId = '', lead }: Enrollment, tx: Tx): Promise<Result<void>> {
  const others = (await runningEnrollments(tx.own, patientId)).filter((one) => one.episode_id !== id);
  if (others.length === 0) return ok(undefined);
  const current = await leadNow(tx, patientId);
  if (lead !== undefined && lead === current) return ok(undefined);
  const text =
    'This child is in another program already. Name one lead coordinator for both in the extension lead-across-programs: the one who leads the child’s care team.';
  return refuse(leadRule, text, 'EpisodeOfCare.extension');
}

export async function leadNow(tx: Tx, patientId: string): Promise<string | undefined> {
  const team = currentOf(await tx.read('CareTeam', teamId(patientId)));
  const lead = isOfType(team, 'CareTeam') && (team.status ?? 'active') === 'active' ? leadOf(team) : undefined;
  return lead && memberKey(lead);
}
