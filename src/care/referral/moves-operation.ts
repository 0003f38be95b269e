import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { actorOf } from '../actor-of.ts';
import { currentOf } from '../stored.ts';
import { type CanonicalState, stateOf, statusFor } from './canonical-state.ts';
import { needReason, partiesIn } from './check-move.ts';
import { dialectOf } from './dialect/partners.ts';
import { hasOpenPart } from './indirect/follow.ts';
import { partsOf } from './indirect/parts-of.ts';
import { moves, type Party } from './moves.ts';
import { mayReroute } from './reroute.ts';
import { fulfillsReferral } from './states.ts';

/**
 * `GET Task/[id]/$referral-moves`: where a referral stands and what this caller may make of it, as the rule of moves has it (check-move.ts), so that no
 * client needs the table. What is told may still be refused for what the Task says besides (an outcome, a place that is full). Errors: `not-found`
 * for what the caller does not see, 422 for a Task that is no referral. Answers with Parameters (OperationDefinition/referral-moves).
 */
export const movesOperation: Operation = {
  name: 'referral-moves',
  definition: `${canonicalBase}/OperationDefinition/referral-moves`,
  level: 'instance',
  resourceType: 'Task',
  affectsState: false,
  parameters: [],
  requires: [['Task', 'r']],
  handle,
};

async function handle(request: OperationRequest): Promise<Result<Resource>> {
  const { store, principal, id = '' } = request;
  const stored = await store.readSeen('Task', id, visibilityOf(principal, 'r'));
  const task = currentOf(stored);
  if (!stored || !isOfType(task, 'Task')) return fail('not-found', 'There is no such Task here.');
  const from = fulfillsReferral(task) ? stateOf(task) : undefined;
  if (from === undefined) return fail('unprocessable', 'This Task is no referral.', { code: 'business-rule' });
  const isChanged = await store.sees(visibilityOf(principal, 'u'), stored);
  const parties = isChanged ? await partiesIn({ actor: actorOf(request), own: store, reader: store }, task) : [];
  const barred = await barredFrom(from, task, request);
  const next = nextOf(from, parties).filter((to) => !barred.has(to));
  const parameter: r4.ParametersParameter[] = [
    { name: 'state', valueCode: from },
    ...parties.map((party) => ({ name: 'party', valueCode: party })),
    ...next.map(movePart),
    { name: 'reroute', valueBoolean: isChanged && mayReroute(from) },
  ];
  return ok({ resourceType: 'Parameters', parameter });
}

function nextOf(from: CanonicalState, parties: readonly Party[]): CanonicalState[] {
  const own = moves.filter((move) => move.from === from && move.to !== from && parties.includes(move.by));
  return [...new Set(own.map(({ to }) => to))];
}

/** Legal by the table, and refused because of the parts or the partner of this referral. */
async function barredFrom(
  from: CanonicalState,
  task: Resource & r4.Task,
  { store }: OperationRequest,
): Promise<ReadonlySet<CanonicalState>> {
  const barred = new Set<CanonicalState>();
  if (hasOpenPart(await partsOf(store, task.id ?? ''))) barred.add('completed');
  if (from !== 'cancel-requested' && (await dialectOf(store, task.owner?.reference)) === 'bser')
    barred.add('cancelled');
  return barred;
}

function movePart(to: CanonicalState): r4.ParametersParameter {
  const { status, businessStatus } = statusFor(to);
  return {
    name: 'move',
    part: [
      { name: 'to', valueCode: to },
      { name: 'status', valueCode: status },
      ...(businessStatus ? [{ name: 'businessStatus', valueCodeableConcept: businessStatus }] : []),
      { name: 'reason', valueBoolean: needReason.has(to) },
    ],
  };
}
