import type { Typed } from '../of-type.ts';
import type { Resource } from '../types.ts';
import { closedTaskStates } from './actions.ts';
import { compareText, conceptText, type Index, referenceOf } from './index-of.ts';
import { dateOf, sourceOf } from './source.ts';
import type { ReferralLine, ReferralState } from './types.ts';

type Request = Resource & Typed<'ServiceRequest'>;
type Task = Resource & Typed<'Task'>;

/** Request states in which nothing more will be done. Source: FHIR R4, request-status. */
export const closedRequestStates: ReadonlySet<string> = new Set(['completed', 'revoked', 'entered-in-error']);

const stateOfTask: Record<Task['status'], ReferralState> = {
  draft: 'draft',
  requested: 'sent',
  received: 'seen',
  accepted: 'accepted',
  ready: 'accepted',
  'in-progress': 'in-progress',
  'on-hold': 'on-hold',
  completed: 'completed',
  rejected: 'declined',
  cancelled: 'cancelled',
  failed: 'failed',
  'entered-in-error': 'unknown',
};

const stateOfRequest: Record<Request['status'], ReferralState> = {
  draft: 'draft',
  active: 'requested',
  'on-hold': 'on-hold',
  revoked: 'cancelled',
  completed: 'completed',
  'entered-in-error': 'unknown',
  unknown: 'unknown',
};

/**
 * A request with the Tasks that fulfill it. The state is that of the Task that is still open, the latest otherwise; a
 * declined Task leaves the request open, because it has to go to someone else.
 */
export function referralLine(request: Request, tasks: readonly Task[], index: Index): ReferralLine {
  const leading = leadingTask(tasks);
  const state = (leading && stateOfTask[leading.status]) ?? stateOfRequest[request.status] ?? 'unknown';
  const line: ReferralLine = {
    reference: referenceOf(request),
    text: conceptText(request.code) ?? conceptText(request.category?.[0]) ?? 'Request without words',
    status: request.status,
    open: !closedRequestStates.has(request.status),
    source: sourceOf(request, index),
    state: closedRequestStates.has(request.status) ? stateOfRequest[request.status] : state,
    tasks: tasks.map(referenceOf),
  };
  if (request.doNotPerform === true) line.doNotPerform = true;
  const date = dateOf(request);
  if (date !== undefined) line.date = date;
  const requester = index.nameOf(request.requester);
  if (requester !== undefined) line.requester = requester;
  const performer =
    index.nameOf(leading?.owner) ?? index.nameOf(request.performer?.[0]) ?? conceptText(request.performerType);
  if (performer !== undefined) line.performer = performer;
  const due = leading?.restriction?.period?.end ?? request.occurrenceDateTime ?? request.occurrencePeriod?.end;
  if (due !== undefined) line.due = due;
  return line;
}

function leadingTask(tasks: readonly Task[]): Task | undefined {
  const newestFirst = tasks
    .filter(({ status }) => status !== 'entered-in-error')
    .sort((a, b) => compareText(dateOf(b), dateOf(a)) || compareText(a.id, b.id));
  return newestFirst.find(({ status }) => !closedTaskStates.has(status)) ?? newestFirst[0];
}
