import type { AuditTrail } from '../access/audit/trail.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { AccessTokens } from './access-token.ts';
import type { Assertions } from './assertions.ts';
import type { ClientKeys } from './client-keys.ts';
import type { Clients } from './clients.ts';
import type { Codes } from './codes.ts';
import type { Launches } from './launches.ts';
import type { WebOrigins } from './origins.ts';
import type { Sessions } from './sessions.ts';
import type { SigningKeys } from './signing-keys.ts';

/** What checks and endpoints work with: put together once, in `auth.ts`. */
export interface AuthRoom {
  clock: Clock;
  log: Logger;
  trail: AuditTrail;
  publicUrl: string;
  fhirBaseUrl: string;
  /** The audience of every client assertion. */
  tokenUrl: string;
  resourceTypes: ReadonlySet<string>;
  clients: Clients;
  webOrigins: WebOrigins;
  clientKeys: ClientKeys;
  assertions: Assertions;
  sessions: Sessions;
  launches: Launches;
  codes: Codes;
  signingKeys: SigningKeys;
  tokens: AccessTokens;
  /** Removes what has expired, now and then. */
  sweep(): Promise<void>;
}
