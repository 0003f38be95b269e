import { visibilityOf } from '../../access/decide.ts';
import type { Policy } from '../../access/policy/compile.ts';
import { codings } from '../../access/policy/consent.ts';
import { type Ground, partnerKindSystem } from '../../access/policy/partner-facts.ts';
import { isSharing } from '../../access/policy/sharing-consent.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { childSeen } from './caller.ts';
import type { ChildRecords } from './child-records.ts';
import { namesOf } from './names-of.ts';
import { agreementsOf, employersOf, leaveOf, type Partner, partnerAt } from './partner.ts';
import { relationsOf } from './relations.ts';
import { redisclosureWarning } from './share-operation.ts';
import type { SharingDeps } from './sharing.ts';
import { openedWords, toldWords } from './told-words.ts';

/**
 * `GET Patient/[id]/$sharing`: in plain words, which partner organizations are told what of the child, why, by which agreement and by whose leave,
 * since when and until when. For the family and the staff of the house, each as far as they may know.
 */
export function sharingOperation(deps: SharingDeps): Operation {
  return {
    name: 'sharing',
    definition: `${canonicalBase}/OperationDefinition/sharing`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: [],
    requires: [['Patient', 'r']],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, { clock, policy: inForce }: SharingDeps): Promise<Result<Resource>> {
  const { store, principal } = request;
  // Another partner, and what the family allows it, is not a partner's business.
  if (principal.view?.partner)
    return fail('forbidden', 'Who is told what is for the family and the staff of the house.');
  const child = await childSeen(request);
  if (!child.ok) return child;
  const [now, policy] = [clock.now(), await inForce()];
  if (!policy) return ok({ resourceType: 'Parameters' });
  const grounds = await relationsOf(store, principal, child.value.id, { policy, now });
  const consents = await consentsSeen(request, child.value);
  const me = await namesOf(store, principal.fhirUser ?? '');
  const byPartner = new Map<string, Set<Ground['kind']>>();
  for (const { kind, party } of grounds)
    for (const employer of await employersOf(store, party))
      byPartner.set(employer, new Set([...(byPartner.get(employer) ?? []), kind]));
  for (const consent of consents)
    for (const { reference } of consent.provision?.actor ?? [])
      if (reference.reference && !byPartner.has(reference.reference)) byPartner.set(reference.reference, new Set());
  const parameter: r4.ParametersParameter[] = [];
  for (const [reference, kinds] of [...byPartner].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const partner = await partnerAt(store, reference, policy);
    if (!partner) continue;
    const agreements = await agreementsOf(store, partner, policy, now);
    const own = consents.filter(({ provision }) =>
      provision?.actor?.some((one) => one.reference.reference === reference),
    );
    parameter.push(partOf({ partner, kinds, agreements, consents: own, child: child.value, me, policy, now }));
  }
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

/** The consents to organizations that this caller may know of. */
async function consentsSeen(
  { store, principal }: OperationRequest,
  child: ChildRecords,
): Promise<(Resource & r4.Consent)[]> {
  const found = await Promise.all(
    child.consents.map(async (consent) => {
      if (!isOfType(consent, 'Consent') || consent.status !== 'active' || !isSharing(consent)) return [];
      const seen = await store.readSeen('Consent', consent.id ?? '', visibilityOf(principal, 'r'));
      return seen && !seen.deleted ? [consent] : [];
    }),
  );
  return found.flat();
}

interface Described {
  partner: Partner;
  kinds: ReadonlySet<Ground['kind']>;
  agreements: readonly Resource[];
  consents: readonly (Resource & r4.Consent)[];
  child: ChildRecords;
  me: ReadonlySet<string>;
  policy: Policy;
  now: Date;
}

function partOf({ partner, kinds, agreements, consents, child, me, policy, now }: Described): r4.ParametersParameter {
  // Of leave that this caller may not know of, nothing is said: it is as if there were none.
  const known = {
    ...child,
    consents: child.consents.filter(
      (one) => !isOfType(one, 'Consent') || !isSharing(one) || consents.some(({ id }) => id === one.id),
    ),
  };
  const { answer, told } = leaveOf(known, partner, policy, now);
  const counting = [...kinds].filter((kind) => partner.rules.grounds.includes(kind));
  const sees = agreements.length > 0 && answer === 'given' && counting.length > 0;
  const leave = answer === 'given' && consents.length === 0 ? 'not-needed' : answer;
  const coding = { system: partnerKindSystem, code: partner.kind };
  const until = agreements
    .flatMap((one) => (isOfType(one, 'Contract') ? (one.applies?.end ?? []) : []))
    .sort()
    .at(-1);
  return {
    name: 'partner',
    part: [
      { name: 'organization', valueReference: { reference: partner.reference, ...nameOf(partner) } },
      { name: 'kind', valueCoding: coding },
      { name: 'sees', valueBoolean: sees },
      ...(sees && told ? toldWords(partner.of, told).map((text) => ({ name: 'what', valueString: text })) : []),
      ...(sees && told
        ? openedWords(partner.of, told, policy).map((text) => ({ name: 'sensitive', valueCode: text }))
        : []),
      ...counting.map((kind) => ({ name: 'because', valueCode: kind })),
      { name: 'agreement', valueBoolean: agreements.length > 0 },
      ...(until === undefined ? [] : [{ name: 'agreementUntil', valueDateTime: until }]),
      { name: 'leave', valueCode: leave },
      ...consents.map((one) => leavePart(one, child.id, me)),
      ...(partner.rules.isCovered ? [] : [{ name: 'warning', valueString: redisclosureWarning }]),
    ],
  };
}

function leavePart(consent: Resource & r4.Consent, childId: string, me: ReadonlySet<string>): r4.ParametersParameter {
  const givers = (consent.performer ?? []).map(({ reference = '' }) => reference);
  const by = givers.some((one) => me.has(one)) ? 'you' : givers.includes(`Patient/${childId}`) ? 'patient' : 'family';
  const { type = 'permit', period } = consent.provision ?? {};
  const labels = codings({ coding: consent.provision?.securityLabel ?? [] });
  return {
    name: 'consent',
    part: [
      { name: 'id', valueId: consent.id ?? '' },
      { name: 'says', valueCode: type },
      { name: 'by', valueCode: by },
      ...(period === undefined ? [] : [{ name: 'period', valuePeriod: period }]),
      ...labels.flatMap(({ code }) => (typeof code === 'string' ? [{ name: 'label', valueCode: code }] : [])),
    ],
  };
}

function nameOf({ organization }: Partner): { display?: string } {
  return isOfType(organization, 'Organization') && organization.name !== undefined
    ? { display: organization.name }
    : {};
}
