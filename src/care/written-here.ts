import type { Result } from '../base/errors.ts';
import { ok } from '../base/errors.ts';
import type { Resource } from '../fhir/types.ts';
import { isSync } from '../store/sync-actor.ts';
import type { Change, Tx, WriteCheck, WriteConclusion } from '../store/types.ts';

/** A rule for resources that people and programs write here: deletes pass, and so does what the sync brings from an EHR. */
export function checkWritten(
  name: string,
  type: string,
  rule: (after: Resource, before: Resource | undefined, tx: Tx, change: Change) => Promise<Result<void>> | Result<void>,
): WriteCheck {
  return {
    name,
    types: [type],
    check: async (change: Change, tx: Tx) => {
      const { after, before } = change;
      return after === undefined || isSync(tx.actor) ? ok(undefined) : rule(after, before, tx, change);
    },
  };
}

/**
 * The same for a rule about what stands beside the resource: asked at the end of the transaction, when everything that came with it is there,
 * of the last version of each resource.
 */
export function concludeWritten(
  name: string,
  type: string,
  rule: (after: Resource, before: Resource | undefined, tx: Tx) => Promise<Result<void>>,
): WriteConclusion {
  return {
    name,
    async conclude(changes, tx) {
      if (isSync(tx.actor)) return ok(undefined);
      const last = new Map<string, { after: Resource | undefined; before: Resource | undefined }>();
      for (const { type: written, id, after, before } of changes) {
        // What was there before the transaction, not what it wrote on the way.
        if (written === type) last.set(id, { after, before: last.has(id) ? last.get(id)?.before : before });
      }
      for (const { after, before } of last.values()) {
        const done = after === undefined ? ok(undefined) : await rule(after, before, tx);
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}
