import { fail, ok, type Result } from '../../../base/errors.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import { careActor } from '../../plan/care-actor.ts';
import { askLink } from './ask-link.ts';
import { endLink } from './link-row.ts';
import type { LinkDeps } from './make-operation.ts';

/**
 * `POST Patient/[id]/$revoke-emergency-link` with `link` (its id): closes a link for good; the next who follows it finds nothing. Everybody who sees the
 * plan may: closing one harms nobody.
 */
export function revokeLinkOperation(deps: LinkDeps): Operation {
  return {
    name: 'revoke-emergency-link',
    definition: `${canonicalBase}/OperationDefinition/revoke-emergency-link`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: ['link'],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'r'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, { clock, readsAs }: LinkDeps): Promise<Result<Resource>> {
  const id = request.parameters.text('link');
  if (id === undefined) return fail('invalid', 'link is the id of the link.', { code: 'required' });
  const asked = await askLink(request, readsAs);
  if (!asked.ok) return asked;
  const { patientId } = asked.value;
  const ended = await request.store.transact(careActor(request.requestId), async (tx) =>
    ok(await endLink(tx.own, { id, patientId }, 'revoked', clock.now())),
  );
  if (!ended.ok) return ended;
  if (!ended.value) return fail('not-found', 'There is no such link that is open.');
  return ok({ resourceType: 'Parameters', parameter: [{ name: 'link', valueId: id }] });
}
