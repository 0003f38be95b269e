import { bandForOthers } from '../../access/policy/age.ts';
import type { Policy } from '../../access/policy/compile.ts';
import { codings, list } from '../../access/policy/consent.ts';
import { flagFacts } from '../../access/policy/flags.ts';
import { isSharing, readSharing } from '../../access/policy/sharing-consent.ts';
import { isOfFamily } from '../../access/policy/told-tasks.ts';
import { decidersOf } from '../../access/policy/who-decides.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Tx, WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { deletedBefore } from '../written-here.ts';
import { type ChildRecords, childRecords } from './child-records.ts';
import { isOnRecord } from './evidence.ts';
import { namesOf } from './names-of.ts';
import { partnerAt } from './partner.ts';
import type { SharingDeps } from './sharing.ts';

const rule = 'sharing';
/** Says that who gave the leave was told that HIPAA does not protect the copy. */
export const warnedUrl = `${canonicalBase}/StructureDefinition/redisclosure-warned`;

type Consent = Resource & r4.Consent;

/**
 * A consent to share with an organization (category IDSCL): who may decide gives it, to partners that are here, for a purpose and until a day, and
 * knows where no law protects the copy. What is sensitive about a teen only the teen shares. To take it back, and to deny, is always possible.
 */
export const checkSharing = (deps: SharingDeps): WriteCheck => ({
  name: rule,
  types: ['Consent'],
  check: async (change, tx) => {
    const { after } = change;
    const before = change.before ?? (await deletedBefore(change, tx));
    if (!after && before && isSharing(before) && tx.actor.kind === 'user')
      return fail('forbidden', 'A consent to share is kept. End it by its status (inactive).');
    if (isSync(tx.actor) || !isOfType(after, 'Consent') || !isSharing(after)) return ok(undefined);
    if (after.status !== 'active' || after.provision?.type !== 'permit') return ok(undefined);
    if (
      isOfType(before, 'Consent') &&
      before.status !== 'active' &&
      before.status !== 'draft' &&
      before.status !== 'proposed'
    )
      return refuse(rule, 'What was ended is not begun again. Give a new consent.', 'Consent.status');
    const policy = deps.policyHere();
    if (!policy)
      return refuse(rule, 'There is no privacy policy that could be followed. Nothing is shared.', 'Consent');
    const shape = checkShape(after, policy);
    if (!shape.ok) return shape;
    const partners = await checkActors(after, policy, tx);
    if (!partners.ok) return partners;
    const child = await childRecords(tx, localId(after.patient, 'Patient') ?? '');
    if (!child) return refuse(rule, 'A consent is of a child that is here.', 'Consent.patient');
    return checkGiver(after, child, { policy, now: deps.clock.now(), tx });
  },
});

function checkShape(consent: Consent, policy: Policy): Result<void> {
  const { period, purpose = [] } = consent.provision ?? {};
  if (!period?.start || !period.end)
    return refuse(rule, 'A consent to share says from when until when it holds.', 'Consent.provision.period');
  if (purpose.length === 0) return refuse(rule, 'A consent to share says for what.', 'Consent.provision.purpose');
  if (readSharing(consent, policy)) return ok(undefined);
  const text = 'This consent narrows what is shared in a way that is not followed here, so it would share nothing.';
  return refuse(rule, text, 'Consent.provision');
}

async function checkActors(consent: Consent, policy: Policy, tx: Tx): Promise<Result<void>> {
  const actors = (consent.provision?.actor ?? []).map(({ reference }) => reference.reference ?? '');
  const partners = await Promise.all(actors.map((one) => partnerAt(tx, one, policy)));
  if (actors.length === 0 || partners.includes(undefined))
    return refuse(rule, 'A consent to share names partner organizations that are here.', 'Consent.provision.actor');
  const isWarned = list(consent.extension).some((one) => JSON.stringify(one) === JSON.stringify(warned));
  if (isWarned || partners.every((one) => one?.rules.isCovered)) return ok(undefined);
  const text = `HIPAA does not protect the copy that this organization keeps. Say so to whoever decides, and that they know it (extension redisclosure-warned).`;
  return refuse(rule, text, 'Consent.extension');
}

export const warned = { url: warnedUrl, valueBoolean: true };

/** Who has given it may decide; whoever writes it is them, or has it on record. */
async function checkGiver(
  consent: Consent,
  child: ChildRecords,
  { policy, now, tx }: { policy: Policy; now: Date; tx: Tx },
): Promise<Result<void>> {
  const givers = (consent.performer ?? []).map(({ reference = '' }) => reference);
  const deciders = decidersOf(child, policy, now);
  if (givers.length === 0 || !givers.every((one) => deciders.has(one)))
    return refuse(rule, 'A consent to share is given by somebody who decides for the child now.', 'Consent.performer');
  const { actor } = tx;
  if (isOfFamily(actor)) {
    const own = await namesOf(tx, actor.id);
    if (!givers.every((one) => own.has(one)))
      return refuse(rule, 'Everybody gives leave in their own name.', 'Consent.performer');
  } else if (actor.kind === 'user' && !isOnRecord(consent))
    return refuse(
      rule,
      'Who writes down what a family allows, keeps what they signed or who has verified it.',
      'Consent.source[x]',
    );
  const opens = codings({ coding: list(consent.provision?.securityLabel) }).length > 0;
  const isChild =
    flagFacts(child.flags, policy, now).emancipated === 'no' &&
    bandForOthers(child.birthDate, policy.document, now) === 'child';
  if (!opens || isChild || givers.includes(`Patient/${child.id}`)) return ok(undefined);
  const text = 'What is sensitive about a young person, only the young person shares.';
  return refuse(rule, text, 'Consent.provision.securityLabel');
}
