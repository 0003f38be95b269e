import type { ScopeSet } from '../../access/scopes.ts';
import type { PatientChoice } from '../launch-context/directory.ts';
import type { Parameters } from '../parameters.ts';
import type { FoundRefresh } from '../refresh.ts';
import type { Refusal } from '../refusal.ts';
import type { AuthRoom } from '../room.ts';
import type { Client, CodeGrant, FhirContextItem, Launch, Session } from '../types.ts';

/** The columns of the table of checks. */
export type Endpoint = 'authorize' | 'code' | 'refresh' | 'backend' | 'revoke' | 'introspect';

/**
 * One OAuth request on its way through the checks. Each check may fill in what it has made sure of; a later one takes it from
 * here. Until a check has filled it in, a part is absent, and so cannot be trusted by mistake.
 */
export interface Exchange {
  readonly endpoint: Endpoint;
  readonly parameters: Parameters;
  /** Value of the session cookie of a hospital's launch, and of the one of an account's sign-in, as sent. */
  readonly sessionCookie?: string | undefined;
  readonly accountCookie?: string | undefined;
  /** The Authorization header, as sent to one of the token's endpoints. */
  readonly authorization?: string;
  client?: Client;
  redirectUri?: string;
  scopes?: ScopeSet;
  session?: Session;
  launch?: Launch;
  /** For what the token is asked (codes of v3-PurposeOfUse); absent: for all that the client is registered for. */
  purposes?: readonly string[];
  /** The child in context, when the person has chosen one or a launch has brought one. */
  patientId?: string;
  patient?: PatientChoice;
  encounterId?: string;
  /** Records that the person has chosen beside these (SC-062). */
  fhirContext?: readonly FhirContextItem[];
  /** As whom the person acts towards that child (SC-092). */
  fhirUser?: string;
  grant?: CodeGrant;
  refresh?: FoundRefresh;
  /** The refresh token to answer with. */
  nextRefresh?: string;
}

/** One rule. Answers with a refusal, or with nothing when the request may go on. */
export type Check = (exchange: Exchange, room: AuthRoom) => Promise<Refusal | undefined> | Refusal | undefined;

/** A part an earlier check must have filled in. Its absence is a fault in the order of the table, not the client's. */
export function settled<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new Error(`the table of checks reached a check before "${name}" was settled`);
  return part;
}
