import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { checkEnrollmentHistory } from './check-history.ts';
import { codeIn, type Enrollment, enrollmentOf, isRunning } from './enrollment.ts';
import { movesFrom, needWords, reasonsFor } from './moves.ts';
import { careManagementCode, episodeTypeSystem, tierSystem, tiers } from './vocabulary.ts';

const rule = 'enrollment-move';

/**
 * An enrollment moves as moves.ts has it, keeps what was (status history, eligible-from, enrolled-from, managers before), and in each status has
 * what that status needs. What went before a new enrollment may be told with it. Every refusal names from, to and what is missing.
 */
export function checkEnrollment(clock: Clock): WriteCheck {
  return checkWritten(rule, 'EpisodeOfCare', (after, before) => check(after, before, clock.now()));
}

/** An enrollment is kept, or its facts could be said anew: one that never was is marked as entered in error. */
export const keepEnrollments: WriteCheck = {
  name: rule,
  types: ['EpisodeOfCare'],
  check: async ({ before, after }) => {
    const was = after === undefined ? enrollmentOf(before) : undefined;
    if (was === undefined || was.status === 'entered-in-error') return ok(undefined);
    return refuse(rule, 'An enrollment is not deleted. Mark it as entered in error instead.', 'EpisodeOfCare');
  },
};

function check(after: Resource, earlier: Resource | undefined, now: Date): Result<void> {
  const is = enrollmentOf(after);
  const was = enrollmentOf(earlier);
  if (is === undefined) {
    return was === undefined
      ? ok(undefined)
      : refuse(rule, 'An enrollment in care management stays one: end it by its status instead.', 'EpisodeOfCare.type');
  }
  if (is.status === 'entered-in-error' && was !== undefined) return ok(undefined);
  for (const part of [
    checkMove(is, was),
    checkFixed(is, was),
    checkComplete(is, was),
    checkReason(is),
    checkDates(is),
  ]) {
    if (!part.ok) return part;
  }
  return checkEnrollmentHistory(is, was, now);
}

function checkMove({ status: to }: Enrollment, was: Enrollment | undefined): Result<void> {
  if (was === undefined || was.status === to) return ok(undefined);
  const legal = movesFrom(was.status);
  if (legal.includes(to)) return ok(undefined);
  const next =
    legal.length === 1 || legal.length === 0
      ? 'That is an end: enroll the child anew instead.'
      : `From there it becomes ${legal.join(', ')}.`;
  return refuse(rule, `An enrollment that is ${was.status} does not become ${to}. ${next}`, 'EpisodeOfCare.status');
}

/** What an enrollment is, it stays: otherwise nobody could say later who was eligible, and who was served by whom. */
function checkFixed(is: Enrollment, was: Enrollment | undefined): Result<void> {
  if (was === undefined) return ok(undefined);
  const facts = [
    ['the child', 'EpisodeOfCare.patient', (one: Enrollment) => one.patientId],
    ['the program', 'EpisodeOfCare.extension', (one: Enrollment) => one.programId],
    ['eligible-from', 'EpisodeOfCare.extension', (one: Enrollment) => one.eligibleFrom],
    [
      'the accountable organization',
      'EpisodeOfCare.managingOrganization',
      ({ episode }: Enrollment) => stringifyJson(episode.managingOrganization?.reference ?? null),
    ],
    ['enrolled-from (period.start)', 'EpisodeOfCare.period', (one: Enrollment) => one.enrolledFrom],
  ] as const;
  for (const [name, expression, read] of facts) {
    const before = read(was);
    if (before !== undefined && before !== read(is)) {
      return refuse(rule, `In an enrollment ${name} does not change after it was first said.`, expression);
    }
  }
  return ok(undefined);
}

function checkComplete(is: Enrollment, was: Enrollment | undefined): Result<void> {
  const { status, episode } = is;
  const needed: [boolean, string][] = [
    [codeIn(episode.type ?? [], episodeTypeSystem) === careManagementCode, `type (${careManagementCode})`],
    [is.patientId !== undefined, 'patient'],
    [is.programId !== undefined, 'the program (extension care-program, a HealthcareService here)'],
    [is.eligibleFrom !== undefined, 'extension eligible-from'],
    [episode.managingOrganization?.reference !== undefined, 'managingOrganization'],
  ];
  const isServed = isRunning(is) || status === 'finished';
  if (isServed) {
    needed.push([is.enrolledFrom !== undefined, 'period.start']);
    needed.push([/^Practitioner(Role)?\//.test(is.manager ?? ''), 'careManager']);
    needed.push([is.consentId !== undefined, 'the consent (extension enrollment-consent)']);
  }
  if (status === 'finished') needed.push([is.endedOn !== undefined, 'period.end']);
  const missing = needed.filter(([there]) => !there).map(([, name]) => name);
  if (missing.length > 0) {
    const from = was === undefined || was.status === status ? '' : `from ${was.status} `;
    return refuse(rule, `An enrollment ${from}to ${status} lacks ${missing.join(', ')}.`, 'EpisodeOfCare');
  }
  if (!isServed && is.enrolledFrom !== undefined) {
    return refuse(
      rule,
      `An enrollment that is ${status} has no period.start: nobody has been enrolled yet.`,
      'EpisodeOfCare.period',
    );
  }
  if (status !== 'finished' && is.endedOn !== undefined) {
    return refuse(rule, `An enrollment that is ${status} has no period.end.`, 'EpisodeOfCare.period');
  }
  return is.tier === undefined || tiers.some((tier) => tier === is.tier)
    ? ok(undefined)
    : refuse(rule, `The tier of an enrollment is one of ${tiers.join(', ')} (${tierSystem}).`, 'EpisodeOfCare.type');
}

function checkReason({ status, reason, reasonText }: Enrollment): Result<void> {
  const codes = reasonsFor[status];
  if (codes === undefined) {
    return reason === undefined
      ? ok(undefined)
      : refuse(rule, `An enrollment that is ${status} has no reason for it.`, 'EpisodeOfCare.extension');
  }
  if (reason === undefined || !codes.includes(reason)) {
    const text = `An enrollment that is ${status} says why, in the extension enrollment-reason: one of ${codes.join(', ')}.`;
    return refuse(rule, text, 'EpisodeOfCare.extension');
  }
  return needWords.has(reason) && (reasonText ?? '').trim() === ''
    ? refuse(rule, `The reason ${reason} is said in words too.`, 'EpisodeOfCare.extension')
    : ok(undefined);
}

const day = /^\d{4}-\d{2}-\d{2}$/;

function checkDates({ eligibleFrom, enrolledFrom, endedOn }: Enrollment): Result<void> {
  const given = [eligibleFrom, enrolledFrom, endedOn].filter((one) => one !== undefined);
  if (!given.every((one) => day.test(one))) {
    return refuse(rule, 'The dates of an enrollment are whole days.', 'EpisodeOfCare.period');
  }
  const inOrder = given.every((one, index) => index === 0 || (given[index - 1] ?? '') <= one);
  return inOrder
    ? ok(undefined)
    : refuse(rule, 'A child is eligible before it is enrolled, and enrolled before that ends.', 'EpisodeOfCare.period');
}
