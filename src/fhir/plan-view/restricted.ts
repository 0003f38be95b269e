import type { Resource } from '../types.ts';

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const sensitive: ReadonlySet<string> = new Set([
  ...['ETH', 'GDIS', 'HIV', 'MST', 'SCA', 'SDV', 'SEX', 'SPI', 'BH', 'COGN', 'DVD', 'EMOTDIS', 'MH', 'PSY', 'PSYTHPN'],
  ...['SUD', 'ETHUD', 'OPIOIDUD', 'STD', 'TBOO', 'VIO', 'SICKLE', 'PREGNANT', 'ADOL'],
]);

const ours = 'http://careweave.org/fhir/CodeSystem/sensitivity';

/**
 * True for what a caregiver said in private about the caregiver (decision D10): labelled as about a parent and as restricted. It stands in no plan and no
 * print, not even in one that staff make for themselves: paper goes home with the family.
 */
export function isAnsweredInPrivate(resource: Resource): boolean {
  const labels = resource.meta?.security ?? [];
  return labels.some(({ system, code }) => system === ours && code === 'PARENTOWN') && isRestricted(resource);
}

/**
 * True for what is labelled more than normally confidential (v3-Confidentiality R or V) or with a sensitivity of
 * v3-ActCode. Such things are left out of every shared rendering, and not counted there, until a consent says otherwise.
 */
export function isRestricted(resource: Resource): boolean {
  return (resource.meta?.security ?? []).some(
    ({ system, code }) =>
      (system === confidentiality && (code === 'R' || code === 'V')) ||
      (system === actCode && code !== undefined && sensitive.has(code)),
  );
}
