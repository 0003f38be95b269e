import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import type { Changed } from './changed.ts';

const listSystem = `${canonicalBase}/CodeSystem/care-list`;

/** The List of a program's waiting enrollments: who is next stands first. People order it; who is on it follows from the enrollments. */
export function waitlistId(programId: string): string {
  return stableId('waitlist', programId);
}

/** Puts an enrollment that begins to wait at the end of its program's list, and takes one that waits no longer from it. */
export async function keepWaitlist({ id, is, was }: Changed, tx: Tx, clock: Clock): Promise<Result<void>> {
  const programId = (is ?? was)?.programId;
  const waits = is?.status === 'waitlist';
  if (programId === undefined || waits === (was?.status === 'waitlist')) return ok(undefined);
  const listId = waitlistId(programId);
  await tx.lock(`waitlist:${programId}`);
  await tx.hold([{ type: 'List', id: listId }]);
  const before = currentOf(await tx.read('List', listId));
  const list = isOfType(before, 'List') ? before : freshList(programId);
  const others = (list.entry ?? []).filter(({ item }) => localId(item, 'EpisodeOfCare') !== id);
  const last = { item: { reference: `EpisodeOfCare/${id}` }, date: clock.now().toISOString() };
  const entry = waits ? [...others, last] : others;
  const { entry: _, ...rest } = list;
  const written = await tx.update({ ...rest, ...(entry.length > 0 && { entry }) });
  return written.ok ? ok(undefined) : written;
}

function freshList(programId: string): r4.List & Resource {
  return {
    resourceType: 'List',
    id: waitlistId(programId),
    status: 'current',
    mode: 'working',
    title: 'Waiting list',
    code: {
      coding: [{ system: listSystem, code: 'waitlist', display: 'Waiting list of a program' }],
    },
    extension: [
      {
        url: `${canonicalBase}/StructureDefinition/care-program`,
        valueReference: { reference: `HealthcareService/${programId}` },
      },
    ],
  };
}

/** People may put the list in another order; who is on it they change by the enrollments. */
export const checkWaitlistWritten: WriteConclusion = {
  name: 'waitlist',
  async conclude(changes) {
    for (const { type, before, after } of changes) {
      if (type !== 'List' || !(isWaitlist(before) || isWaitlist(after))) continue;
      if (isWaitlist(before) && isWaitlist(after) && itemsOf(before) === itemsOf(after)) continue;
      const text =
        'Who waits for a program follows from the enrollments (EpisodeOfCare). Only the order of a waiting list is changed in the List.';
      return refuse('waitlist', text, 'List.entry');
    }
    return ok(undefined);
  },
};

function isWaitlist(list: Resource | undefined): boolean {
  return (
    isOfType(list, 'List') &&
    list.code?.coding?.some(({ system, code }) => system === listSystem && code === 'waitlist') === true
  );
}

function itemsOf(list: Resource | undefined): string {
  return isOfType(list, 'List')
    ? (list.entry ?? [])
        .map(({ item }) => item.reference ?? '')
        .sort()
        .join(' ')
    : '';
}
