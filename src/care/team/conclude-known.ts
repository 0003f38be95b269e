import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { concludeWritten } from '../written-here.ts';
import { isKnown } from './known-people.ts';

const rule = 'known-people';

/**
 * A person gives a Task to somebody who is here, and takes nobody else into a care team: a Task of an owner who never was stands in nobody's queue,
 * and is not even nobody's. Machines tell what was recorded elsewhere, in an order of their own; and whoever signs in is somebody, with a record
 * in the directory or without.
 */
export const concludeKnownPeople: readonly WriteConclusion[] = [
  concludeWritten(rule, 'Task', (after, before, tx) => {
    const named = [ownerOf(after)].filter((one) => one !== ownerOf(before));
    const text =
      'Whoever is to do a Task is somebody, or an organization, that is here. Look for them in the directory.';
    return areKnown(named, tx, text, 'Task.owner');
  }),
  concludeWritten(rule, 'CareTeam', (after, before, tx) => {
    const had = new Set(membersOf(before));
    const named = membersOf(after).filter((one) => !had.has(one));
    const text =
      'A member of a care team is somebody, or an organization, that is here. Look for them in the directory.';
    return areKnown(named, tx, text, 'CareTeam.participant.member');
  }),
];

function ownerOf(resource: Resource | undefined): string | undefined {
  return isOfType(resource, 'Task') ? localReference(resource.owner) : undefined;
}

function membersOf(resource: Resource | undefined): (string | undefined)[] {
  return isOfType(resource, 'CareTeam') ? (resource.participant ?? []).map(({ member }) => localReference(member)) : [];
}

async function areKnown(
  named: readonly (string | undefined)[],
  tx: Tx,
  text: string,
  expression: string,
): Promise<Result<void>> {
  if (tx.actor.kind !== 'user') return ok(undefined);
  for (const one of new Set(named)) {
    const isThere = one === undefined || one === tx.actor.id || (await isKnown(tx, one));
    if (!isThere) return refuse(rule, text, expression);
  }
  return ok(undefined);
}
