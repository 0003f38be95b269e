import type { AuditTrail } from '../access/audit/trail.ts';
import type { ScopeSet } from '../access/scopes.ts';
import type { Clock } from '../base/clock.ts';
import type { GuardedFetch } from '../base/guarded-fetch.ts';
import type { Jwk } from '../base/jwt.ts';
import type { Logger } from '../base/log.ts';
import type { Sql } from '../store/types.ts';
import type { Directory } from './launch-context/directory.ts';

/** A registered app or machine. Source: SMART App Launch 2.2, "Registering a SMART App"; RFC 7591 for the words. */
export interface Client {
  id: string;
  name: string;
  /** `public`: keeps no secret (a browser page). `symmetric`: has a shared secret. `asymmetric`: authenticates with private_key_jwt. */
  type: 'public' | 'symmetric' | 'asymmetric';
  redirectUris: string[];
  launchUrls: string[];
  /** Scope text: no token of this client ever holds more. */
  scopes: string;
  jwks?: Jwk[];
  jwksUrl?: string;
  /** Web origins that may call us for this client from a browser. */
  origins: string[];
  /** Shown on the consent screen. */
  logoUrl?: string;
  /** Whom to ask about this app. */
  contacts: string[];
  tenant?: string;
  /** `system|code`s under which it may keep App State. */
  stateCodes: string[];
  /** Runs on a person's device: custom scheme, or any port of the loopback address, as redirect URI. */
  native: boolean;
  /** May introspect tokens of other clients. */
  introspects: boolean;
  /** May use the admin API. */
  admin: boolean;
  /** For what it asks (codes of v3-PurposeOfUse): told in the audit trail. */
  purposes: string[];
  firstParty: boolean;
  /** Made by the demo: refused in production. */
  demo: boolean;
  active: boolean;
}

/** What is needed to register a client; everything else has a default. */
export interface NewClient {
  id?: string;
  name: string;
  type: Client['type'];
  scopes: string;
  redirectUris?: string[];
  launchUrls?: string[];
  /** A JWK Set (`{"keys": […]}`) with public keys only. */
  jwks?: unknown;
  jwksUrl?: string;
  origins?: string[];
  logoUrl?: string;
  contacts?: string[];
  purposes?: string[];
  tenant?: string;
  stateCodes?: string[];
  native?: boolean;
  introspects?: boolean;
  admin?: boolean;
  firstParty?: boolean;
  demo?: boolean;
}

/** A hospital whose EHR may launch Careweave: the room `ehr` knows them, `app.ts` hands them in. */
export interface EhrLaunchSite {
  siteId: string;
  /** Our client_id at the hospital. */
  clientId: string;
  /** What we ask for, e.g. `launch openid fhirUser patient/*.rs`. */
  scopes: string;
  /** How we authenticate at its token endpoint; `private_key_jwt` when absent. */
  authentication?: 'private_key_jwt' | 'none';
}

export interface EhrLaunchSites {
  /** The site with exactly this FHIR base URL; undefined for any other. */
  byIssuer(iss: string): Promise<EhrLaunchSite | undefined>;
  /** Our patient id for the hospital's; undefined when the child is not in Careweave. */
  patientFor(siteId: string, ehrPatientId: string): Promise<string | undefined>;
  /** Our reference (`Practitioner/…`) for the hospital's relative reference; undefined when unknown. */
  userFor(siteId: string, ehrUserReference: string): Promise<string | undefined>;
}

export interface AuthDeps {
  sql: Sql;
  clock: Clock;
  log: Logger;
  /** Origin (and path) under which people reach us, without a trailing slash. */
  publicUrl: string;
  fhirBaseUrl: string;
  guardedFetch: GuardedFetch;
  /** Told of sign-ins, tokens, consents and revocations before they take effect. */
  trail: AuditTrail;
  ehrSites: EhrLaunchSites;
  /** What `.well-known/smart-configuration` says of rooms beside this one. */
  discovery?: object;
  /** Our ES384 private key towards EHRs, and every key of that kind to be published. */
  clientKey: Jwk;
  publishedClientKeys?: readonly Jwk[];
  /** The resource types that exist: a scope for any other is not granted. */
  resourceTypes: ReadonlySet<string>;
  /** For how many seconds a spent refresh token is told the same successor again, for an app whose network lost our answer; 0 when absent. */
  refreshGraceSeconds?: number;
  /** SC-104: asked at each refresh; false ends the grant. Absent: yes. */
  stillHolds?: (grant: Granted) => Promise<boolean>;
  /** SC-075: asked for each resource that the launch context names beside the patient. Absent: yes. */
  mayKnow?: (grant: Granted, reference: string) => Promise<boolean>;
  /** Who may choose which child; without it nobody may choose any. */
  directory?: Directory;
  /** The way out to a hospital's own sign-on, which may be on its inner network: that one origin, and closed after use. */
  providerFetch?: (origin: string) => GuardedFetch;
  /** What a password costs to work out; `limits.people.scrypt` when absent. */
  passwordCosts?: { N: number; r: number; p: number };
}

/** A person's sign-in, with an account or by a hospital's EHR launch. `hash` stands for the cookie, which we do not keep. */
export interface Session {
  hash: Buffer;
  /** Who the person is: `Practitioner/…`; of an account all of its links, one `RelatedPerson/…` for each child. */
  fhirUsers: readonly string[];
  accountId?: string;
  /** The hospital that has signed the person in. */
  siteId?: string;
  authenticatedAt: Date;
}

/** Our launch context, redeemed by one authorize request. */
export interface Launch {
  hash: Buffer;
  clientId: string;
  /** The session it is good in; or the person it is good for. */
  sessionHash?: Buffer;
  fhirUser?: string;
  patientId: string;
  needPatientBanner: boolean;
  context: TokenContext;
}

/** One `fhirContext` item of a token response. Source: SMART App Launch 2.2, "fhirContext". */
export interface FhirContextItem {
  /** Relative, e.g. `ImagingStudy/123`. */
  reference?: string;
  canonical?: string;
  identifier?: Record<string, unknown>;
  type?: string;
  /** An absolute URI; absent means `launch`. */
  role?: string;
}

/** What a token response says of the launch, beside the patient (SC-072 to SC-074). Stored with the grant as it is. */
export interface TokenContext {
  encounterId?: string;
  fhirContext?: readonly FhirContextItem[];
  /** True unless the app is shown inside something that names the patient already. */
  needPatientBanner?: boolean;
  intent?: string;
  smartStyleUrl?: string;
  tenant?: string;
  appContext?: string;
}

/** What a person granted an app: the family of every token that comes of it. */
export interface Granted extends TokenContext {
  grantId: string;
  clientId: string;
  fhirUser: string;
  patientId?: string;
  /** With `offline_access` or `online_access` among them there is a refresh token; online ends with the session. */
  scopes: ScopeSet;
  grantedAt: Date;
  /** When the person signed in, in seconds since 1970: `auth_time` of the id_token. */
  authTime?: number;
  /** The session in which it was granted; needed for `online_access`. */
  sessionHash?: Buffer;
}

/** What an authorization code stands for. */
export interface CodeGrant extends Granted {
  redirectUri: string;
  codeChallenge: string;
  nonce?: string;
}

/** What `codes.create` makes a grant and a code of. */
export type NewGrant = Omit<CodeGrant, 'grantId' | 'grantedAt'>;
