import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { careActor } from './care-actor.ts';
import { composePlan } from './compose.ts';

/** `POST Patient/[id]/$compose-shared-plan`: composes the child's shared plan and answers with it. */
export function composeOperation(clock: Clock): Operation {
  return {
    name: 'compose-shared-plan',
    definition: `${canonicalBase}/OperationDefinition/compose-shared-plan`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    // Composing writes the plan, its Tasks and its team, so the caller needs leave for each.
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'cru'],
      ['Task', 'cu'],
      ['CareTeam', 'cu'],
    ],
    handle: (request) => handle(request, clock),
  };
}

async function handle(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const { store, principal, id, requestId } = request;
  const absent = fail('not-found', 'There is no such child here.');
  const child = id === undefined ? undefined : await store.read('Patient', id);
  // One answer for absent, deleted and not this caller's: nobody learns who is known here.
  if (id === undefined || !child || child.deleted || !(await store.sees(visibilityOf(principal, 'r'), child)))
    return absent;
  // The plan is the care team's to compose: whoever may not change it for this child finds nothing to compose.
  const changes = visibilityOf(principal, 'u');
  const mayChange =
    changes.kind === 'all' || changes.grants.some(({ types }) => types === 'any' || types.has('CarePlan'));
  if (!mayChange) return absent;
  return store.transact(careActor(requestId), async (tx) => {
    const composed = await composePlan(tx, id, { clock, begin: true, onBehalfOf: principal.fhirUser });
    if (!composed.ok) return composed;
    const plan = await tx.readSeen('CarePlan', composed.value.planId, visibilityOf(principal, 'r'));
    const current = currentOf(plan);
    return current ? ok(current) : fail('forbidden', 'The composed plan is kept back from this caller.');
  });
}
