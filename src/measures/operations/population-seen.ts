import { ok, type Result } from '../../base/errors.ts';
import type { Store } from '../../store/types.ts';
import { keptAnswer, parseAnswer } from '../currency/answer.ts';
import type { CountedAnswer } from '../report/add-up.ts';
import type { ListedChild, Uncounted } from '../report/population.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import type { PopulationReach } from './reach.ts';
import type { Asked } from './room.ts';
import { evaluateSeen, partialSight, seenChild } from './sight.ts';

/** A population as the asker may see it. */
export interface SeenPopulation {
  /** Absent: everybody. */
  subjects?: readonly string[];
  /** Children of whom some records do not count for the asker: evaluated on what is left. */
  apart: readonly string[];
  remarks: readonly string[];
}

/** Who of the children asked about counts, and of whom only a part of the record does. */
export async function seenPopulation(
  { request: { store } }: Asked,
  measures: readonly ReadyMeasure[],
  { except, hides, withoutPlaces }: PopulationReach,
  asked: readonly string[] | undefined,
): Promise<SeenPopulation> {
  const remarks = except.length > 0 || hides !== 0n || withoutPlaces.length > 0 ? [partialSight] : [];
  const types = [...new Set(['Patient', ...measures.flatMap(({ retrieves }) => retrieves)])];
  const touched = [...withoutPlaces, ...(hides === 0n ? [] : await childrenWithHidden(store, types, hides))];
  if (except.length === 0 && touched.length === 0) return { subjects: asked, apart: [], remarks };
  const present = asked ?? (await everyChild(store));
  const hidden = new Set(except);
  const partly = new Set(touched);
  return {
    subjects: present.filter((id) => !hidden.has(id) && !partly.has(id)),
    apart: present.filter((id) => !hidden.has(id) && partly.has(id)),
    remarks,
  };
}

/** Children with a record of these types that is of one of the categories. */
async function childrenWithHidden(store: Store, types: readonly string[], hides: bigint): Promise<string[]> {
  const rows = await store.query<{ patient_id: string }>(
    `SELECT DISTINCT p.patient_id FROM resource r
       CROSS JOIN LATERAL (SELECT r.patient_id UNION ALL SELECT o.patient_id FROM resource_patient o WHERE o.key = r.key) p
      WHERE r.categories <> 0 AND r.categories & $1::bigint <> 0 AND NOT r.deleted AND r.type = ANY ($2) AND p.patient_id IS NOT NULL`,
    [BigInt.asIntN(64, hides).toString(), types],
  );
  return rows.map(({ patient_id }) => patient_id);
}

async function everyChild(store: Store): Promise<string[]> {
  const rows = await store.query<{ patient_id: string }>(
    'SELECT patient_id FROM measure_child WHERE present ORDER BY patient_id',
  );
  return rows.map(({ patient_id }) => patient_id);
}

export interface SeenAnswers {
  answers: CountedAnswer[];
  uncounted: Uncounted;
}

/** The answers of the population, added up. */
export async function seenAnswers(
  asked: Asked,
  measure: ReadyMeasure,
  period: Period,
  { subjects, apart }: SeenPopulation,
): Promise<Result<SeenAnswers>> {
  const { room, request } = asked;
  const { answers, failures, failed, pending } = await room.currency.populationAnswers(request.store, {
    measure,
    period,
    subjects,
    // Who waits for the answer is told soon, with how many are still out of date; who does not has all of them.
    ...(request.progress && { patienceMs: Number.POSITIVE_INFINITY }),
    progress: (children) => request.progress?.(`${children} children evaluated`),
  });
  const found: SeenAnswers = { answers: [...answers], uncounted: { failures: [...failures], failed, pending } };
  const own = await childrenApart(asked, measure, period, apart);
  if (!own.ok) return own;
  for (const { result } of own.value.children) {
    const answer = parseAnswer(keptAnswer(result).text);
    found.answers.push({ answer, children: 1 });
  }
  const { uncounted } = own.value;
  return ok({
    answers: found.answers,
    uncounted: {
      failures: [...found.uncounted.failures, ...uncounted.failures],
      failed: failed + uncounted.failed,
      pending,
    },
  });
}

/** Every child of the population with its result, in the order of ids. */
export async function seenResults(
  asked: Asked,
  measure: ReadyMeasure,
  period: Period,
  { subjects, apart }: SeenPopulation,
): Promise<Result<{ children: ListedChild[]; uncounted: Uncounted }>> {
  const { room, request } = asked;
  const own = await childrenApart(asked, measure, period, apart);
  if (!own.ok) return own;
  const { children, uncounted } = own.value;
  const failures = [...uncounted.failures];
  await room.currency.eachResult(
    request.store,
    { measure, period, subjects },
    ({ patientId, groups, supplemental = {}, failure }) => {
      if (groups) children.push({ patientId, result: { groups, supplemental } });
      else failures.push({ patientId, text: failure ?? 'The measure could not be evaluated.' });
    },
  );
  children.sort((a, b) => (a.patientId < b.patientId ? -1 : 1));
  return ok({ children, uncounted: { failures, failed: failures.length, pending: 0 } });
}

/** Those of whom a part of the record counts, each evaluated on that part. Nothing of it is kept. */
async function childrenApart(
  asked: Asked,
  measure: ReadyMeasure,
  period: Period,
  apart: readonly string[],
): Promise<Result<{ children: ListedChild[]; uncounted: Uncounted }>> {
  const children: ListedChild[] = [];
  const failures: { patientId: string; text: string }[] = [];
  for (const patientId of apart) {
    const seen = await seenChild(asked, [measure], patientId);
    if (!seen.ok) {
      if (seen.error.kind === 'not-found') continue;
      return seen;
    }
    const result = await evaluateSeen(asked, measure, seen.value, period);
    if (result.ok) children.push({ patientId, result: result.value });
    else failures.push({ patientId, text: result.error.issues[0]?.text ?? 'The measure could not be evaluated.' });
  }
  return ok({ children, uncounted: { failures, failed: failures.length, pending: 0 } });
}
