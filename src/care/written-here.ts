import type { Result } from '../base/errors.ts';
import { ok } from '../base/errors.ts';
import type { Resource } from '../fhir/types.ts';
import type { Actor, Change, Tx, WriteCheck } from '../store/types.ts';

/** The sync writes mirrors, and mirrors are as the EHR sent them. */
function isSync(actor: Actor): boolean {
  return actor.kind === 'system' && actor.id === 'ehr';
}

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
