/**
 * What can be told of, in the words of the standards. REST: BALP's patterns (`rest`, with the interaction as subtype); people and tokens: DICOM
 * PS3.16, context groups 400 and 401; getting a token: IHE IUA, ITI-71. Sources: FHIR R4 AuditEvent; IHE BALP 1.1.
 */
export interface ActCode {
  type: string;
  subtype: string;
  /** C, R, U, D or E (R4, audit-event-action). */
  action: 'C' | 'R' | 'U' | 'D' | 'E';
}

const rest = (subtype: string, action: ActCode['action']): ActCode => ({ type: 'rest', subtype, action });
const security = (type: string, subtype: string): ActCode => ({ type, subtype, action: 'E' });
const authentication = '110114';
const alert = '110113';
const attributes = '110137';

/** Names of interactions are those of routes (http/route.ts); codes of four or more digits are DICOM's. */
export const acts = {
  read: rest('read', 'R'),
  vread: rest('vread', 'R'),
  history: rest('history-instance', 'R'),
  'history-type': rest('history-type', 'R'),
  'history-system': rest('history-system', 'R'),
  create: rest('create', 'C'),
  update: rest('update', 'U'),
  patch: rest('patch', 'U'),
  delete: rest('delete', 'D'),
  search: rest('search-type', 'E'),
  'search-system': rest('search-system', 'E'),
  'search-compartment': rest('search-type', 'E'),
  operation: rest('operation', 'E'),
  batch: rest('batch', 'E'),
  transaction: rest('transaction', 'E'),
  /** A request that no interaction has. */
  none: rest('operation', 'E'),
  'cds-hook': rest('operation', 'E'),
  /** Something written by the server itself: the sync, a job, a command. */
  write: rest('transaction', 'U'),
  login: security(authentication, '110122'),
  logout: security(authentication, '110123'),
  authorize: security(authentication, 'ITI-71'),
  token: security(authentication, 'ITI-71'),
  revoke: security(attributes, '110137'),
  consent: security(attributes, '110137'),
  administration: security(attributes, '110137'),
  'emergency-start': security(alert, '110127'),
  'emergency-stop': security(alert, '110138'),
  'audit-read': security('110101', '110101'),
  'audit-prune': security('110101', '110101'),
} as const satisfies Record<string, ActCode>;

export type Act = keyof typeof acts;

export function isAct(name: string): name is Act {
  return Object.hasOwn(acts, name);
}
