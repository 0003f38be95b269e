import type { RedactionRule } from '../types.ts';

/** For a class that the policy gives no redaction. */
export const everythingOut: RedactionRule = {
  stripsLabels: true,
  hidesVersions: true,
  dropsNarrative: true,
  dropsFormerDetails: true,
  marksSubsetted: false,
  letsKnow: 0n,
  removes: new Map(),
};
