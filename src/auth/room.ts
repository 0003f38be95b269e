import type { AuditTrail } from '../access/audit/trail.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import type { AccessTokens } from './access-token.ts';
import type { AdminRequests } from './admin/requests.ts';
import type { Assertions } from './assertions.ts';
import type { ClientKeys } from './client-keys.ts';
import type { ClientSecrets } from './client-secrets.ts';
import type { Clients } from './clients.ts';
import type { Codes } from './codes.ts';
import type { Grants } from './grants.ts';
import type { KeyRotation } from './key-rotation.ts';
import type { Launches } from './launches.ts';
import type { WebOrigins } from './origins.ts';
import type { PeopleRoom } from './people/room.ts';
import type { RefreshTokens } from './refresh.ts';
import type { RevokedTokens } from './revoked-tokens.ts';
import type { Sessions } from './sessions.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Granted } from './types.ts';

/** What checks and endpoints work with: put together once, in `auth.ts`. */
export interface AuthRoom extends PeopleRoom {
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
  clientSecrets: ClientSecrets;
  assertions: Assertions;
  sessions: Sessions;
  launches: Launches;
  codes: Codes;
  grants: Grants;
  refreshTokens: RefreshTokens;
  revokedTokens: RevokedTokens;
  signingKeys: SigningKeys;
  keyRotation: KeyRotation;
  adminRequests: AdminRequests;
  tokens: AccessTokens;
  /** SC-104: may this person still have for this child what was granted? */
  stillHolds(grant: Granted): Promise<boolean>;
  /** SC-075: may the person behind this grant see the resource that a context key names (`Encounter/…`)? */
  mayKnow(grant: Granted, reference: string): Promise<boolean>;
  /** Removes what has expired, now and then. */
  sweep(): Promise<void>;
}
