import type { Clock } from '../base/clock.ts';
import type { Chart } from './fhir/chart.ts';
import type { Offered } from './fhir/offered.ts';
import type { Journal } from './load/journal.ts';
import type { Grants } from './oauth/grants.ts';
import type { HospitalKeys } from './oauth/keys.ts';
import type { Personality } from './personality.ts';

/** An application that may ask for tokens, as a hospital's administrator would register it. */
export interface AppClient {
  id: string;
  name: string;
  /** Public keys: an address, or the JWK set itself. Absent: a public client, for launches only. */
  jwks?: { url: string } | { keys: object[] };
  /** Ceiling of what may be granted, e.g. `system/*.cruds launch openid fhirUser patient/*.rs`. */
  scopes: string;
  redirectUris: string[];
  /** Where an EHR launch starts; absent: backend service only. */
  launchUrl?: string;
}

/** One hospital of the sandbox, ready to serve. */
export interface Hospital {
  id: string;
  name: string;
  /** FHIR base, without a slash at the end. */
  base: string;
  /** `…/ehr/<id>`, without a slash at the end. */
  root: string;
  personality: Personality;
  offered: Offered;
  chart: Chart;
  journal: Journal;
  keys: HospitalKeys;
  clients: ReadonlyMap<string, AppClient>;
  grants: Grants;
  cdsServices: readonly string[];
  clock: Clock;
  /** Ids of the Practitioners a demo user can sign in as; the first is the default. Makes one when the records name none. */
  clinicians(): Promise<string[]>;
  /** Writes the roster group again after patients came or went. */
  refreshRoster(): Promise<void>;
}
