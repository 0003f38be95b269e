import { isSharing, readSharing, type SharingConsent, sharingConsent } from '../../access/policy/sharing-consent.ts';
import { ok } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import type { FollowEnd } from '../consent-end/end-job.ts';
import { endOf } from '../consent-end/last-moment.ts';
import { localId } from '../local-id.ts';
import { resourceOf } from '../stored.ts';
import { leadOf, memberKey } from '../team/participants.ts';
import { employersOf } from './partner.ts';
import type { SharingDeps } from './sharing.ts';

/**
 * When the time of a family's leave is over the partner sees no more from that moment on (access decides by the clock). Here the coordinator hears of it, so
 * that the family is asked and nobody wonders: unless another leave that allows as much to the same partners has taken its place.
 */
export function tellEndedSharing({ clock, policyHere }: SharingDeps): FollowEnd {
  return async (consent, tx) => {
    const policy = policyHere();
    const child = localId(consent.patient, 'Patient');
    const ended = policy && isSharing({ ...consent }) ? readSharing({ ...consent }, policy) : undefined;
    if (!policy || !ended || child === undefined) return ok(undefined);
    const now = clock.now();
    // By the zone in which access decides.
    const end = endOf(consent.provision?.period, policy.document.timeZone);
    if (end && end > now) return ok(end);
    const others = (await tx.recordsOf([child], ['Consent'])).flatMap(({ stored }) => {
      const other = resourceOf(stored);
      const isOther = other.id !== consent.id && other.status === 'active' && isSharing(other);
      return isOther ? (sharingConsent(other, policy, now) ?? []) : [];
    });
    if (ended.actors.every((actor) => others.some((one) => coversActor(one, ended, actor)))) return ok(undefined);
    const written = await tx.update(taskOf(consent, child, await ownerFor(tx, child), now));
    return written.ok ? ok(undefined) : written;
  };
}

/** True when it allows this partner at least what the other one did. */
function coversActor(is: SharingConsent, was: SharingConsent, actor: string): boolean {
  const allPurposes = is.purposes === undefined || was.purposes?.every((one) => is.purposes?.includes(one)) === true;
  const allTypes =
    is.types === undefined || (was.types !== undefined && [...was.types].every((one) => is.types?.has(one)));
  const opensAll = (was.opens & ~is.opens) === 0n && (is.excludes & ~was.excludes) === 0n;
  return is.actors.includes(actor) && allPurposes && allTypes && opensAll;
}

/** The lead coordinator, unless it is one of the family or of a partner: what is shared with others is not for them. Else nobody: it stands in the queue as that. */
async function ownerFor(tx: Tx, child: string): Promise<string | undefined> {
  const teams = (await tx.recordsOf([child], ['CareTeam'])).map(({ stored }) => resourceOf(stored));
  for (const team of teams) {
    if (!isOfType(team, 'CareTeam') || (team.status ?? 'active') !== 'active') continue;
    const lead = leadOf(team);
    const who = lead && memberKey(lead);
    if (who === undefined || !/^Practitioner(Role)?\//.test(who)) continue;
    if ((await employersOf(tx, who)).length === 0) return who;
  }
  return undefined;
}

function taskOf(consent: Resource & r4.Consent, child: string, owner: string | undefined, now: Date): Resource {
  // What belongs together is seen together: the labels of the consent, and of what it opened.
  const security = [...(consent.meta?.security ?? []), ...(consent.provision?.securityLabel ?? [])];
  const task: r4.Task = {
    resourceType: 'Task',
    // Prolonged and run out once more, it is told once more.
    id: stableId('sharing-ended', `${consent.id ?? ''} ${consent.provision?.period?.end ?? ''}`),
    status: 'requested',
    intent: 'plan',
    priority: 'routine',
    code: {
      coding: [{ system: `${canonicalBase}/CodeSystem/care-task`, code: 'sharing-ended' }],
      text: 'Leave to share has run out',
    },
    description:
      'The time for which sharing with a partner was allowed is over, and the partner sees no more. Ask whoever gave the leave whether sharing is to go on, and tell the partner.',
    focus: { reference: `Consent/${consent.id ?? ''}` },
    for: { reference: `Patient/${child}` },
    authoredOn: now.toISOString(),
    ...(owner !== undefined && { owner: { reference: owner } }),
    ...(security.length > 0 && { meta: { security } }),
  };
  return { ...task };
}
