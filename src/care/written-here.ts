import type { Result } from '../base/errors.ts';
import { ok } from '../base/errors.ts';
import type { Resource } from '../fhir/types.ts';
import { isSync } from '../store/sync-actor.ts';
import type { Change, Tx, WriteCheck, WriteConclusion } from '../store/types.ts';
import { currentOf } from './stored.ts';

type Rule = (
  after: Resource,
  before: Resource | undefined,
  tx: Tx,
  change: Change,
) => Promise<Result<void>> | Result<void>;

/**
 * A rule for resources that people and programs write here: deletes pass, and so does what the sync brings from an EHR. A deleted record that is
 * brought back under its name is asked about twice, as a new one and as a change of what was deleted (`deletedBefore`): a rule that writes has to stand that.
 */
export function checkWritten(name: string, type: string, rule: Rule): WriteCheck {
  return {
    name,
    types: [type],
    check: async (change: Change, tx: Tx) => {
      const { after, before } = change;
      if (after === undefined || isSync(tx.actor)) return ok(undefined);
      const allowed = await rule(after, before, tx, change);
      const deleted = allowed.ok ? await deletedBefore(change, tx) : undefined;
      return deleted === undefined ? allowed : rule(after, deleted, tx, change);
    },
  };
}

type Conclusion = (after: Resource, before: Resource | undefined, tx: Tx) => Promise<Result<void>>;

/**
 * The same for a rule about what stands beside the resource: asked at the end of the transaction, when everything that came with it is there,
 * of the last version of each resource.
 */
export function concludeWritten(name: string, type: string, rule: Conclusion): WriteConclusion {
  return {
    name,
    async conclude(changes, tx) {
      if (isSync(tx.actor)) return ok(undefined);
      for (const { first, after } of lastOf(type, changes)) {
        if (after === undefined) continue;
        const allowed = await rule(after, first.before, tx);
        const deleted = allowed.ok ? await deletedBefore(first, tx) : undefined;
        const done = deleted === undefined ? allowed : await rule(after, deleted, tx);
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}

/** Writes, at the end of the transaction, what follows from the last version of each resource; asked once of each. */
export function followWritten(name: string, type: string, follow: Conclusion): WriteConclusion {
  return {
    name,
    async conclude(changes, tx) {
      if (isSync(tx.actor)) return ok(undefined);
      for (const { first, after } of lastOf(type, changes)) {
        const done = after === undefined ? ok(undefined) : await follow(after, first.before, tx);
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}

/** Of each resource what the transaction did first, with what was there before it and not what it wrote on the way, and the last version. */
function lastOf(type: string, changes: readonly Change[]): Iterable<{ first: Change; after: Resource | undefined }> {
  const last = new Map<string, { first: Change; after: Resource | undefined }>();
  for (const change of changes) {
    if (change.type === type) last.set(change.id, { first: last.get(change.id)?.first ?? change, after: change.after });
  }
  return last.values();
}

/**
 * What was deleted, however long ago, where a record is brought back under its name: whoever deletes it first makes no more of it than a change may.
 * Undefined for every other write.
 */
export async function deletedBefore(
  { type, id, outcome, isNew, stored }: Change,
  tx: Pick<Tx, 'read' | 'readVersion'>,
): Promise<Resource | undefined> {
  if (outcome !== 'created' || isNew) return undefined;
  const version = stored ? stored.version - 1 : (await tx.read(type, id))?.version;
  // The version that says "deleted" comes after the last one that said something.
  return version === undefined || version < 2 ? undefined : currentOf(await tx.readVersion(type, id, version - 1));
}
