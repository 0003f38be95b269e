import { isCalendarYear } from '../period.ts';
import type { Period } from '../types.ts';
import { type Answer, keptAnswer, parseAnswer } from './answer.ts';
import { catchUp } from './catch-up.ts';
import { dayOf } from './day.ts';
import type { Evaluating } from './evaluate-children.ts';
import { evaluatePopulation } from './evaluate-population.ts';
import type { PreparedMeasure } from './prepared.ts';
import { isCurrent } from './results.ts';

export interface PopulationQuestion {
  measure: PreparedMeasure;
  period: Period;
  /** Only these children, by id: those of a site, a panel, a Group. Absent: all. */
  subjects?: readonly string[];
  /**
   * How long what is out of date may be brought up to date first, in milliseconds; the rest is told as `pending`. Absent: the limit for
   * somebody who waits. A period that is no calendar year is not kept and always evaluated whole.
   */
  patienceMs?: number;
  /** Told now and then how many children were looked at. */
  progress?: (children: number) => void;
}

/** The answers of a population, added up: whatever a report counts is a sum over them. */
export interface PopulationAnswers {
  /** Each different answer, and how many children have it. */
  answers: { answer: Answer; children: number }[];
  /** Children for whom the measure could not be evaluated; they are counted nowhere. By id, with what failed, up to a bound. */
  failed: number;
  failures: { patientId: string; text: string }[];
  /** Children whose answer is out of date or not there yet: not among the answers. */
  pending: number;
  /** When the oldest of the answers was found; absent when there is none. */
  oldest?: Date;
}

/** Failures that are told by name; of more, the number alone. */
const namedFailures = 1000;

/** The current answers of a measure, as sums over rows: no child is evaluated whose answer still holds. */
export async function populationAnswers(
  context: Evaluating,
  { measure, period, subjects, patienceMs, progress }: PopulationQuestion,
): Promise<PopulationAnswers> {
  if (!isCalendarYear(period)) return addUp(context, measure, period, subjects, progress);
  await catchUp(context, measure, period, { subjects, patienceMs, progress });
  return sums(context, measure, period, subjects);
}

interface SumRow {
  content: string | null;
  failure: string | null;
  patient_id: string;
  children: string;
  oldest: Date;
}

async function sums(
  { store, clock, zone }: Evaluating,
  measure: PreparedMeasure,
  period: Period,
  subjects: readonly string[] | undefined,
): Promise<PopulationAnswers> {
  const today = dayOf(clock.now(), zone);
  const key = [measure.name, period.start, period.end, today, measure.logicHash, subjects ?? null];
  const rows = await store.query<SumRow>(sumText, key, 'measure-sums');
  const [{ present = '0' } = {}] = await store.query<{ present: string }>(
    'SELECT count(*) AS present FROM measure_child c WHERE c.present AND ($1::text[] IS NULL OR c.patient_id = ANY ($1))',
    [subjects ?? null],
    'measure-present',
  );
  const found: PopulationAnswers = { answers: [], failed: 0, failures: [], pending: Number(present) };
  for (const { content, failure, patient_id: patientId, children, oldest } of rows) {
    found.pending -= Number(children);
    if (!found.oldest || oldest < found.oldest) found.oldest = oldest;
    if (content !== null) found.answers.push({ answer: parseAnswer(content), children: Number(children) });
    else {
      found.failed += Number(children);
      if (found.failures.length < namedFailures) found.failures.push({ patientId, text: failure ?? '' });
    }
  }
  // A child may have come or gone between the two statements.
  found.pending = Math.max(0, found.pending);
  return found;
}

/** Equal answers are counted together; each failure comes by itself. */
const sumText = `
  SELECT a.content, s.failure, s.patient_id, s.children, s.oldest
    FROM (SELECT r.answer, r.failure, min(r.patient_id) AS patient_id, count(*) AS children, min(r.evaluated_at) AS oldest
            FROM measure_result r JOIN measure_child c ON c.patient_id = r.patient_id
           WHERE r.measure = $1 AND r.period_start = $2 AND r.period_end = $3 AND c.present AND ${isCurrent('$4', '$5')}
             AND ($6::text[] IS NULL OR r.patient_id = ANY ($6))
           GROUP BY r.answer, r.failure, CASE WHEN r.answer IS NULL THEN r.patient_id END) s
    LEFT JOIN measure_answer a ON a.key = s.answer
   ORDER BY s.patient_id`;

/** The same by evaluating everybody, for a period whose answers are not kept. */
async function addUp(
  context: Evaluating,
  measure: PreparedMeasure,
  period: Period,
  subjects: readonly string[] | undefined,
  progress?: (children: number) => void,
): Promise<PopulationAnswers> {
  const byText = new Map<string, { answer: Answer; children: number }>();
  const found: PopulationAnswers = { answers: [], failed: 0, failures: [], pending: 0, oldest: context.clock.now() };
  let looked = 0;
  const visit = ({
    patientId,
    groups,
    supplemental = {},
    failure,
  }: Parameters<Parameters<typeof evaluatePopulation>[3]>[0]) => {
    looked += 1;
    if (looked % 1000 === 0) progress?.(looked);
    if (failure !== undefined || !groups) {
      found.failed += 1;
      if (found.failures.length < namedFailures) found.failures.push({ patientId, text: failure ?? '' });
      return;
    }
    const { text } = keptAnswer({ groups, supplemental });
    const same = byText.get(text) ?? { answer: parseAnswer(text), children: 0 };
    byText.set(text, same);
    same.children += 1;
  };
  await evaluatePopulation(context, measure, period, visit, subjects);
  found.answers = [...byText.values()];
  return found;
}
