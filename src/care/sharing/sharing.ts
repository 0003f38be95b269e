import type { Policy } from '../../access/policy/compile.ts';
import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { checkAgreement } from './check-agreement.ts';
import { checkAmendment } from './check-amendment.ts';
import { checkDisclosure } from './check-disclosure.ts';
import { checkProxy } from './check-proxy.ts';
import { checkSharing } from './check-sharing.ts';
import { shareOperation } from './share-operation.ts';
import { sharingOperation } from './sharing-operation.ts';
import { stopOperation } from './stop-operation.ts';

export interface SharingDeps {
  clock: Clock;
  /** The privacy policy in force; undefined when there is none that could be followed: then nothing is shared. */
  policy: () => Promise<Policy | undefined>;
  /**
   * The same within a transaction, which has made sure of it at its beginning: nobody is asked, because who holds a connection must not wait for
   * another one (with as many transactions as connections, all would wait for each other).
   */
  policyHere: () => Policy | undefined;
}

/** What a family shares, with whom, and on what it rests (decision D17). */
export function sharingPart(deps: SharingDeps): CarePart {
  return {
    checks: [checkSharing(deps), checkProxy(deps), checkAgreement, checkDisclosure(deps), checkAmendment],
    operations: [sharingOperation(deps), shareOperation(deps), stopOperation(deps)],
  };
}
