import { type CareError, fail, ok, type Result } from '../../base/errors.ts';
import { conditionalReferences, linkEntry, type PlannedEntry } from '../../fhir/bundle.ts';
import type { Tx } from '../../store/types.ts';
import type { FhirContext } from '../fhir-request.ts';
import { matchOne } from './write-steps.ts';

/** What an error belongs to. */
export interface EntryError {
  index: number;
  error: CareError;
}

/** True for an entry that has to wait until the others are written. */
export function hasConditionalReferences({ resource }: PlannedEntry): boolean {
  return resource !== undefined && conditionalReferences(resource).length > 0;
}

/**
 * Writes the entries with conditional references (`Type?criteria`) after all others, because what they refer to may be made by the same
 * transaction (FHIR R4, http.html#trules, step 5). One that finds nothing waits for the rest of them. Undefined when all are
 * written; else what stands in the way: `precondition` for no match or several.
 */
export async function writeReferring(
  tx: Tx,
  entries: readonly PlannedEntry[],
  fullUrls: ReadonlyMap<string, string>,
  context: FhirContext,
  write: (entry: PlannedEntry) => Promise<EntryError | undefined>,
): Promise<EntryError | undefined> {
  let waiting = entries;
  while (waiting.length > 0) {
    const left: PlannedEntry[] = [];
    for (const entry of waiting) {
      const conditionals = await matchesOf(tx, entry, context);
      if (!conditionals.ok) return { index: entry.index, error: conditionals.error };
      if (!conditionals.value) left.push(entry);
      else {
        const failed = await write(linked(entry, { fullUrls, conditionals: conditionals.value }));
        if (failed) return failed;
      }
    }
    const [first] = left;
    if (first && left.length === waiting.length) return { index: first.index, error: noMatch() };
    waiting = left;
  }
  return undefined;
}

/** The entry with its references led to where their targets are. */
export function linked(entry: PlannedEntry, links: Parameters<typeof linkEntry>[1]): PlannedEntry {
  const { resource } = entry;
  return resource ? { ...entry, resource: linkEntry({ ...entry, resource }, links) } : entry;
}

/** Each conditional reference of an entry and its one match; undefined when one of them has none yet. */
async function matchesOf(
  tx: Tx,
  { resource }: PlannedEntry,
  context: FhirContext,
): Promise<Result<Map<string, string> | undefined>> {
  const matches = new Map<string, string>();
  for (const condition of resource ? conditionalReferences(resource) : []) {
    const [type = '', criteria = ''] = condition.split(/\?(.*)/s);
    const match = await matchOne(tx, type, criteria, context);
    if (!match.ok) return match;
    if (!match.value) return ok(undefined);
    matches.set(condition, `${type}/${match.value.id}`);
  }
  return ok(matches);
}

function noMatch(): CareError {
  return fail('precondition', 'A conditional reference matches nothing.', { code: 'not-found' }).error;
}
