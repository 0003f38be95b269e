import type { Redactor } from '../access/redact/redactor.ts';
import type { Principal } from '../access/types.ts';

/** What the privacy policy leaves people, and what of an answer they are told; without a redactor, all that they see. */
export interface Privacy {
  admit(principal: Principal): Promise<Principal>;
  redactor?: Redactor;
}
