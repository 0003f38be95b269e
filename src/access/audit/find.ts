import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import type { KeptEntry, Outcome } from './entry.ts';

/** One sealed entry. */
export interface KeptEvent {
  seq: string;
  patients: string[];
  entry: KeptEntry;
}

/** What is asked of the trail: every list is met by one of its items, and all that is given has to be met. */
export interface Wanted {
  seqs?: readonly string[];
  patients?: readonly (readonly string[])[];
  persons?: readonly string[];
  clients?: readonly string[];
  acts?: readonly string[];
  outcomes?: readonly Outcome[];
  /** `Type/id`. */
  touched?: readonly string[];
  /** Recorded at or after, and before, these instants. */
  from?: string;
  until?: string;
  /** Older than this entry: where a page goes on. */
  below?: string;
  count: number;
}

/** Sealed entries, newest first. */
export async function findEvents(sql: Sql, wanted: Wanted): Promise<KeptEvent[]> {
  const values: unknown[] = [];
  const given = (value: unknown, type: string) => `$${values.push(value)}::${type}`;
  const where = [
    wanted.seqs && `seq = ANY (${given(wanted.seqs, 'bigint[]')})`,
    ...(wanted.patients ?? []).map((ids) => `patients && ${given(ids, 'text[]')}`),
    wanted.persons && `person = ANY (${given(wanted.persons, 'text[]')})`,
    wanted.clients && `client = ANY (${given(wanted.clients, 'text[]')})`,
    wanted.acts && `act = ANY (${given(wanted.acts, 'text[]')})`,
    wanted.outcomes && `outcome = ANY (${given(wanted.outcomes, 'text[]')})`,
    wanted.touched && `jsonb_exists_any((entry::jsonb -> 'touched'), ${given(wanted.touched, 'text[]')})`,
    wanted.from !== undefined && `recorded >= ${given(wanted.from, 'timestamptz')}`,
    wanted.until !== undefined && `recorded < ${given(wanted.until, 'timestamptz')}`,
    wanted.below !== undefined && `seq < ${given(wanted.below, 'bigint')}`,
  ].filter((condition) => typeof condition === 'string');
  const rows = await sql.query<{ seq: string; patients: string[]; entry: string }>(
    `SELECT seq::text, patients, entry FROM audit_event ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
      ORDER BY audit_event.seq DESC LIMIT ${given(wanted.count, 'integer')}`,
    values,
  );
  return rows.map(({ entry, ...row }) => ({ ...row, entry: JSON.parse(entry) as KeptEntry }));
}

/** Everything of one patient since an instant, newest first, page after page; at most `limits.audit.looked`. */
export async function* eventsOfPatient(
  sql: Sql,
  patientId: string,
  {
    acts,
    from,
    until,
    outcomes = ['success'],
  }: { acts: readonly string[]; from: string; until?: string; outcomes?: readonly Outcome[] },
): AsyncGenerator<KeptEvent> {
  let below: string | undefined;
  for (let looked = 0; looked < limits.audit.looked; ) {
    const page = await findEvents(sql, {
      patients: [[patientId]],
      outcomes,
      acts,
      from,
      ...(until !== undefined && { until }),
      count: limits.audit.maxCount,
      ...(below !== undefined && { below }),
    });
    yield* page;
    looked += page.length;
    below = page.at(-1)?.seq;
    if (page.length < limits.audit.maxCount) return;
  }
}
