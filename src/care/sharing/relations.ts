import { visibilityOf } from '../../access/decide.ts';
import type { Policy } from '../../access/policy/compile.ts';
import type { Ground } from '../../access/policy/partner-facts.ts';
import { holds } from '../../access/policy/partner-view.ts';
import type { Principal } from '../../access/types.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Store, Stored, Visibility } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';

const openTasks: ReadonlySet<unknown> = new Set([
  'requested',
  'received',
  'accepted',
  'ready',
  'in-progress',
  'on-hold',
]);
const enrolled: ReadonlySet<unknown> = new Set(['active', 'onhold']);

/** Why anybody has to do with the child now, as far as this caller may know it. */
export async function relationsOf(
  store: Store,
  principal: Principal,
  patientId: string,
  { policy, now }: { policy: Policy; now: Date },
): Promise<Ground[]> {
  const found = await store.recordsOf([patientId], ['CareTeam', 'Task', 'EpisodeOfCare']);
  const visibility = visibilityOf(principal, 'r');
  const told = await Promise.all(
    found.map(async ({ stored }) => ((await mayKnow(store, visibility, stored, patientId)) ? [stored] : [])),
  );
  return told
    .flat()
    .flatMap((stored) => groundsIn(resourceOf(stored), patientId))
    .filter((ground) => holds(ground, policy, now));
}

/**
 * A record that the caller sees. And a Task that somebody else was asked to do, of whoever sees the whole care team: that there is one is what they
 * ask for here, unless what it is about is kept from them.
 */
async function mayKnow(store: Store, visibility: Visibility, stored: Stored, patientId: string): Promise<boolean> {
  if (await store.sees(visibility, stored)) return true;
  if (stored.type !== 'Task' || visibility.kind === 'all') return false;
  const whole = visibility.grants.filter(
    ({ types, patients, having = [] }) =>
      types !== 'any' && types.has('CareTeam') && having.length === 0 && patients?.includes(patientId),
  );
  const asTask = whole.map((grant) => ({ ...grant, types: new Set(['Task']) }));
  return store.sees({ kind: 'limited', grants: asTask }, stored);
}

function groundsIn(resource: Resource, patientId: string): Ground[] {
  if (isOfType(resource, 'Task') && openTasks.has(resource.status) && resource.owner?.reference !== undefined)
    return [{ kind: 'task', patientId, party: resource.owner.reference }];
  if (isOfType(resource, 'EpisodeOfCare') && enrolled.has(resource.status)) {
    const party = resource.managingOrganization?.reference;
    return party === undefined ? [] : [{ kind: 'enrollment', patientId, party }];
  }
  if (!isOfType(resource, 'CareTeam')) return [];
  const { status, period } = resource;
  return (resource.participant ?? []).flatMap(({ member, period: membership }) =>
    member?.reference === undefined
      ? []
      : [{ kind: 'team' as const, patientId, party: member.reference, status, period, membership }],
  );
}
