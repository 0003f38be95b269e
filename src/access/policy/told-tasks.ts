import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Actor } from '../../store/types.ts';
import { list, referenceOf } from './consent.ts';

/** Somebody of a family: a proxy, the young person, or the Person that stands for several of them. */
export function isOfFamily({ kind, id }: Pick<Actor, 'kind' | 'id'>): boolean {
  return kind === 'user' && !/^Practitioner(Role)?\//.test(id);
}

/** What of a Task a family writes anew; all else stays as it is. */
export const replacedByFamily: readonly string[] = ['status', 'businessStatus', 'statusReason', 'lastModified'];

/** The same of a partner, who also says when the service is, or was, given (decision D9: the day of an appointment). */
export const replacedByPartner: readonly string[] = [...replacedByFamily, 'executionPeriod'];

/**
 * A family or a partner is told a Task in part, so what it sends back is not the whole: only how it stands is taken from it, and what was added to the
 * notes and the output. The rest is that of the version before, whatever was left out; what was changed besides is refused before
 * (redact/sent-tasks.ts).
 */
export function keepToldTask(before: Resource, after: Resource, isPartner = false): Resource {
  const kept: Resource = { ...before };
  for (const name of isPartner ? replacedByPartner : replacedByFamily) {
    if (after[name] !== undefined) kept[name] = after[name];
    // A partner's system that knows no times leaves them out: what was said stays.
    else if (name !== 'executionPeriod') delete kept[name];
  }
  const held = isPartner ? heldAppointments(after, before) : [];
  if (held.length > 0) kept.contained = [...list(before.contained), ...held];
  for (const name of ['note', 'output'] as const) {
    const [had, sent] = [list(before[name]), list(after[name])];
    const known = new Set(had.map((one) => said(one)));
    const added = sent.filter((one) => !known.has(said(one)));
    if (added.length > 0) kept[name] = [...had, ...added];
  }
  return kept;
}

/** Appointments that a partner puts into a Task, each named by an output that it adds. One that takes the name of what is there already is none. */
export function heldAppointments(sent: Resource, before: Resource): unknown[] {
  const had = new Set(list(before.output).map((one) => JSON.stringify(one)));
  const added = list(sent.output).filter((one) => !had.has(JSON.stringify(one)));
  const named = new Set(added.map((one) => (isObject(one) ? referenceOf(one.valueReference) : undefined)));
  const taken = new Set(list(before.contained).map((one) => (isObject(one) ? one.id : undefined)));
  return list(sent.contained).filter(
    (one) =>
      isObject(one) && one.resourceType === 'Appointment' && !taken.has(one.id) && named.has(`#${String(one.id)}`),
  );
}

/** Of what is shared with an organization a family changes only whether it still holds: it may not be told who else gave it. */
export function keepFamilyConsent(before: Resource, after: Resource): Resource {
  return { ...before, status: after.status };
}

/** Of a note the words alone: who wrote it may not have been told. */
function said(item: unknown): string {
  const text = typeof item === 'object' && item !== null && 'text' in item ? item.text : undefined;
  return JSON.stringify(text ?? item);
}
