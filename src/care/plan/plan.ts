import type { CarePart } from '../parts.ts';
import { concludeComponentPlan } from './check-component.ts';
import { checkOneActivePlan } from './check-one-active.ts';
import { checkSharedPlan } from './check-shared-plan.ts';
import { composeJob } from './compose-job.ts';
import { composeOperation } from './compose-operation.ts';
import { type DocumentOperationDeps, documentOperation } from './document-operation.ts';
import { queueCompose } from './queue-compose.ts';
import { recordActivePlan } from './record-active-plan.ts';
import { rememberRemovals } from './removed.ts';

/** The shared plan of care and its components (decisions D1 to D5). */
export function planPart({ clock, ...documents }: DocumentOperationDeps): CarePart {
  return {
    checks: [checkSharedPlan, checkOneActivePlan],
    effects: [recordActivePlan, rememberRemovals],
    conclusions: [concludeComponentPlan, queueCompose],
    operations: [composeOperation(clock), documentOperation({ clock, ...documents })],
    jobs: [composeJob],
  };
}
