import type { r4 } from '../../fhir/types.ts';

/** What was signed is kept, or somebody has verified it with whoever gave it. */
export function isOnRecord(consent: r4.Consent): boolean {
  const { sourceAttachment, sourceReference, verification = [] } = consent;
  return (
    sourceAttachment !== undefined ||
    sourceReference !== undefined ||
    verification.some(({ verified, verifiedWith }) => verified && verifiedWith !== undefined)
  );
}
