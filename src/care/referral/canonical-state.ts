import type { r4 } from '../../fhir/types.ts';

/** http://hl7.org/fhir/us/bser, CodeSystem TaskBusinessStatusCS. Its diagram has a 5.1 (“in progress”) that the code system lacks. */
export const bserStatus = 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS';
/** What neither FHIR nor BSeR has a word for: profiles/code-systems/referral-status.json. */
export const ownStatus = 'http://careweave.org/fhir/CodeSystem/referral-status';

/**
 * Where a referral is, in words of our own that every dialect maps to (decision D9). Kept in the Task that fulfills it: `Task.status`, and
 * `Task.businessStatus` where one status stands for several.
 */
export type CanonicalState = keyof typeof table;

interface Kept {
  status: r4.Task['status'];
  bser?: string;
  own?: string;
}

/** How a state stands in the Task. The first code of a status that has several is not needed to tell it. */
const table = {
  draft: { status: 'draft' },
  sent: { status: 'requested', bser: '2.0' },
  seen: { status: 'received', bser: '2.0', own: 'seen' },
  accepted: { status: 'accepted', bser: '3.0' },
  active: { status: 'in-progress' },
  scheduled: { status: 'in-progress', bser: '5.1.1' },
  'no-show': { status: 'in-progress', bser: '5.1.2' },
  'appointment-cancelled': { status: 'in-progress', bser: '5.1.3' },
  'visit-done': { status: 'in-progress', bser: '5.1.4' },
  'cancel-requested': { status: 'in-progress', bser: '5.2' },
  'more-information': { status: 'on-hold', own: 'more-information' },
  waitlisted: { status: 'on-hold', own: 'waitlisted' },
  completed: { status: 'completed', bser: '7.0' },
  'loop-closed': { status: 'completed', own: 'requester-acknowledged' },
  declined: { status: 'rejected', bser: '4.0' },
  cancelled: { status: 'cancelled', bser: '6.0' },
  failed: { status: 'failed', own: 'failed' },
  'entered-in-error': { status: 'entered-in-error' },
} as const satisfies Record<string, Kept>;

const stored: Readonly<Record<CanonicalState, Kept>> = table;

/** Of a status that stands without a code: what it means. */
const uncoded: Partial<Record<r4.Task['status'], CanonicalState>> = {
  draft: 'draft',
  requested: 'sent',
  received: 'seen',
  accepted: 'accepted',
  ready: 'accepted',
  'in-progress': 'active',
  'on-hold': 'more-information',
  completed: 'completed',
  rejected: 'declined',
  cancelled: 'cancelled',
  failed: 'failed',
  'entered-in-error': 'entered-in-error',
};

export const canonicalStates = Object.keys(table) as CanonicalState[];

/** States in which somebody has still to do something for the child. */
export const openStates: ReadonlySet<CanonicalState> = new Set([
  ...(['sent', 'seen', 'accepted', 'active', 'scheduled', 'no-show', 'appointment-cancelled', 'visit-done'] as const),
  ...(['cancel-requested', 'more-information', 'waitlisted'] as const),
]);

/** The state of a Task; undefined when its businessStatus says another than its status. A code of other systems says nothing to us. */
export function stateOf({
  status,
  businessStatus,
}: Pick<r4.Task, 'status' | 'businessStatus'>): CanonicalState | undefined {
  const codings = (businessStatus?.coding ?? []).filter(({ system }) => system === bserStatus || system === ownStatus);
  const plain = uncoded[status === 'ready' ? 'accepted' : status];
  if (codings.length === 0) return plain;
  const meant = codings.map(({ system, code }) =>
    canonicalStates.find((state) => {
      const { bser, own } = stored[state];
      // A code may stand for two states (2.0); the status tells them apart.
      return code === (system === bserStatus ? bser : own) && stored[state].status === fhirStatus(status);
    }),
  );
  const [first] = meant;
  return meant.every((state) => state === first) ? first : undefined;
}

function fhirStatus(status: r4.Task['status']): string {
  return status === 'ready' ? 'accepted' : status;
}

/** What of a Task says that it is in this state. */
export function statusFor(state: CanonicalState): Pick<r4.Task, 'status' | 'businessStatus'> {
  const { status, bser, own } = stored[state];
  const coding: r4.Coding[] = [];
  if (bser !== undefined) coding.push({ system: bserStatus, code: bser });
  if (own !== undefined) coding.push({ system: ownStatus, code: own });
  return coding.length === 0 ? { status } : { status, businessStatus: { coding } };
}
