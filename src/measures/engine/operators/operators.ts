import { aggregates } from './aggregates.ts';
import { clinical } from './clinical.ts';
import { comparison } from './comparison.ts';
import { intervals } from './intervals.ts';
import { lists } from './lists.ts';
import { logical } from './logical.ts';
import { numbers } from './numbers.ts';
import { strings } from './strings.ts';
import { temporal } from './temporal.ts';
import { typeOperators } from './type-operators.ts';
import type { OperatorTable } from './types.ts';

/** Every operator of CQL 1.5 that can be computed from its operands, by the type of its ELM node. What is not here is refused at load. */
export const operators: OperatorTable = {
  ...logical,
  ...comparison,
  ...numbers,
  ...strings,
  ...temporal,
  ...intervals,
  ...lists,
  ...aggregates,
  ...typeOperators,
  ...clinical,
};
