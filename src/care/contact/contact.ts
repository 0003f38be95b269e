import type { CarePart } from '../parts.ts';
import { checkContactMessage, checkContactVisit, concludeContactEpisode } from './check-contact.ts';
import { contactsOperation } from './contacts-operation.ts';

/** The contact log: how somebody was in touch with a child's family and partners, where, for how long and what for. */
export const contactPart: CarePart = {
  checks: [checkContactVisit, checkContactMessage],
  conclusions: [concludeContactEpisode],
  operations: [contactsOperation()],
};
