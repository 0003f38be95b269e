import type { Result } from '../base/errors.ts';
import type { SearchQuery } from '../fhir/search/query.ts';
import type { Resource } from '../fhir/types.ts';

/**
 * The contract of the store, for every room above it. The one implementation is put together by `createStore` (store.ts).
 * Rooms above never see `pg`: they read and write resources here, and their own tables through `Sql`.
 */

/** One version of a resource. `json` is the exact text that a read answers with (id and meta included). */
export interface Stored {
  type: string;
  id: string;
  /** 1, 2, 3 …; FHIR's meta.versionId and the ETag. */
  version: number;
  /** Instant with milliseconds, UTC. */
  lastUpdated: string;
  /** True for the version that a delete made; `json` is then empty. */
  deleted: boolean;
  method: 'POST' | 'PUT' | 'DELETE';
  json: string;
}

/** Who makes a change; goes to the change log and, where a module adds one, to Provenance. */
export interface Actor {
  kind: 'client' | 'user' | 'system';
  /** client_id, `Practitioner/…`, or the name of a room ("ehr", "care"). Never a person's name. */
  id: string;
  requestId: string;
  /** The client through which a user acts. */
  clientId?: string;
  /** What whoever writes may read, so that a rule tells of nothing else; absent: everything. */
  sees?: () => Visibility;
  /** The client's own account of what it does, without targets (FHIR R4, provenance.html#header). */
  provenance?: Resource;
}

/**
 * What a reader may see, as a predicate the store puts into every SQL statement: everything (`all`, for trusted inner work only), or the
 * union of grants. No grant, nothing seen. See docs/decisions/access.md.
 */
export type Visibility = { kind: 'all' } | { kind: 'limited'; grants: readonly Grant[]; partly?: Partly };

/**
 * Records of which labelled parts alone are hidden are shown without those parts, by `readSeen`, `search`, `compartment` and, in their
 * present version, `historyOf`; everything else takes such a visibility as one without this, and shows only what it shows whole.
 */
export interface Partly {
  types: ReadonlySet<string>;
  /** The record says that something is left out. */
  marksSubsetted: boolean;
  /** Bits of the categories of which it says that it was left out for privacy. */
  letsKnow: bigint;
}

/** Records that meet every part of it. An old version must meet it as it was, and its record as it is now. */
export interface Grant {
  types: ReadonlySet<string> | 'any';
  /**
   * Ids of patients: records only that are in the compartment of one of them (FHIR R4, CompartmentDefinition/patient) and about that patient: a
   * record of somebody else in which the patient took part, or which is linked to the patient, is not (`subjectParams`). `reachOf` says
   * what of the types outside of the compartment, and of lists of patients: those that name nobody else. Absent: of anybody.
   */
  patients?: readonly string[];
  /** Ids of patients: never a record that is in the compartment of one of them, whoever else's it is. */
  except?: readonly string[];
  /** All of these: what granular scopes and allow-lists ask for. */
  having?: readonly TokenTest[];
  /** Bits of privacy categories: records of any of them are hidden. */
  hides?: bigint;
}

/**
 * Met by a record that has one of the values in this token search parameter, or that refers by this reference parameter to one of the
 * records. A deleted record has no values any more.
 */
export interface TokenTest {
  param: string;
  /** Without a system: the code in any. */
  anyOf: readonly { system?: string; code: string }[];
  /** `Type/id`. */
  refersTo?: readonly string[];
}

export const seesAll: Visibility = { kind: 'all' };

export interface SearchPage {
  /** Matches in order, at most `query.count`. */
  matches: Stored[];
  /** _include and _revinclude results, without duplicates of each other or of matches. */
  included: Stored[];
  /** Only when the query asked for it (`_total=accurate`, `_summary=count`). */
  total?: number;
  /** Where the next page starts; absent on the last page. Opaque outside the store. */
  next?: string;
}

/** What of patients' compartments is asked for. */
export interface CompartmentQuery {
  /** Absent: of every patient that is there. */
  patientId?: string;
  types: readonly string[];
  /** Changed at or after this instant. */
  since?: string;
  count: number;
  cursor?: string;
}

/** What was read of a patient's record, to be asked whether it is still so. */
export interface ShownBefore {
  patientId: string;
  types: readonly string[];
  /** What `compartment` showed, in its order. */
  records: readonly Stored[];
  /** Records of nobody that were read besides. */
  beside: readonly Stored[];
  /** Read before the rest. */
  lastProvenance: string | undefined;
  /** The same as the database is asked of it, written once for many times. */
  compared: { shown: string; besideTypes: string; besideIds: string; besideVersions: string };
}

