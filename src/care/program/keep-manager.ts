import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { leadCoordinatorUrl } from '../../fhir/plan-view/team.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import { keepMembers } from '../team/keep-members.ts';
import { isCurrent, joinedBy, joinedByUrl, leadOf, memberKey, teamRoleSystem } from '../team/participants.ts';
import { isPlain } from '../team/plain.ts';
import { teamId } from '../team/team-content.ts';
import { beginsToRun, type Changed } from './changed.ts';
import { leadNow } from './check-beside.ts';
import { isRunning } from './enrollment.ts';
import { runningEnrollments } from './enrollment-row.ts';

const careManagerRole: r4.CodeableConcept = {
  coding: [{ system: teamRoleSystem, code: 'care-manager', display: 'Care manager' }],
  text: 'Care manager',
};

/**
 * The care manager is on the child's team for as long as the enrollment runs, and leads it when nobody does. When the enrollment ends, so does the
 * membership that it brought; the plan stays as it is and can be read (D11). Where several programs go on, somebody has to go on leading.
 */
export async function keepManagerOnTeam(changed: Changed, tx: Tx, clock: Clock): Promise<Result<void>> {
  const { id, is, was, stored } = changed;
  const patientId = (is ?? was)?.patientId;
  if (patientId === undefined) return ok(undefined);
  const member = is !== undefined && isRunning(is) && (await isPlain(tx, stored)) ? is.manager : undefined;
  const reason = `EpisodeOfCare/${id}`;
  const now = member === undefined ? {} : { now: { member, role: careManagerRole } };
  const kept = await keepMembers(tx, patientId, [{ reason, endsLead: true, ...now }], clock);
  if (!kept.ok) return kept;
  const led =
    member !== undefined && beginsToRun(changed)
      ? await leadWhenNobodyDoes(tx, patientId, reason)
      : await leadAfterWithdrawal(changed, tx, patientId, clock);
  return led.ok ? checkStillLed(tx, patientId) : led;
}

/** A family that takes back its consent is not held up by who leads then: of the programs that go on, the manager of the oldest does. */
async function leadAfterWithdrawal(
  { is, was }: Changed,
  tx: Tx,
  patientId: string,
  clock: Clock,
): Promise<Result<void>> {
  const hasWithdrawn = is?.reason === 'withdrew' && was !== undefined && isRunning(was) && !isRunning(is);
  if (!hasWithdrawn) return ok(undefined);
  const [oldest] = await runningEnrollments(tx.own, patientId);
  const team = currentOf(await tx.read('CareTeam', teamId(patientId)));
  if (!oldest?.manager || !isOfType(team, 'CareTeam') || leadOf(team) !== undefined) return ok(undefined);
  const next = ledBy(team, oldest.manager, `EpisodeOfCare/${oldest.episode_id}`, clock.now().toISOString());
  const written = await tx.update({ ...next });
  return written.ok ? ok(undefined) : written;
}

async function leadWhenNobodyDoes(tx: Tx, patientId: string, reason: string): Promise<Result<void>> {
  const team = currentOf(await tx.read('CareTeam', teamId(patientId)));
  if (!isOfType(team, 'CareTeam') || leadOf(team) !== undefined) return ok(undefined);
  const participant = (team.participant ?? []).map((one) =>
    joinedBy(one) === reason && isCurrent(one)
      ? { ...one, extension: [...(one.extension ?? []), { url: leadCoordinatorUrl, valueBoolean: true }] }
      : one,
  );
  const written = await tx.update({ ...team, participant });
  return written.ok ? ok(undefined) : written;
}

/** Two programs and nobody who leads is what the rule forbids, however it came about. */
export async function checkStillLed(tx: Tx, patientId: string): Promise<Result<void>> {
  const running = await runningEnrollments(tx.own, patientId);
  if (running.length < 2 || (await leadNow(tx, patientId)) !== undefined) return ok(undefined);
  const text = 'Several programs work with this child: name another lead coordinator in the care team first.';
  return refuse('one-lead-across-programs', text, 'CareTeam.participant.extension');
}

/** The care team with another lead: the one before stays a member, by a new entry, so that it can be read who led when. */
export function ledBy(team: r4.CareTeam, member: string, reason: string, at: string): r4.CareTeam {
  const leading = { url: leadCoordinatorUrl, valueBoolean: true };
  const isTheirs = (one: r4.CareTeamParticipant) => memberKey(one) === member && isCurrent(one);
  const lead = leadOf(team);
  if (lead && memberKey(lead) === member) return team;
  const participant = (team.participant ?? []).flatMap((one): r4.CareTeamParticipant[] => {
    if (one !== lead && !isTheirs(one)) return [one];
    const ended = { ...one, period: { ...one.period, end: at } };
    const others = (one.extension ?? []).filter(({ url }) => url !== leadCoordinatorUrl);
    const extension = one === lead ? others : [...others, leading];
    const { extension: _, ...rest } = one;
    return [ended, { ...rest, ...(extension.length > 0 && { extension }), period: { start: at } }];
  });
  if (participant.some(isTheirs)) return { ...team, participant };
  const joined = { url: joinedByUrl, valueReference: { reference: reason } };
  const added = {
    extension: [joined, leading],
    role: [careManagerRole],
    member: { reference: member },
    period: { start: at },
  };
  return { ...team, participant: [...participant, added] };
}
