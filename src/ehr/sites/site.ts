import type { Jwk } from '../../base/jwt.ts';

/** A site is one FHIR base URL of one hospital, as data. A vendor's ways are overrides here, never code elsewhere. */
export interface Site {
  /** Lower-case letters, digits and hyphens; part of ids and of `meta.source`, so it never changes. */
  id: string;
  /** Shown to people as the source of what the site sent. */
  name: string;
  /** Without a slash at the end. */
  baseUrl: string;
  /** Our client_id at the site (SMART Backend Services). */
  clientId: string;
  /** Space-separated, e.g. `system/*.rs`. */
  scopes: string;
  /** How the patients are found: a free Patient search, a Group, or the search first and the Group when it is refused. */
  roster: 'auto' | 'search' | `group:${string}`;
  state: 'live' | 'paused';
  writeBack: { referrals: boolean; planDocument: boolean };
  /** The client registered at the site for launching Careweave from its charts, when there is one. */
  launch?: { clientId: string; scopes?: string };
  /** Overrides by resource type. */
  types: Record<string, TypeOverride>;
}

interface TypeOverride {
  /** `off`: never pulled from this site. */
  pull?: 'off' | 'crawl';
  /** Searches to make instead of the built-in ones when the plain patient search is refused as incomplete. */
  fanOut?: FanOut[];
}

/** One search per value: `<param>=<value>` besides the patient. */
export interface FanOut {
  param: string;
  values: readonly string[];
}

export type NewSite = Pick<Site, 'id' | 'name' | 'baseUrl' | 'clientId'> &
  Partial<Site> & {
    /** Our private key (ES384 or RS384) for this site alone; without it, the house's own key. Never part of a `Site` read back. */
    key?: Jwk;
  };
