/** What the house reads from ELM itself. Source: CQL 1.5, ELM (urn:hl7-org:elm:r1). */

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** True when the logic asks what day it is, so that its answer may change without any change in the record. */
export function readsToday(elm: unknown): boolean {
  if (!isObject(elm)) return false;
  if (elm.type === 'Today' || elm.type === 'Now') return true;
  return Object.values(elm).some(readsToday);
}
