import type { Result } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { Criterion } from '../../fhir/search/query.ts';
import type { Visibility } from '../types.ts';
import type { Statement } from './statement.ts';

/** The rows that a condition is about, and what conditions are made with. */
export interface Selection {
  definitions: Definitions;
  visibility: Visibility;
  into: Statement;
  /** The type of the rows. */
  type: string;
  /** How the statement calls the `resource` row: `r`, and behind joins `r1`, `r2` …: write `${row}.tokens`, never `r.tokens`. */
  row: string;
  /** Within one patient's records: rows are looked at one by one, so no index may be started from. */
  scoped: boolean;
  /** All matches are needed, for an order or a number, not the first few of them. */
  whole: boolean;
  /** How many records meet what is behind a join, as far as they were counted: joinSizes. */
  sizes: ReadonlyMap<Criterion, number>;
  /** The SQL of any criterion about the rows of a selection. */
  criterion: (selection: Selection, criterion: Criterion) => Result<string>;
}
