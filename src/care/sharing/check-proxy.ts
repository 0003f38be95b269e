import { isDeepStrictEqual } from 'node:util';
import { codings, hasEvidence, isPrivacyConsent, proxyBasisSystem } from '../../access/policy/consent.ts';
import { rolesOf } from '../../access/policy/roles.ts';
import { isSharing } from '../../access/policy/sharing-consent.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { isOnRecord } from './evidence.ts';
import type { SharingDeps } from './sharing.ts';

const rule = 'proxy-consent';

/**
 * Who of the staff makes somebody a proxy, or lets a colleague see what federal law keeps apart, has it on record: who gave it, and what the basis
 * asks for. Nobody does it for themselves. Privacy officers, administrators and systems (which bring what was decided elsewhere) answer for it
 * themselves; to end one, and to deny, is always possible.
 */
export const checkProxy = ({ policyHere }: SharingDeps): WriteCheck => ({
  name: rule,
  types: ['Consent'],
  check: async ({ before, after }, tx) => {
    const { actor } = tx;
    if (actor.kind !== 'user' || !/^Practitioner(Role)?\//.test(actor.id)) return ok(undefined);
    if (!isOfType(after, 'Consent') || !gives(after) || isTheSame(before, after)) return ok(undefined);
    const roles = await rolesOf(tx.own, actor.id);
    if (roles.has('privacy-officer') || roles.has('administrator')) return ok(undefined);
    const current = policyHere();
    if (!current) return refuse(rule, 'There is no privacy policy that could be followed.', 'Consent');
    const actors = (after.provision?.actor ?? []).map(({ reference }) => reference.reference);
    if (actors.includes(actor.id)) return refuse(rule, 'Nobody gives leave to themselves.', 'Consent.provision.actor');
    const [basis = ''] = codings(after.category, proxyBasisSystem);
    return checkEvidence(after, basis, hasEvidence(after, basis, current));
  },
});

/** In force it would let somebody see more. */
function gives(consent: Resource & r4.Consent): boolean {
  const patientId = localId(consent.patient, 'Patient');
  if (patientId === undefined || !isPrivacyConsent(consent, patientId) || isSharing(consent)) return false;
  return consent.provision?.type === 'permit';
}

function isTheSame(before: Resource | undefined, after: Resource): boolean {
  if (!isOfType(before, 'Consent') || before.status !== 'active') return false;
  return (['category', 'patient', 'provision', 'scope'] as const).every((name) =>
    isDeepStrictEqual(before[name], after[name]),
  );
}

/** Bases that only the person concerned gives. */
const own: readonly string[] = ['teen-authorised', 'adult-child-authorised'];

function checkEvidence(consent: Resource & r4.Consent, basis: string, isEnough: boolean): Result<void> {
  const givers = (consent.performer ?? []).map(({ reference }) => reference);
  if (givers.length === 0) return refuse(rule, 'A consent names who has given it.', 'Consent.performer');
  if (own.includes(basis) && !givers.includes(consent.patient?.reference))
    return refuse(rule, 'This consent is the person’s own to give.', 'Consent.performer');
  if (isEnough && isOnRecord(consent)) return ok(undefined);
  const text =
    'Keep what it rests on: the document, or who has verified it with whom, and its end where the basis asks for one.';
  return refuse(rule, text, 'Consent.source[x]');
}
