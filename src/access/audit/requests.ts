import { ok, type Result } from '../../base/errors.ts';
import type { ShownBefore, Store, Stored } from '../../store/types.ts';
import type { Principal } from '../types.ts';
import type { Act } from './acts.ts';
import type { AuditEntry, Outcome, Who } from './entry.ts';
import type { AuditTrail } from './trail.ts';
import { watchStore } from './watched-store.ts';

/** What is known of a request when it comes. */
export interface Asked {
  act: Act;
  requestId: string;
  /** Method, path and parameters. */
  query: string;
  address?: string;
  /** `Type/id` that the address names. */
  target?: string;
  detail?: string;
}

/** One request on its way through the house. */
export interface WatchedRequest {
  /** What this request reads here is noted. */
  store: Store;
  /** Who asks, once it is known. */
  by(principal: Principal): void;
  who(who: Partial<Who>): void;
  /**
   * More that was learned on the way. `isPlain`: of a read, that what it finds is answered as it is, with 200; then the read itself may tell of it.
   */
  about(more: { act?: Act; query?: string; patients?: readonly string[]; detail?: string; isPlain?: boolean }): void;
  /** Nothing is told of it: for what is counted elsewhere. */
  drop(): void;
  /** Waits until the trail holds what came of it. Error `busy`: it does not, so nothing may be answered but that. */
  end(outcome: Outcome, status: number): Promise<Result<void>>;
}

/** Requests under way by their ids, so that what a transaction writes for one of them is told with what the request is. */
export interface Requests {
  watch(asked: Asked, parts: { store: Store; trail: AuditTrail }): WatchedRequest;
  /** For the commit of a transaction: what is known so far. Undefined: nobody's request. */
  underWay(requestId: string): UnderWay | undefined;
}

/** What a transaction's own entry takes from its request. */
export interface UnderWay {
  /** With all that was read so far only where the transaction is the whole request: a batch's entries are of different children. */
  entry(): AuditEntry;
  /** The transaction has told of it, with its commit. */
  written(): void;
}

export interface RequestParts {
  /** True for types whose records are some patient's, or might be. */
  isPersonal(type: string): boolean;
  /** The patients that this version names. */
  patientsOf(json: string): readonly string[];
  /** How a reference with our whole address to a patient begins in a record's text. */
  wholeReference: string;
}

/** What an answer of records that are kept tells. */
interface Telling {
  references: readonly string[];
  patients: ReadonlySet<string>;
}

/** Acts that are one transaction and nothing else: its commit tells of them. */
const told: ReadonlySet<Act> = new Set(['create', 'update', 'patch', 'delete', 'transaction']);

export function createRequests({ isPersonal, patientsOf, wholeReference }: RequestParts): Requests {
  const known = new Map<string, UnderWay>();
  /** What is told again is told often: what the trail says of it is looked for once. */
  const tellings = new WeakMap<ShownBefore, Telling>();
  const tellingOf = ({ records, beside }: ShownBefore): Telling => {
    const some = [...records, ...beside].filter(({ type }) => isPersonal(type));
    return {
      references: some.map(({ type, id }) => `${type}/${id}`),
      patients: new Set(some.flatMap(({ type, id, json }) => (type === 'Patient' ? [id] : patientsOf(json)))),
    };
  };
  return {
    underWay: (requestId) => known.get(requestId),
    watch(asked, { store, trail }) {
      const touched = new Set<string>(asked.target === undefined ? [] : [asked.target]);
      const patients = new Set<string>();
      const unknown = new Set(touched);
      let { act, query, detail } = asked;
      let who: Who = asked.address === undefined ? {} : { address: asked.address };
      let isTold = false;
      let isPlain = false;
      /** Told by its read, as a success with 200 and nothing else touched. */
      let isToldByRead = false;
      const one = (stored: Stored) => {
        isToldByRead = false;
        // Who looks into the trail is told what others touched: by that nothing of it is touched again.
        if (act === 'audit-read' || !isPersonal(stored.type)) return;
        const reference = `${stored.type}/${stored.id}`;
        touched.add(reference);
        // What this very version says: the record may have been another child's before, and may be again.
        if (stored.type === 'Patient') patients.add(stored.id);
        else if (stored.deleted) unknown.add(reference);
        else for (const id of patientsOf(stored.json)) patients.add(id);
        if (!stored.deleted) unknown.delete(reference);
      };
      const again = (before: ShownBefore) => {
        isToldByRead = false;
        if (act === 'audit-read') return;
        const its = tellings.get(before) ?? tellingOf(before);
        tellings.set(before, its);
        for (const reference of its.references) {
          touched.add(reference);
          unknown.delete(reference);
        }
        for (const id of its.patients) patients.add(id);
      };
      const entry = (outcome: Outcome, status?: number): AuditEntry => ({
        act,
        outcome,
        who,
        requestId: asked.requestId,
        query,
        touched: [...touched],
        lookUp: [...unknown],
        ...(patients.size > 0 && { patients: [...patients] }),
        ...(detail !== undefined && { detail }),
        ...(status !== undefined && { status }),
      });
      const beside = (type: string, id: string) => {
        const isWhole = isPlain && act === 'read' && asked.target === `${type}/${id}` && isPersonal(type);
        // Once: read again, something else may be there.
        isPlain = false;
        const told = isWhole
          ? trail.beside?.(entry('success', 200), type === 'Patient' ? undefined : wholeReference)
          : undefined;
        const done = (stored: Stored | undefined) => {
          if (stored?.deleted) one(stored);
          isToldByRead = stored?.deleted === false;
        };
        return told && { beside: told, done };
      };
      known.set(asked.requestId, {
        entry: () => (told.has(act) ? entry('success') : { ...entry('success'), touched: [], patients: [] }),
        written: () => {
          isTold = told.has(act);
        },
      });
      return {
        store: watchStore(store, { one, again, beside }, () => {
          // Tried again, it may find that there is nothing to write.
          isTold = false;
        }),
        by(principal) {
          who = { ...who, ...whoIs(principal) };
        },
        who(more) {
          who = { ...who, ...more };
        },
        about(more) {
          act = more.act ?? act;
          query = more.query ?? query;
          detail = more.detail ?? detail;
          isPlain = more.isPlain ?? isPlain;
          for (const id of more.patients ?? []) patients.add(id);
        },
        drop() {
          known.delete(asked.requestId);
        },
        async end(outcome, status) {
          known.delete(asked.requestId);
          if (isToldByRead && outcome === 'success' && status === 200) return ok(undefined);
          return isTold && outcome === 'success' ? ok(undefined) : trail.record(entry(outcome, status));
        },
      };
    },
  };
}

/** What the trail says of a principal. */
export function whoIs(principal: Principal): Who {
  const { clientId, fhirUser, view, tokenId, purposes = [] } = principal;
  return {
    client: clientId,
    ...(fhirUser !== undefined && { person: fhirUser }),
    ...(tokenId !== undefined && { token: tokenId }),
    ...(purposes.length > 0 && { purpose: purposes }),
    ...(view !== undefined && { policy: view.policy }),
    ...(view?.emergency !== undefined && { opened: view.emergency.open }),
  };
}
