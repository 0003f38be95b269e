import type { Result } from '../../base/errors.ts';
import type { Criterion } from '../../fhir/search/query.ts';
import { chainCondition } from './chain.ts';
import { filterCondition } from './filter.ts';
import { hasCondition } from './has.ts';
import { junctionCondition, negationCondition } from './junction.ts';
import type { Selection } from './selection.ts';

/** The SQL of one criterion about the rows of a selection. Error `invalid`: a kind or modifier that is not answered. */
export function criterionCondition(selection: Selection, criterion: Criterion): Result<string> {
  switch (criterion.kind) {
    case 'filter':
      return filterCondition(selection, criterion);
    case 'chain':
      return chainCondition(selection, criterion);
    case 'has':
      return hasCondition(selection, criterion);
    case 'and':
    case 'or':
      return junctionCondition(selection, criterion);
    case 'not':
      return negationCondition(selection, criterion);
  }
}
