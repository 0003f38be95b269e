import type { Result } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';
import type { Criterion } from './query.ts';

/** What the parsers of criteria share. */
export interface CriterionContext {
  definitions: Definitions;
  /** Our own base, so that absolute references under it are known as local ones. */
  baseUrl: string;
  /** How many joins lead here: chains, `_has` and `_filter` paths count alike. */
  depth: number;
  /** The joins of the whole search so far. Every join adds itself; above the limit the search is refused. */
  cost: { joins: number; tries: number; values: number };
  /** Parses a criterion on another type, for what leads there. */
  criterion: (context: CriterionContext, type: string, name: string, value: string) => Result<Criterion>;
}
