import type { Stored } from '../../store/types.ts';
import { type Enrollment, isRunning } from './enrollment.ts';

/** One enrollment as it was before the transaction and as it is after it; gone: deleted, or no enrollment of ours any more. */
export interface Changed {
  id: string;
  is: Enrollment | undefined;
  was: Enrollment | undefined;
  stored: Stored | undefined;
}

/** True when somebody begins, or begins again, to work with the child by this change. */
export function beginsToRun({ is, was }: Changed): boolean {
  return is !== undefined && isRunning(is) && !(was !== undefined && isRunning(was));
}
