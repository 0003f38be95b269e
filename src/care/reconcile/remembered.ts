import { compareText } from '../../fhir/plan-view/index-of.ts';
import type { Sql } from '../../store/types.ts';
import type { Item } from './chart.ts';
import type { Remembered } from './rows.ts';

/** Under this kind stand decisions about two records. */
export const pairKind = 'pair';

export interface DecisionRow {
  kind: string;
  first: string;
  second: string;
  first_hash: string;
  second_hash: string;
  choice: string;
  decided_by: string;
  decided_at: Date;
  provenance_id: string;
}

export function readDecisions(sql: Sql, patientId: string): Promise<DecisionRow[]> {
  return sql.query<DecisionRow>(
    `SELECT kind, first, second, first_hash, second_hash, choice, decided_by, decided_at, provenance_id
       FROM reconcile_decision WHERE patient_id = $1 ORDER BY decided_at, kind, first, second`,
    [patientId],
  );
}

/** A decision holds as long as both sides say what they said then. */
export function rememberedOf(decisions: readonly DecisionRow[]): Remembered {
  const keys = new Set(decisions.map((one) => key(one.kind, one.first, one.first_hash, one.second, one.second_hash)));
  return {
    hasPair(a, b) {
      const [first, second] = inOrder(a, b);
      return keys.has(key(pairKind, first.reference, first.hash, second.reference, second.hash));
    },
    hasOne: (kind, { reference, hash }) => keys.has(key(kind, reference, hash, '', '')),
  };
}

export function inOrder<T extends Pick<Item, 'reference'>>(a: T, b: T): [T, T] {
  return compareText(a.reference, b.reference) < 0 ? [a, b] : [b, a];
}

const key = (...parts: string[]) => parts.join('\n');
