import type { ScopeSet } from '../../access/scopes.ts';
import type { Parameters } from '../parameters.ts';
import type { Refusal } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import type { Client, CodeGrant, Launch, Session } from '../types.ts';

/** The columns of the table of checks. */
export type Endpoint = 'authorize' | 'code' | 'backend';

/**
 * One OAuth request on its way through the checks. Each check may fill in what it has made sure of; a later one takes it from
 * here. Until a check has filled it in, a part is absent, and so cannot be trusted by mistake.
 */
export interface Exchange {
  readonly endpoint: Endpoint;
  readonly parameters: Parameters;
  /** Value of our session cookie, as sent. */
  readonly sessionCookie?: string;
  client?: Client;
  redirectUri?: string;
  scopes?: ScopeSet;
  session?: Session;
  launch?: Launch;
  grant?: CodeGrant;
}

/** One rule. Answers with a refusal, or with nothing when the request may go on. */
export type Check = (exchange: Exchange, room: AuthRoom) => Promise<Refusal | undefined> | Refusal | undefined;

/** A part an earlier check must have filled in. Its absence is a fault in the order of the table, not the client's. */
export function settled<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`the table of checks reached a check before "${name}" was settled`);
  return part;
}
