import type { Resource } from '../../fhir/types.ts';
import type { Store } from '../../store/types.ts';
import type { EhrDeps } from '../deps.ts';
import type { Site } from '../sites/site.ts';
import type { WrittenAtSite } from './written.ts';

/** What would be sent now, made from the current state. */
export interface Outgoing {
  /** Hash of what it says, without moments and keys: equal hashes mean that there is nothing to send. */
  contentHash: string;
  /** The resource to send, given the key that finds it again. `replaces`: the site cannot update, so a new one takes over. */
  build(idemKey: string, replaces?: WrittenAtSite): Resource;
}

export interface BodyContext {
  store: Store;
  site: Site;
  deps: EhrDeps;
  /** The site holds an earlier version of this already. */
  sentBefore: boolean;
}
