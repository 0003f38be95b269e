import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Visibility } from '../../store/types.ts';
import { medicationsOf } from '../currency/slice.ts';
import { evaluateSubject } from '../evaluate-subject.ts';
import type { Period, ReadyMeasure, SubjectResult } from '../types.ts';
import { withoutPlaces } from './places.ts';
import { type ChildReach, reachChild } from './reach.ts';
import type { Asked } from './room.ts';

/** Said in every report to somebody from whom records may be kept back, whether any are or not. */
export const partialSight = 'Counts what the asker may see: records that are kept back from the asker are left out.';

/** One child's record as the asker may see it. */
export interface SeenChild {
  resources: Resource[];
  /** The same as logic may read it. */
  read: Resource[];
  remarks: readonly string[];
}

/** A child who is not there and one who may not be seen are answered alike. */
export async function seenChild(
  asked: Asked,
  measures: readonly ReadyMeasure[],
  patientId: string,
): Promise<Result<SeenChild>> {
  const { request } = asked;
  const types = measures.flatMap(({ retrieves }) => retrieves);
  const reach = reachChild(request, types, patientId);
  if (!reach.ok) return reach;
  const resources = await recordSeen(asked, measures, patientId, reach.value);
  if (!resources) return fail('not-found', 'There is no such Patient.');
  const read = reach.value.hidesPlaces ? resources.map(withoutPlaces) : resources;
  return ok({ resources, read, remarks: reach.value.isWhole ? [] : [partialSight] });
}

async function recordSeen(
  { room, request: { store } }: Asked,
  measures: readonly ReadyMeasure[],
  patientId: string,
  { visibility, isWhole }: ChildReach,
): Promise<Resource[] | undefined> {
  const seen = await store.readSeen('Patient', patientId, visibility);
  if (!seen || seen.deleted) return undefined;
  const resources = await room.currency.recordOf(store, measures, patientId);
  if (!resources || isWhole) return resources;
  const shown = await shownOf(
    store,
    [...new Set(resources.map(({ resourceType }) => resourceType))],
    patientId,
    visibility,
  );
  const records = resources.filter(({ resourceType, id }) => shown.has(`${resourceType}/${id}`));
  // Medications are about nobody: what refers to them is seen or not. One that only a hidden prescription names would tell of it.
  const named = new Set(records.flatMap(medicationsOf));
  const medications = resources.filter(({ resourceType, id }) => resourceType === 'Medication' && named.has(id ?? ''));
  return [...records, ...medications];
}

async function shownOf(
  store: Reader,
  types: readonly string[],
  patientId: string,
  visibility: Visibility,
): Promise<Set<string>> {
  const shown = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await store.compartment({ patientId, types, count: limits.search.maxCount, cursor }, visibility);
    if (!page.ok) throw new Error('a compartment could not be read', { cause: page.error });
    for (const { type, id } of page.value.matches) shown.add(`${type}/${id}`);
    cursor = page.value.next;
  } while (cursor !== undefined);
  return shown;
}

/** One measure for the child as seen, now. */
export function evaluateSeen(
  { room: { clock, zone } }: Asked,
  measure: ReadyMeasure,
  { read }: SeenChild,
  period: Period,
): Promise<Result<SubjectResult>> {
  return evaluateSubject(measure, read, period, { now: clock.now(), zone });
}
