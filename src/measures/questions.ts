import { ok, type Result } from '../base/errors.ts';
import type { Resource } from '../fhir/types.ts';
import type { At, Explanation, Logic } from './engine/contract.ts';
import { createSlice } from './engine/slice.ts';
import { CqlDate } from './engine/values/date.ts';
import { CqlDateTime } from './engine/values/date-time.ts';
import { Interval } from './engine/values/interval.ts';
import type { Value } from './engine/values/types.ts';

/** What is asked of one child beside its populations. `resources`: the child's record, as the asker may see it. */
export interface MeasureQuestions {
  /** Names of the definitions of the main library. */
  definitions: ReadonlySet<string>;
  /** Why these definitions are what they are. */
  explain(resources: readonly Resource[], at: At, names: readonly string[]): Promise<Result<Explanation[]>>;
  /** The last day, `YYYY-MM-DD`, of the date, time or period that each of these definitions holds; undefined where it holds none. */
  lastDays(resources: readonly Resource[], at: At, names: readonly string[]): Promise<Result<(string | undefined)[]>>;
}

export function questionsOf(logic: Logic): MeasureQuestions {
  return {
    definitions: logic.definitions,
    explain: async (resources, at, names) => logic.over(createSlice(resources), at).explain(names),
    async lastDays(resources, at, names) {
      const evaluation = logic.over(createSlice(resources), at);
      const days: (string | undefined)[] = [];
      for (const name of names) {
        const value = evaluation.value(name);
        if (!value.ok) return value;
        days.push(lastDay(value.value));
      }
      return ok(days);
    },
  };
}

function lastDay(value: Value): string | undefined {
  if (value instanceof Interval) return lastDay(value.end);
  if (value instanceof CqlDate || value instanceof CqlDateTime) {
    return /^\d{4}-\d{2}-\d{2}/.exec(String(value))?.[0];
  }
  return undefined;
}
