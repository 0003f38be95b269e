import { isObject } from '../../fhir/search/walk-path.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Policy } from './compile.ts';
import { codings, hasForeignParts, list, referenceOf } from './consent.ts';
import { isWithin } from './period.ts';

/** What a Contract is when it is an agreement by which organizations share: its type. */
export const agreementSystem = `${canonicalBase}/CodeSystem/agreement`;

/**
 * The organizations that an agreement binds now: an executed Contract of our type, within the period for which it applies, signed by at least
 * two. Empty for anything else, and for what is changed in a way that we do not know.
 */
export function agreedBetween(contract: Resource, policy: Policy, now: Date): string[] {
  const isAgreement = codings(contract.type, agreementSystem).includes('data-sharing');
  if (!isAgreement || contract.status !== 'executed' || hasForeignParts(contract)) return [];
  // Without a period nobody has said until when: that is no agreement that could be relied on.
  if (contract.applies === undefined || isWithin(contract.applies, now, policy.document.timeZone) !== true) return [];
  const parties = new Set(signersOf(contract));
  return parties.size >= 2 ? [...parties] : [];
}

/** Says that who signs keeps the labels of what it is told, and what they order (DS4P). Unless an agreement says so, nothing is told that has one. */
export function keepsLabels({ subType }: Resource): boolean {
  return codings(subType, agreementSystem).includes('keeps-labels');
}

/** `Organization/…` of those who signed. */
export function signersOf({ signer }: Resource): string[] {
  return list(signer).flatMap((one) => {
    const party = isObject(one) ? referenceOf(one.party) : undefined;
    return party?.startsWith('Organization/') ? [party] : [];
  });
}
