import { ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { foundBy, orderedBy, where } from '../found.ts';
import { currentOf } from '../stored.ts';
import { instantOf } from '../wall-clock.ts';

type Slot = Resource & r4.Slot;

/** Slots of one day that are looked through. */
const slotsMax = 200;

/** A slot that can be offered, and whose time it is. */
export interface Free {
  slot: Slot;
  actors: readonly r4.Reference[];
}

/**
 * The first free slot of the child's own practice that is still to come on this day, by the clock of the practice. Its own: of a Schedule of the child's
 * general practitioner, or of a role, service or place of theirs.
 */
export async function freeSlot(
  reader: Reader,
  child: Pick<r4.Patient, 'generalPractitioner'>,
  { now, day, zone }: { now: Date; day: string; zone: string },
): Promise<Result<Free | undefined>> {
  const own = new Set((child.generalPractitioner ?? []).flatMap(({ reference }) => reference ?? []));
  if (own.size === 0) return ok(undefined);
  const from = now.toISOString();
  const to = instantOf(day, '23:59:59', zone).toISOString();
  const filters = [
    where('Slot', 'status', 'token', { kind: 'token', code: 'free' }),
    where('Slot', 'start', 'date', { kind: 'date', prefix: 'ge', start: from, end: from }),
    where('Slot', 'start', 'date', { kind: 'date', prefix: 'le', start: to, end: to }),
  ];
  const sort = [orderedBy('Slot', 'start', 'date')];
  const found = await foundBy(reader, { type: 'Slot', filters, sort, count: slotsMax }, seesAll);
  if (!found.ok) return found;
  for (const slot of ofType(found.value.resources, 'Slot')) {
    const actors = await actorsOf(slot, reader);
    for (const actor of actors) if (await isTheirs(actor, own, reader)) return ok({ slot, actors });
  }
  return ok(undefined);
}

export async function actorsOf(slot: Pick<r4.Slot, 'schedule'>, reader: Reader): Promise<readonly r4.Reference[]> {
  const [type, id = ''] = slot.schedule.reference?.split('/') ?? [];
  const schedule = type === 'Schedule' ? currentOf(await reader.read('Schedule', id)) : undefined;
  return isOfType(schedule, 'Schedule') && schedule.active !== false ? schedule.actor : [];
}

async function isTheirs({ reference = '' }: r4.Reference, own: ReadonlySet<string>, reader: Reader): Promise<boolean> {
  if (own.has(reference)) return true;
  const [type = '', id = ''] = reference.split('/');
  const actor = currentOf(await reader.read(type, id));
  const behind: (r4.Reference | undefined)[] = isOfType(actor, 'PractitionerRole')
    ? [actor.practitioner, actor.organization]
    : isOfType(actor, 'HealthcareService')
      ? [actor.providedBy]
      : isOfType(actor, 'Location')
        ? [actor.managingOrganization]
        : [];
  return behind.some((one) => one?.reference !== undefined && own.has(one.reference));
}

/** The appointment that is offered: the family and the practice have still to say yes. */
export function appointmentFor(
  { slot, actors }: Free,
  { child, requester, reason, now }: { child: string; requester: string; reason: string; now: Date },
): r4.Appointment & { resourceType: 'Appointment' } {
  const people = [`Patient/${child}`, ...(requester.startsWith('RelatedPerson/') ? [requester] : [])];
  const takesPart = (actor: r4.Reference): r4.AppointmentParticipant => ({ actor, status: 'needs-action' });
  return {
    resourceType: 'Appointment',
    status: 'proposed',
    ...(slot.serviceType && { serviceType: slot.serviceType }),
    reasonCode: [{ text: reason }],
    slot: [{ reference: `Slot/${slot.id}` }],
    start: slot.start,
    end: slot.end,
    created: now.toISOString(),
    participant: [
      ...people.map((reference) => takesPart({ reference })),
      ...actors.map(({ reference }) => takesPart({ ...(reference !== undefined && { reference }) })),
    ],
  };
}

/** The slot as held for the family; undefined for one of a hospital, which keeps its own calendar. */
export function heldSlot(slot: Slot): Resource | undefined {
  return isMirror(slot) ? undefined : { ...slot, status: 'busy-tentative' };
}

/** What the family reads. */
export function messageTo(
  requester: string,
  child: string,
  task: string,
  text: string,
  now: Date,
): r4.Communication & { resourceType: 'Communication' } {
  return {
    resourceType: 'Communication',
    status: 'completed',
    subject: { reference: `Patient/${child}` },
    about: [{ reference: task }],
    recipient: [{ reference: requester }],
    sent: now.toISOString(),
    payload: [{ contentString: text }],
  };
}
