import { visibilityOf } from '../../access/decide.ts';
import { isSharing } from '../../access/policy/sharing-consent.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { actorOf } from '../actor-of.ts';
import { type Deciding, deciding } from './caller.ts';
import { actorFor, disclosureConsent } from './share-operation.ts';
import type { SharingDeps } from './sharing.ts';

/**
 * `POST Patient/[id]/$stop-sharing`: whoever decides for the child ends what one partner organization is told, from its next read on. Ends the
 * consents to it that the caller may change; where the partner needs none, writes a denial.
 */
export function stopOperation(deps: SharingDeps): Operation {
  return {
    name: 'stop-sharing',
    definition: `${canonicalBase}/OperationDefinition/stop-sharing`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: ['organization'],
    requires: [
      ['Patient', 'r'],
      ['Consent', 'cu'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, deps: SharingDeps): Promise<Result<Resource>> {
  const now = deps.clock.now();
  const found = await deciding(request, deps.policy, now);
  if (!found.ok) return found;
  const { partner } = found.value;
  const { principal } = request;
  return request.store.transact(actorOf(request), async (tx) => {
    let ended = 0;
    for (const consent of namingPartner(found.value)) {
      const stored = await tx.read('Consent', consent.id ?? '');
      if (!stored || !(await tx.sees(visibilityOf(principal, 'u'), stored))) continue;
      const written = await tx.update({ ...consent, status: 'inactive' });
      if (!written.ok) return written;
      ended += 1;
    }
    const denies = !partner.rules.needsConsent;
    if (denies) {
      const denial = await tx.create({
        ...disclosureConsent(found.value, now),
        policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTOUT' }] },
        provision: { type: 'deny', actor: [actorFor(partner.reference)] },
      } satisfies r4.Consent);
      if (!denial.ok) return denial;
      if (!(await tx.sees(visibilityOf(principal, 'c'), denial.value.stored)))
        return fail('forbidden', 'This denial reaches outside of what is allowed.');
    }
    const parameter = [
      { name: 'ended', valueInteger: ended },
      { name: 'denied', valueBoolean: denies },
    ];
    return ok({ resourceType: 'Parameters', parameter });
  });
}

/** Consents in force that let this partner, and perhaps others with it, be told. */
function namingPartner({ child, partner }: Deciding): (Resource & r4.Consent)[] {
  return child.consents.flatMap((consent) => {
    if (!isOfType(consent, 'Consent') || consent.status !== 'active' || !isSharing(consent)) return [];
    const { type, actor = [] } = consent.provision ?? {};
    return type === 'permit' && actor.some(({ reference }) => reference.reference === partner.reference)
      ? [consent]
      : [];
  });
}
