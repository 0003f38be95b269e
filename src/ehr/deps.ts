import type { Clock } from '../base/clock.ts';
import type { Result } from '../base/errors.ts';
import type { GuardedFetch } from '../base/guarded-fetch.ts';
import type { Jwk } from '../base/jwt.ts';
import type { Logger } from '../base/log.ts';
import type { Store } from '../store/types.ts';

/** What the room needs from the house; given in by the composition root. */
export interface EhrDeps {
  clock: Clock;
  log: Logger;
  /** Base of our own FHIR API, for naming our resources to a site that does not hold them. */
  fhirBaseUrl: string;
  /** Our private ES384 key: how we prove who we are to every site that has no key of its own. */
  clientKey: Jwk;
  /** A guarded way out that may carry a token to these origins only. */
  fetchFor(origins: readonly string[]): GuardedFetch;
  /** The plan of care as a document for people. Deterministic: no clock time in it. */
  renderPlanDocument(store: Store, planId: string): Promise<Result<{ html: string; title: string }>>;
  /** Waits between tries. */
  pause(ms: number): Promise<void>;
  /** Life of the lease on a run or on a delivery; `limits.sync.leaseSeconds` unless a test moves it. */
  leaseSeconds: number;
}