/** Which versions of a history are asked for. */
export interface HistoryFilter {
  /** Written at or after this instant. */
  since?: string;
  /** Current at some point of this stretch of time: [start, end). */
  at?: { start: string; end: string };
}

export interface HistoryPage {
  versions: Stored[];
  total: number;
  next?: string;
}

/** Parameterized SQL for a room's own tables. Values only ever go in as parameters. A statement with a `name` is prepared once per connection. */
export interface Sql {
  query<Row extends object>(text: string, values?: readonly unknown[], name?: string): Promise<Row[]>;
}

/** What is written together with a read, in its statement and its commit: both have happened when the read is answered, or neither. */
export interface Beside {
  /** Names the shape of what `write` answers. */
  name: string;
  /** An INSERT … SELECT from `found`, which has the columns of `resource` that make a version, and a row for each that is shown. */
  write(add: (value: unknown, type: string) => string): string;
}

export interface Reader extends Sql {
  /** The current version, deleted ones included (`deleted: true`); undefined when there never was one. */
  read(type: string, id: string): Promise<Stored | undefined>;
  /** The same when the visibility shows it: what is hidden is undefined, like what is not there. */
  readSeen(type: string, id: string, visibility: Visibility): Promise<Stored | undefined>;
  /** Several at once, in one round trip; missing and deleted ones are left out. */
  readMany(references: readonly { type: string; id: string }[]): Promise<Stored[]>;
  readVersion(type: string, id: string, version: number): Promise<Stored | undefined>;
  /** `total` is how many versions there are, whatever the filter. */
  history(
    type: string,
    id: string,
    page: HistoryFilter & { count: number; cursor?: string },
  ): Promise<Result<HistoryPage>>;
  /** Over all resources of the types, newest first: what the visibility shows. */
  historyOf(
    wanted: HistoryFilter & { types: readonly string[]; count: number; cursor?: string },
    visibility: Visibility,
  ): Promise<Result<{ versions: Stored[]; next?: string }>>;
  /** The current resources of a patient's compartment, or of everybody's, in the order they were first written. */
  compartment(wanted: CompartmentQuery, visibility: Visibility): Promise<Result<{ matches: Stored[]; next?: string }>>;
  /** The newest Provenance of a patient's record, as something to be compared (`stillShows`). */
  lastProvenanceOf(patientId: string): Promise<string | undefined>;
  /** Whether what was read of a patient's record would be read again just so: for who keeps what was made of it. */
  stillShows(before: ShownBefore, visibility: Visibility): Promise<boolean>;
  /** The current records about these patients, of some types, in one statement; for trusted inner work: nothing is hidden. */
  recordsOf(patientIds: readonly string[], types: readonly string[]): Promise<{ patientId: string; stored: Stored }[]>;
  search(query: SearchQuery, visibility: Visibility): Promise<Result<SearchPage>>;
  /** True when the visibility lets this stored version be seen. The per-resource twin of the SQL predicate. */
  sees(visibility: Visibility, stored: Stored): Promise<boolean>;
}

export type WriteOutcome = 'created' | 'updated' | 'unchanged' | 'deleted';

export interface Written {
  outcome: WriteOutcome;
  stored: Stored;
}

