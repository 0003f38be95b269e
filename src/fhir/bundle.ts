import { fail, type Issue, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { planEntry } from './bundle/entry.ts';
import { fullUrlKey, needsTransaction, unresolvedUrns } from './bundle/links.ts';
import { type BundleMethod, type BundlePlan, isRefused, type PlannedEntry, type RefusedEntry } from './bundle/plan.ts';
import type { Definitions } from './definitions.ts';
import { isObject } from './search/walk-path.ts';

export { conditionalReferences, fullUrlKey, linkEntry } from './bundle/links.ts';
export { type BundlePlan, isRefused, type PlannedEntry } from './bundle/plan.ts';

const rank: Record<BundleMethod, number> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2, GET: 3, HEAD: 3 };

/**
 * Checks a batch or transaction without touching anything. A transaction is refused whole, with one issue for every bad
 * entry; in a batch each bad entry is refused by itself. Source: FHIR R4, http.html#transaction.
 */
export function planBundle(
  bundle: unknown,
  options: { baseUrl: string; definitions: Definitions },
): Result<BundlePlan> {
  if (!isObject(bundle) || bundle.resourceType !== 'Bundle')
    return fail('invalid', 'The body must be a Bundle.', { code: 'structure' });
  const { type } = bundle;
  if (type !== 'batch' && type !== 'transaction') {
    return fail('invalid', "Bundle.type must be 'batch' or 'transaction'.", {
      code: 'value',
      expression: ['Bundle.type'],
    });
  }
  const raw = bundle.entry ?? [];
  if (!Array.isArray(raw))
    return fail('invalid', 'Bundle.entry must be a list.', { code: 'structure', expression: ['Bundle.entry'] });
  if (raw.length > limits.bundle.maxEntries) {
    return fail('too-large', `A Bundle may have ${limits.bundle.maxEntries} entries.`, { code: 'too-costly' });
  }
  const entries = raw.map((entry: unknown, index): PlannedEntry | RefusedEntry => {
    const planned = planEntry(entry, index, options);
    return planned.ok ? planned.value : { index, refused: planned.error };
  });
  refuseTwins(entries);
  if (type === 'transaction') {
    refuseUnresolved(entries);
    const issues = entries.filter(isRefused).flatMap(({ refused }) => refused.issues);
    if (issues.length > 0) return { ok: false, error: { kind: 'invalid', issues } };
  }
  if (type === 'batch') refuseReferring(entries);
  const planned = entries.filter((entry): entry is PlannedEntry => !isRefused(entry));
  const order = planned.sort((a, b) => rank[a.method] - rank[b.method] || a.index - b.index).map(({ index }) => index);
  return ok({ type, entries, order });
}

/** "The identities of two entries must not overlap": what writes the same resource twice has no defined outcome. */
function refuseTwins(entries: (PlannedEntry | RefusedEntry)[]): void {
  const written = new Map<string, number>();
  const named = new Map<string, number>();
  for (const entry of entries) {
    if (isRefused(entry) || entry.method === 'GET' || entry.method === 'HEAD') continue;
    const identity = entry.id === undefined || entry.operation !== undefined ? undefined : `${entry.type}/${entry.id}`;
    const twin = identity === undefined ? undefined : written.get(identity);
    const namesake = entry.fullUrl === undefined ? undefined : named.get(fullUrlKey(entry.fullUrl));
    if (twin !== undefined) {
      entries[entry.index] = refuse(entry.index, `writes the same resource as entry ${twin}`);
    } else if (namesake !== undefined) {
      entries[entry.index] = refuse(entry.index, `has the same fullUrl as entry ${namesake}`);
    }
    if (identity !== undefined) written.set(identity, twin ?? entry.index);
    if (entry.fullUrl !== undefined) named.set(fullUrlKey(entry.fullUrl), namesake ?? entry.index);
  }
}

/** "There SHALL NOT be references between the entries of a batch" (FHIR R4, http.html#batch): they would lead nowhere. */
function refuseReferring(entries: (PlannedEntry | RefusedEntry)[]): void {
  const known = fullUrlsOf(entries);
  for (const entry of entries) {
    if (isRefused(entry) || !entry.resource || !needsTransaction(entry.resource, known)) continue;
    const text = 'refers to another entry or to what criteria find, which only a transaction resolves';
    entries[entry.index] = refuse(entry.index, text, 'not-supported');
  }
}

function fullUrlsOf(entries: readonly (PlannedEntry | RefusedEntry)[]): Set<string> {
  const known = new Set<string>();
  for (const entry of entries)
    if (!isRefused(entry) && entry.fullUrl !== undefined) known.add(fullUrlKey(entry.fullUrl));
  return known;
}

/** A urn that no entry answers to would be stored as a reference to nothing. */
function refuseUnresolved(entries: (PlannedEntry | RefusedEntry)[]): void {
  const known = fullUrlsOf(entries);
  for (const entry of entries) {
    if (isRefused(entry) || !entry.resource || !unresolvedUrns(entry.resource, known)) continue;
    entries[entry.index] = refuse(entry.index, 'refers to a urn that is the fullUrl of no entry', 'not-found');
  }
}

function refuse(index: number, text: string, code = 'invalid'): RefusedEntry {
  const issue: Issue = { code, text: `Entry ${index} ${text}.`, expression: [`Bundle.entry[${index}]`] };
  return { index, refused: { kind: 'invalid', issues: [issue] } };
}
