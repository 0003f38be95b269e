import type { Principal } from './access/types.ts';
import type { Clock } from './base/clock.ts';
import type { Result } from './base/errors.ts';
import type { Logger } from './base/log.ts';
import type { SearchQuery } from './fhir/search/query.ts';
import type { Resource } from './fhir/types.ts';
import type { Sql, Store, WriteCheck, WriteConclusion, WriteEffect } from './store/types.ts';

/**
 * What a room of rings 4 and 5 offers to the house: one plain object, listed in `app.ts`. The edge knows rooms by this type alone.
 */
export interface Module {
  name: string;
  checks?: readonly WriteCheck[];
  effects?: readonly WriteEffect[];
  conclusions?: readonly WriteConclusion[];
  operations?: readonly Operation[];
  /**
   * Which records several people edit at once. Of one that a person sends back without If-Match, the version that it says it is (`meta.versionId`) is
   * taken for it, and one that says none is refused: what others have put in since is not overwritten unseen.
   */
  editedByMany?: readonly ((resource: Resource) => boolean)[];
  jobs?: readonly JobHandler[];
  hooks?: readonly CdsService[];
  commands?: readonly Command[];
  gauges?: readonly RoomGauge[];
}

/** A number that operators watch, read when it is asked for. Labels never hold a person's data. */
export interface RoomGauge {
  name: string;
  help: string;
  labelNames: readonly string[];
  read(sql: Sql): Promise<{ labels: Readonly<Record<string, string>>; value: number }[]>;
}

/**
 * Partners whose systems say some records in words of their own. The edge knows nothing of the words: it lets what comes be understood before the
 * rules, and what leaves be said, by whoever speaks.
 */
export interface Translation {
  /** Undefined for a caller who says everything as it is kept. */
  speaker(principal: Principal): Promise<Speaker | undefined>;
}

export interface Speaker {
  /** The types that it says in another way. */
  types: ReadonlySet<string>;
  /** One record as this caller says it. */
  tell(resource: Resource): Resource;
  /** What this caller says, as it is kept; `stored`: the version that it would replace. Errors: words that nobody understands. */
  hear(resource: Resource, stored: Resource | undefined): Result<Resource>;
  /** A search in the caller's words, as one for what is kept. */
  ask(query: SearchQuery): SearchQuery;
}

/** One command of the command line, e.g. `sync run`. `ops/command-line.ts` finds it, reads its options and prints what it says. */
export interface Command {
  /** One to three words. */
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** Names of positional arguments, in order, e.g. `['site']`. */
  takes?: readonly string[];
  options?: Readonly<Record<string, CommandOption>>;
  /** Changes who may do what: the audit trail holds that it was run before it runs (TH-66). */
  administers?: true;
  run(input: CommandInput): Promise<Result<void>>;
}

export interface CommandOption {
  kind: 'text' | 'flag' | 'list';
  help: string;
  required?: boolean;
}

export interface CommandInput {
  /** Positional arguments by name. */
  arguments: Readonly<Record<string, string>>;
  text(option: string): string | undefined;
  flag(option: string): boolean;
  list(option: string): string[];
  store: Store;
  clock: Clock;
  log: Logger;
  /** One line to standard output. */
  print(line: string): void;
  /** A line of progress to standard error. */
  progress(line: string): void;
}

export interface OperationRequest {
  principal: Principal;
  store: Store;
  /** Instance-level operations: the id in the URL. */
  id?: string;
  resourceType?: string;
  /** Input parameters by name: from the query string (GET) or the Parameters resource (POST), as text or parsed part. */
  parameters: OperationParameters;
  requestId: string;
  /**
   * Writes a transaction Bundle as the caller, by every rule that a Bundle of theirs would meet, and answers with its transaction-response.
   * Absent where nothing can be written. `provenance`: what the operation knows of where it comes from, in the place of a client's own account.
   */
  transact?(bundle: Resource, options?: { provenance?: Resource }): Promise<Result<Resource>>;
  /** What a write of this resource would be refused for by the base definitions and the profiles that it claims. */
  check?(resource: Resource): Promise<Result<void>>;
  /** Which of the operation's `formats` was asked for; absent: JSON. */
  format?: string;
  /** Of an operation that takes long: how far it has come, in a few words without a person's data. */
  progress?(text: string): void;
}

export interface OperationParameters {
  /** The single value of a primitive parameter as text; undefined when absent. */
  text(name: string): string | undefined;
  texts(name: string): string[];
  resource(name: string): Resource | undefined;
  /** All of this name, in their order. */
  resources?(name: string): Resource[];
  /** The value of a parameter of a complex type (Coding, CodeableConcept …), as it came. */
  value?(name: string): unknown;
  /** Of each parameter of this name that has parts: its parts. */
  parts?(name: string): OperationParameters[];
}

/** A FHIR operation (R4, operations.html), declared as data plus one handler. */
export interface Operation {
  /** Without the dollar sign. */
  name: string;
  /** Canonical URL of its OperationDefinition. */
  definition: string;
  level: 'system' | 'type' | 'instance';
  /** For type and instance level; absent: every type. The handler then asks for the scopes itself. */
  resourceType?: string;
  /** True: POST only. */
  affectsState: boolean;
  /** May be asked to answer later (`Prefer: respond-async`). */
  later?: true;
  /**
   * Media types beside JSON in which it answers (`text/html`, `application/pdf`): it is told which was asked for, and answers with a Binary of
   * that type, whose bytes are sent as they are. Nothing is taken out of them any more: they have to be made of what the caller may be told.
   */
  formats?: readonly string[];
  /** Names of its input parameters. With them, one that it does not have is refused unless the caller prefers lenient handling. */
  parameters?: readonly string[];
  /** Scopes the caller needs, as [type, interaction letters], all of them. The patient limit of patient/ scopes is the handler's to keep, through `visibilityOf`. */
  requires: readonly (readonly [type: string, interactions: string])[];
  handle(request: OperationRequest): Promise<Result<Resource>>;
  /**
   * In the place of `handle` where JSON is asked for: the answer as it is written. Nothing is taken out of it any more: it has to be made of what
   * the caller may be told, and told as the caller is told it.
   */
  text?(request: OperationRequest): Promise<Result<Written>>;
}

/** JSON as text, and the same as bytes of UTF-8: who keeps a long answer keeps it as it is sent. */
export interface Written {
  json: string;
  bytes: Buffer;
}

export interface Job {
  kind: string;
  key: string;
  payload: Record<string, unknown>;
  attempt: number;
}

export interface JobHandler {
  kind: string;
  /** Runs one job. An error is tried again with back-off, then kept as dead for an operator to see. */
  run(job: Job, context: { store: Store; log: Logger; clock: Clock }): Promise<Result<void>>;
}

/** A CDS Hooks 2.0 service. `http/cds-services.ts` serves and authenticates it; the room answers with cards. */
export interface CdsService {
  id: string;
  hook: 'patient-view';
  title: string;
  description: string;
  /** `patientId` is ours already: the edge has mapped the EHR's id through the crosswalk. */
  cards(request: {
    patientId: string;
    ehrUser?: string;
    store: Store;
    /** Of some records what the user who will look at the cards may see; absent: all. */
    shown?: (resources: readonly Resource[]) => Promise<Resource[]>;
  }): Promise<Result<CdsCard[]>>;
}

export interface CdsCard {
  uuid: string;
  summary: string;
  detail?: string;
  indicator: 'info' | 'warning' | 'critical';
  source: { label: string; url?: string };
  links?: { label: string; url: string; type: 'smart' | 'absolute' }[];
}
