import type { CarePart } from '../parts.ts';
import { acceptOperation } from './accept-operation.ts';
import { checkDecision } from './check-decision.ts';
import { importOperation } from './import/import-operation.ts';
import { type ReconcileDeps, reconcileOperation } from './reconcile-operation.ts';
import { forgetDecisions, rememberDecisions } from './remember-decisions.ts';

/** What several places say of one child, held against each other (decision D19). */
export function reconcilePart(deps: ReconcileDeps): CarePart {
  return {
    checks: [checkDecision],
    effects: [forgetDecisions],
    conclusions: [rememberDecisions],
    operations: [reconcileOperation(deps), acceptOperation(deps), importOperation(deps)],
  };
}
