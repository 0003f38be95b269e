import { limits } from '../../base/limits.ts';
import type { Act } from './acts.ts';

/** Who did it. Never a name: ids and references only. */
export interface Who {
  client?: string;
  /** `Practitioner/…`, `RelatedPerson/…`, `Patient/…`; absent: nobody but the client. */
  person?: string;
  /** The jti of the access token. */
  token?: string;
  /** Codes of v3-PurposeOfUse, e.g. `TREAT`. */
  purpose?: readonly string[];
  /** True: break-the-glass itself, its begin or end. */
  emergency?: boolean;
  /** Ids of the patients whose records this person has opened by break-the-glass: what touches them is flagged. */
  opened?: readonly string[];
  /** Version of the privacy policy that was followed. */
  policy?: string;
  /** Network address of the caller. */
  address?: string;
}

/** `refused`: by a rule, or for what the request was; `failed`: by a fault of ours. */
export type Outcome = 'success' | 'refused' | 'failed';

/** One thing that was done, or that somebody tried. No values of records. */
export interface AuditEntry {
  act: Act;
  outcome: Outcome;
  who: Who;
  /** The X-Request-Id that the caller was answered. */
  requestId?: string;
  /** HTTP status. */
  status?: number;
  /** Ids of the patients whose records were touched, as far as the caller knows them. */
  patients?: readonly string[];
  /** `Type/id` of what was read or written, or asked for. */
  touched?: readonly string[];
  /** Of these, whose patients the caller does not know: they are looked up. */
  lookUp?: readonly string[];
  /** Method, path and parameters as they came: for requests. */
  query?: string;
  /** Name of the operation or hook, or a word that says more about a security act (`refresh_token`, `second-factor`). Never a value. */
  detail?: string;
}

/** What is kept of an entry, as it stands in one line of JSON. Absent where there is nothing to say. */
export interface KeptEntry {
  /** Instant, UTC. */
  at: string;
  act: string;
  outcome: Outcome;
  status?: number;
  client?: string;
  person?: string;
  token?: string;
  purpose?: string[];
  emergency?: true;
  opened?: string[];
  policy?: string;
  address?: string;
  request?: string;
  detail?: string;
  /** Base64 of UTF-8, as AuditEvent.entity.query has it. */
  query?: string;
  touched?: string[];
  /** How many more were touched than are named. */
  more?: number;
}

/**
 * The line of JSON that is kept. Its texts hold neither NUL nor half characters, which PostgreSQL would not read again; the query is
 * base64, so that it cannot.
 */
export function entryText(entry: AuditEntry, at: Date): string {
  const { who, touched = [] } = entry;
  const { touched: most, queryBytes } = limits.audit;
  const kept: KeptEntry = { at: at.toISOString(), act: entry.act, outcome: entry.outcome };
  if (entry.status !== undefined) kept.status = entry.status;
  if (who.client !== undefined) kept.client = plain(who.client);
  if (who.person !== undefined) kept.person = plain(who.person);
  if (who.token !== undefined) kept.token = plain(who.token);
  if (who.purpose && who.purpose.length > 0) kept.purpose = who.purpose.map(plain);
  if (who.emergency) kept.emergency = true;
  if (who.opened && who.opened.length > 0) kept.opened = who.opened.map(plain);
  if (who.policy !== undefined) kept.policy = plain(who.policy);
  if (who.address !== undefined) kept.address = plain(who.address);
  if (entry.requestId !== undefined) kept.request = plain(entry.requestId);
  if (entry.detail !== undefined) kept.detail = plain(entry.detail);
  if (entry.query !== undefined) kept.query = Buffer.from(entry.query.slice(0, queryBytes)).toString('base64');
  if (touched.length > 0) kept.touched = touched.slice(0, most).map(plain);
  if (touched.length > most) kept.more = touched.length - most;
  return JSON.stringify(kept);
}

/** Longer texts are none of ours. */
const longest = 1000;

function plain(text: string): string {
  const short = text.length > longest ? text.slice(0, longest) : text;
  return short.isWellFormed() && !short.includes('\0') ? short : short.toWellFormed().replaceAll('\0', '');
}
