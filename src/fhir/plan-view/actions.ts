import { isOfType, type Typed } from '../of-type.ts';
import type { Resource } from '../types.ts';
import { conceptText, type Index, referenceOf } from './index-of.ts';
import { dateOf, sourceOf } from './source.ts';
import type { ActionLine, Line } from './types.ts';

/** Task states in which nothing more will be done. Source: FHIR R4, task-status. */
export const closedTaskStates: ReadonlySet<string> = new Set([
  'completed',
  'cancelled',
  'failed',
  'rejected',
  'entered-in-error',
]);

export function taskLine(task: Resource & Typed<'Task'>, index: Index): ActionLine {
  const line: ActionLine = {
    reference: referenceOf(task),
    text: task.description ?? conceptText(task.code) ?? 'Action without words',
    status: task.status,
    open: !closedTaskStates.has(task.status),
    source: sourceOf(task, index),
  };
  const date = dateOf(task);
  if (date !== undefined) line.date = date;
  const owner = index.nameOf(task.owner) ?? conceptText(task.performerType?.[0]);
  if (owner !== undefined) line.owner = owner;
  const due = task.restriction?.period?.end ?? task.executionPeriod?.end;
  if (due !== undefined) line.due = due;
  return line;
}

const closedElsewhere: ReadonlySet<string> = new Set([
  ...['completed', 'cancelled', 'revoked', 'stopped', 'entered-in-error', 'fulfilled', 'noshow'],
]);

/** An activity of any other type (an appointment, a prescription): what it says of itself. */
export function otherLine(resource: Resource, index: Index): ActionLine {
  const status = typeof resource.status === 'string' ? resource.status : 'unknown';
  const line: Line = {
    reference: referenceOf(resource),
    text: ownWords(resource) ?? resource.resourceType,
    status,
    open: !closedElsewhere.has(status),
    source: sourceOf(resource, index),
  };
  const date = dateOf(resource);
  if (date !== undefined) line.date = date;
  return line;
}

function ownWords(resource: Resource): string | undefined {
  if (isOfType(resource, 'MedicationRequest')) return conceptText(resource.medicationCodeableConcept);
  if (isOfType(resource, 'Appointment')) return resource.description ?? conceptText(resource.serviceType?.[0]);
  if (isOfType(resource, 'DeviceRequest')) return conceptText(resource.codeCodeableConcept);
  if (isOfType(resource, 'CommunicationRequest')) return conceptText(resource.category?.[0]);
  if (isOfType(resource, 'RequestGroup')) return conceptText(resource.code);
  return undefined;
}

/** What the plan points to and cannot be read: said, not dropped. */
export function unavailableLine(reference: string, display: string | undefined): Line {
  return {
    reference,
    text: display ?? 'No longer available',
    status: 'unknown',
    open: false,
    source: { kind: 'here', label: 'Careweave' },
    unavailable: true,
  };
}
