import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { checkContactMessage, checkContactVisit, concludeContactEpisode } from './check-contact.ts';
import { contactsOperation } from './contacts-operation.ts';
import { concludeCharge } from './effort/check-charge.ts';
import { deriveCharges } from './effort/derive-charges.ts';
import { effortOperations } from './effort/effort-operations.ts';

/** The contact log: how somebody was in touch with a child's family and partners, where, for how long and what for. */
export function contactPart(clock: Clock): CarePart {
  return {
    checks: [checkContactVisit, checkContactMessage],
    conclusions: [concludeContactEpisode, deriveCharges(clock), concludeCharge],
    operations: [contactsOperation(), ...effortOperations(clock)],
  };
}
