import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import type { Actor, Change, WriteConclusion } from '../../store/types.ts';
import type { Act } from './acts.ts';
import type { AuditEntry } from './entry.ts';
import { insertion } from './insert.ts';
import type { Requests } from './requests.ts';

/**
 * Tells of everything that a transaction wrote, in its own commit: both are there, or neither. A request's entry says what the request was; a
 * room of the server, a job or a command is told of by its name.
 */
export function recordWrites({ requests, clock }: { requests: Requests; clock: Clock }): WriteConclusion {
  return {
    name: 'audit',
    async conclude(changes, tx) {
      const request = requests.underWay(tx.actor.requestId);
      const base = request?.entry() ?? entryOf(tx.actor, changes);
      const written = changes.map(({ type, id }) => `${type}/${id}`);
      const touched = [...new Set([...written, ...(base.touched ?? [])])];
      const patients = [...new Set([...(base.patients ?? []), ...changes.flatMap((change) => change.patients ?? [])])];
      const act = base.act === 'batch' || base.act === 'operation' ? actOf(changes) : base.act;
      // Whose what was written is, the store has said.
      const entry: AuditEntry = { ...base, act, outcome: 'success', touched, patients, lookUp: [] };
      const { text, values } = insertion([entry], clock.now());
      tx.atEnd(text, values, { isList: true });
      request?.written();
      return ok(undefined);
    },
  };
}

function entryOf(actor: Actor, changes: readonly Change[]): AuditEntry {
  const { kind, id, clientId, requestId } = actor;
  const who = kind === 'user' ? { person: id, ...(clientId !== undefined && { client: clientId }) } : { client: id };
  return { act: kind === 'system' ? 'write' : actOf(changes), outcome: 'success', who, requestId };
}

const actFor = { created: 'create', updated: 'update', deleted: 'delete' } as const;

function actOf([first, ...more]: readonly Change[]): Act {
  return first && more.length === 0 ? actFor[first.outcome] : 'transaction';
}