/** Work within one database transaction. Everything is undone when the function given to `transact` answers with an error. */
export interface Tx extends Reader {
  readonly actor: Actor;
  /** All that it has written so far, in order. */
  readonly changes: readonly Change[];
  /**
   * A new resource; the store sets id (unless `id` is given), meta.versionId and meta.lastUpdated. `isNew` says that the id was made
   * by `newId` for this very resource, so that nobody has to look whether it is taken.
   */
  create(resource: Resource, options?: { id?: string; isNew?: boolean }): Promise<Result<Written>>;
  /**
   * A new version of `resource.id`, or its first (update as create). Equal content keeps the version (`unchanged`).
   * `ifMatch` is the version the caller saw: another one is a `precondition` error, and so is one that is there with `ifAbsent`.
   */
  update(resource: Resource, options?: { ifMatch?: number; ifAbsent?: boolean }): Promise<Result<Written>>;
  /** Deleting what is not there, or is deleted already, is no error: outcome `unchanged`. */
  delete(type: string, id: string, options?: { ifMatch?: number }): Promise<Result<Written | undefined>>;
  /**
   * Locks resources until the end of the transaction, those that are there, all in one statement and in one order: two transactions
   * that name the same ones wait for each other and never deadlock. Reading and writing them asks the database no more.
   */
  hold(references: readonly { type: string; id: string }[]): Promise<void>;
  /** Waits for, then holds until the end of the transaction, locks on any names (conditional criteria, a child's plan), in one order. */
  lock(...names: string[]): Promise<void>;
  /**
   * What nearly always is not there need not be looked for before the commit: true when the transaction may go on as if none of the keys were. That
   * is asked with the commit, before anything is written; when one is there after all, nothing has happened, the work is done again, and the answer
   * is false from then on: look for it. Whoever makes one holds the presumption's lock by `lock`, so that neither misses the other.
   */
  presumesNone(presumption: Presumption, keys: readonly string[]): boolean;
  /** For a room's own tables, by statements of constant text: nothing of the records is read, so what waits to be written need not be sent before. */
  readonly own: Sql;
  /**
   * Runs a statement on a room's own tables together with the commit, in the order of the calls. Nobody sees its rows. `isList`: it adds rows,
   * and its values are their columns, lists of one length; those of other transactions of the moment may be added to them.
   */
  atEnd(text: string, values: readonly unknown[], options?: { isList?: boolean }): void;
  /** Queues a job in this transaction. An unfinished job with the same kind and key is not queued twice. */
  enqueue(job: NewJob): Promise<void>;
  /**
   * Queues, together with the commit, the jobs that a statement of constant text on a room's own tables names: rows of kind, key (text) and
   * payload (jsonb), each kind and key once. As with `atEnd` its values are lists, and those of other transactions of the moment may be added.
   */
  enqueueFound(text: string, values: readonly (readonly unknown[])[]): void;
}

/** Something that is hardly ever there. A constant: what several transactions presume by it is asked once. */
export interface Presumption {
  name: string;
  /** A SELECT of constant text that finds those of the keys (`$1`, a list of text) that are there. */
  text: string;
  /** The name of the lock that whoever makes it holds. */
  lock?: (key: string) => string;
}

export interface NewJob {
  kind: string;
  /** What makes this job one and the same, e.g. a patient id. */
  key: string;
  payload?: Record<string, unknown>;
  runAt?: Date;
}

/** A write that is about to happen or has just happened, in its transaction. */
export interface Change {
  type: string;
  id: string;
  outcome: 'created' | 'updated' | 'deleted';
  /** Its id was made for it in this transaction, so no record that others have written can point to it. */
  isNew?: boolean;
  before?: Resource;
  /** Undefined for a delete. */
  after?: Resource;
  /** Set once the version is written, so for effects only. */
  stored?: Stored;
  /** Whose compartments the resource is in (of a deleted one: was in). Set once the version is written. */
  patients?: readonly string[];
}

/**
 * A rule every write passes, whoever makes it. Checks run before the version is written and may refuse it;
 * effects run after it and write more rows in the same transaction (an outbox row, a stale mark, a job).
 */
export interface WriteCheck {
  name: string;
  types: readonly string[] | 'all';
  check(change: Change, tx: Tx): Promise<Result<void>>;
}
export interface WriteEffect {
  name: string;
  types: readonly string[] | 'all';
  apply(change: Change, tx: Tx): Promise<Result<void>>;
}

/**
 * Sees everything that a transaction wrote, in order, once its work is done, and may write more before the commit (a Provenance).
 * Is not asked when nothing was written; what it writes itself it is not asked about again.
 */
export interface WriteConclusion {
  name: string;
  conclude(changes: readonly Change[], tx: Tx): Promise<Result<void>>;
}

export interface Store extends Reader {
  /** Runs `work` in one transaction: commits when it answers ok, rolls everything back otherwise. Deadlocks and serialization faults are tried again. */
  transact<T>(actor: Actor, work: (tx: Tx) => Promise<Result<T>>): Promise<Result<T>>;
  /** `readSeen`, and what is written beside it. Faults when either cannot be done. */
  readBeside(type: string, id: string, visibility: Visibility, beside: Beside): Promise<Stored | undefined>;
  /**
   * Takes over the search parameters that another process has added, changed or removed; true when there were any. Asked before a search is
   * refused for one that is not known here.
   */
  refresh(): Promise<boolean>;
  /**
   * Of a store that notes what a request reads: the same without. For work of the house that a request merely sets off, whose caller is told
   * sums at most (a population's measures).
   */
  readonly unwatched?: Store;
  close(): Promise<void>;
}
