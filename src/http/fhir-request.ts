import type { Places } from '../access/redact/told-text.ts';
import type { Principal } from '../access/types.ts';
import type { Clock } from '../base/clock.ts';
import type { Issue, Result } from '../base/errors.ts';
import type { Definitions } from '../fhir/definitions.ts';
import type { Resource } from '../fhir/types.ts';
import type { Module, Speaker } from '../module.ts';
import type { Actor, Sql, Store } from '../store/types.ts';
import type { Check } from '../terminology/conformance/check.ts';
import type { Terms } from '../terminology/terms.ts';
import type { Route } from './route.ts';

/** A FHIR interaction, free of its transport: made from an HTTP request or from a Bundle entry. */
export interface FhirRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** Undefined where several types are meant: the system, or `*` of a compartment. */
  type?: string;
  id?: string;
  version?: string;
  /** The resource whose compartment is searched. */
  compartment?: { type: string; id: string };
  /** Search and control parameters, decoded, in the order given. */
  query: readonly (readonly [string, string])[];
  body?: unknown;
  ifMatch?: string;
  ifNoneMatch?: string;
  ifModifiedSince?: string;
  ifNoneExist?: string;
  /** The Prefer header as it came. */
  prefer?: string;
  /** Of an operation: the media type beside JSON that was asked for. */
  format?: string;
  /** What it asks for refers to nothing that the caller sees: a search finds nothing. */
  findsNothing?: boolean;
}

/** What an interaction answers with. `json` is exact text from the store and wins over `resource`. */
export interface FhirResponse {
  status: number;
  json?: string;
  /** Where the records of a page stand in it. */
  places?: Places;
  /** `json` as it is sent. */
  bytes?: Buffer;
  resource?: Resource;
  /** In the place of either: a document that an operation made, as it is to be sent. */
  raw?: { contentType: string; bytes: Buffer; name: string };
  etag?: string;
  lastModified?: string;
  location?: string;
  /** Further headers of this answer. */
  headers?: Readonly<Record<string, string>>;
  /** Is as its caller is told it already. */
  isTold?: true;
  /** Was made earlier: nobody watched what it was made of being read now. */
  isLate?: boolean;
  /** Makes `Prefer: return=minimal` leave the body away. */
  write?: boolean;
  /** Of a write: warnings and information that validation gave; `Prefer: return=OperationOutcome` shows them. */
  remarks?: readonly Issue[];
}

/** What every interaction may use. Made once per request by the server. */
export interface FhirContext {
  principal: Principal;
  actor: Actor;
  store: Store;
  definitions: Definitions;
  validate: Check;
  /** What searches by value set and by subsumption ask; without it they are refused. */
  terms?: Terms;
  /** Without a trailing slash, e.g. `http://127.0.0.1:8080/fhir`. */
  baseUrl: string;
  pageLinks: PageLinks;
  clock: Clock;
  /** Which records several people edit at once (module.ts). */
  editedByMany?: Module['editedByMany'];
  /** Of a caller who says some records in words of its own. */
  speaker?: Speaker;
  /** What the server asked of the whole request (access/redact), for a request within a Bundle. `within`: the transaction in which it is asked. */
  guard?: (
    route: Route,
    request: FhirRequest,
    within?: Sql,
  ) => Promise<Result<{ request: FhirRequest; principal: Principal }>>;
}

/** Seals the place of a next page into a link that only the same caller can open. */
export interface PageLinks {
  seal(page: PagePlace, principal: Principal): string;
  open(token: string, principal: Principal): Result<PagePlace>;
}

export interface PagePlace {
  /** The path of what is paged, below the base. */
  type: string;
  query: readonly (readonly [string, string])[];
  cursor: string;
  /** What was ignored on the page before is ignored on this one too. */
  lenient?: boolean;
}

export type Interaction = (request: FhirRequest, context: FhirContext) => Promise<Result<FhirResponse>>;

/** Runs whatever a route names: the table of interactions. */
export type Interactions = (route: Route, request: FhirRequest, context: FhirContext) => Promise<Result<FhirResponse>>;
