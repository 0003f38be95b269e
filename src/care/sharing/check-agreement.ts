import { agreementSystem, signersOf } from '../../access/policy/agreement.ts';
import { codings } from '../../access/policy/consent.ts';
import { partnerKind } from '../../access/policy/partner-facts.ts';
import { rolesOf } from '../../access/policy/roles.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Tx, WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';

const rule = 'agreement';

/**
 * The registry of agreements is kept by privacy officers, administrators and systems. One in force is signed by an organization of the house and by
 * a partner that are both here, and says from when until when it holds.
 */
export const checkAgreement: WriteCheck = {
  name: rule,
  types: ['Contract'],
  check: async ({ before, after }, tx) => {
    if (isSync(tx.actor) || (!isAgreement(before) && !isAgreement(after))) return ok(undefined);
    const { actor } = tx;
    if (actor.kind === 'user') {
      const roles = await rolesOf(tx.own, actor.id);
      if (!roles.has('privacy-officer') && !roles.has('administrator'))
        return fail('forbidden', 'Agreements between organizations are kept by privacy officers and administrators.');
    }
    return isOfType(after, 'Contract') && after.status === 'executed' && isAgreement(after)
      ? checkWhole(after, tx)
      : ok(undefined);
  },
};

function isAgreement(contract: Resource | undefined): boolean {
  return codings(contract?.type, agreementSystem).includes('data-sharing');
}

async function checkWhole(contract: Resource, tx: Tx): Promise<Result<void>> {
  const { applies } = contract;
  const isWhole = isOfType(contract, 'Contract') && contract.applies?.start && contract.applies.end;
  if (applies === undefined || !isWhole)
    return refuse(rule, 'An agreement in force says from when until when it holds.', 'Contract.applies');
  const signers = signersOf(contract);
  const found = await Promise.all(
    signers.map(async (one) => currentOf(await tx.read('Organization', one.split('/')[1] ?? ''))),
  );
  if (found.some((one) => one === undefined))
    return refuse(rule, 'Everybody who signs is an Organization that is here.', 'Contract.signer.party');
  const kinds = found.map(partnerKind);
  if (kinds.some((kind) => kind !== undefined) && kinds.some((kind) => kind === undefined)) return ok(undefined);
  const text = 'An agreement is signed by a partner organization and by one that is none.';
  return refuse(rule, text, 'Contract.signer');
}
