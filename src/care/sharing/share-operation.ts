import { visibilityOf } from '../../access/decide.ts';
import { disclosureCode } from '../../access/policy/sharing-consent.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationParameters, OperationRequest } from '../../module.ts';
import type { Tx } from '../../store/types.ts';
import { actorOf } from '../actor-of.ts';
import { currentOf } from '../stored.ts';
import { type Deciding, deciding } from './caller.ts';
import { warned } from './check-sharing.ts';
import type { SharingDeps } from './sharing.ts';

/**
 * `POST Patient/[id]/$share`: whoever decides for the child lets one partner organization be told of it, until a day. Writes a Consent as the caller,
 * by the rules that any other way has (`check-sharing.ts`), and ends a denial that the caller gave before.
 */
export function shareOperation(deps: SharingDeps): Operation {
  return {
    name: 'share',
    definition: `${canonicalBase}/OperationDefinition/share`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: ['organization', 'until', 'purpose', 'type', 'label', 'understood'],
    requires: [
      ['Patient', 'r'],
      ['Consent', 'cu'],
    ],
    handle: (request) => handle(request, deps),
  };
}

/** What is said to whoever shares with an organization that HIPAA does not bind. */
export const redisclosureWarning =
  'HIPAA does not protect the copy that this organization keeps: what it does with it, other laws and its agreement with us say.';

async function handle(request: OperationRequest, deps: SharingDeps): Promise<Result<Resource>> {
  const now = deps.clock.now();
  const found = await deciding(request, deps.policy, now);
  if (!found.ok) return found;
  const { partner } = found.value;
  const until = request.parameters.text('until');
  if (until === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(until))
    return fail('invalid', 'until is the last day on which it holds (YYYY-MM-DD).', { code: 'value' });
  if (until < now.toISOString().slice(0, 10)) return fail('invalid', 'until is a day to come.', { code: 'value' });
  if (!partner.rules.isCovered && request.parameters.text('understood') !== 'true')
    return fail('unprocessable', `${redisclosureWarning} Send understood=true when that has been read.`, {
      code: 'business-rule',
    });
  const consent = consentOf(found.value, request.parameters, now, until);
  const valid = (await request.check?.(consent)) ?? ok(undefined);
  if (!valid.ok) return valid;
  return request.store.transact(actorOf(request), async (tx) => {
    const ended = await endDenials(tx, found.value, request);
    if (!ended.ok) return ended;
    const written = await tx.create(consent);
    if (!written.ok) return written;
    const { stored } = written.value;
    const after = currentOf(stored);
    if (!isOfType(after, 'Consent') || !(await tx.sees(visibilityOf(request.principal, 'c'), stored)))
      return fail('forbidden', 'This consent reaches outside of what is allowed.');
    const parameter: r4.ParametersParameter[] = [{ name: 'consent', resource: after }];
    if (!partner.rules.isCovered) parameter.push({ name: 'warning', valueString: redisclosureWarning });
    return ok({ resourceType: 'Parameters', parameter });
  });
}

function consentOf(
  { child, partner, giver }: Deciding,
  parameters: OperationParameters,
  now: Date,
  until: string,
): Resource & r4.Consent {
  const asked = parameters.texts('purpose');
  const purposes = asked.length > 0 ? asked : partner.rules.purposes.slice(0, 1);
  const types = parameters.texts('type').map((code) => ({ system: 'http://hl7.org/fhir/resource-types', code }));
  const labels = parameters.texts('label').map((code) => ({ system: disclosureCode.system, code }));
  const reasons = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
  return {
    ...disclosureConsent({ child, partner, giver }, now),
    ...(!partner.rules.isCovered && { extension: [warned] }),
    provision: {
      type: 'permit',
      period: { start: now.toISOString(), end: until },
      actor: [actorFor(partner.reference)],
      purpose: purposes.map((code) => ({ system: reasons, code })),
      ...(types.length > 0 && { class: types }),
      ...(labels.length > 0 && { securityLabel: labels }),
    },
  };
}

/** What a consent about one partner says in any case. */
export function disclosureConsent(
  { child, giver }: Pick<Deciding, 'child' | 'partner' | 'giver'>,
  now: Date,
): Resource & r4.Consent {
  const category = { ...disclosureCode, display: 'information disclosure' };
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [category] }],
    patient: { reference: `Patient/${child.id}` },
    dateTime: now.toISOString(),
    performer: [{ reference: giver }],
    policyRule: { coding: [{ system: disclosureCode.system, code: 'OPTIN' }] },
  };
}

export function actorFor(reference: string): r4.ConsentProvisionActor {
  const recipient = { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' };
  return { role: { coding: [recipient] }, reference: { reference } };
}

/** What the caller has denied before stands against what the caller now allows. */
async function endDenials(
  tx: Tx,
  { partner, giver, child }: Deciding,
  { principal }: OperationRequest,
): Promise<Result<void>> {
  for (const consent of child.consents) {
    if (!isOfType(consent, 'Consent') || consent.status !== 'active' || consent.provision?.type !== 'deny') continue;
    const isTheirs = consent.performer?.every(({ reference }) => reference === giver) === true;
    const names = consent.provision.actor?.every(({ reference }) => reference.reference === partner.reference) === true;
    if (!isTheirs || !names || consent.id === undefined) continue;
    const stored = await tx.read('Consent', consent.id);
    if (!stored || !(await tx.sees(visibilityOf(principal, 'u'), stored))) continue;
    const ended = await tx.update({ ...consent, status: 'inactive' });
    if (!ended.ok) return ended;
  }
  return ok(undefined);
}
