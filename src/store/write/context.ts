import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { withLocalReferences } from '../../fhir/references.ts';
import type { Resource } from '../../fhir/types.ts';
import { type CategoryRow, categoryRow } from '../categories.ts';
import { parseContent, stamp } from '../content.ts';
import { type IndexRow, indexRow } from '../index-row.ts';
import type { StoreParts } from '../parts.ts';
import type { Session } from '../session/session.ts';
import type { Change, Stored, Tx } from '../types.ts';
import type { HeldRows } from './held-rows.ts';
import type { VersionRow } from './rows.ts';
import type { Rules } from './rules.ts';
import type { Waiting } from './waiting.ts';

/** What one write needs: its transaction and the store's parts. */
export interface WriteContext {
  tx: Tx;
  session: Session;
  /** Versions made and not sent yet. */
  waiting: Waiting;
  held: HeldRows;
  /** How the versions are indexed that this transaction made. */
  indexes: WeakMap<Stored, { index: IndexRow; categories: CategoryRow }>;
  parts: StoreParts;
  rules: Rules;
  /** All that this transaction has written so far. */
  changes: Change[];
}

/** Lets a version wait for the next statement or the end of the transaction. `key`: of the row that it replaces. */
export async function write(
  { session, waiting, held, indexes }: WriteContext,
  row: VersionRow,
  key?: string,
): Promise<void> {
  if (session.hasEnded) throw new Error('the transaction has ended');
  const { stored, index, categories } = row;
  if (key === undefined) waiting.insert(row);
  else waiting.replace({ ...row, key });
  held.wrote(stored);
  indexes.set(stored, { index, categories });
  if (waiting.isFull) await session.query('SELECT', [], 'write-waiting');
}

/** Asks every check that concerns the type, in order; the first refusal wins. */
export async function runChecks({ rules, tx }: WriteContext, change: Change): Promise<Result<void>> {
  for (const check of rules.checks(change.type)) {
    const answer = await check.check(change, tx);
    if (!answer.ok) return answer;
  }
  return ok(undefined);
}

/** Notes the change for the end of the transaction, and lets every effect that concerns the type write its rows, in order. */
export async function runEffects({ rules, tx, changes }: WriteContext, change: Change): Promise<Result<void>> {
  changes.push(change);
  for (const effect of rules.effects(change.type)) {
    const answer = await effect.apply(change, tx);
    if (!answer.ok) return answer;
  }
  return ok(undefined);
}

/** At the end of the transaction: what has to be written about all that it wrote. */
export async function runConclusions({ parts, tx, changes }: WriteContext): Promise<Result<void>> {
  const done = [...changes];
  if (done.length === 0) return ok(undefined);
  for (const conclusion of parts.conclusions ?? []) {
    const answer = await conclusion.conclude(done, tx);
    if (!answer.ok) return answer;
  }
  return ok(undefined);
}

/** The time of a new version: now, but never before the version it replaces, even when the clock was set back. */
export function nextInstant({ parts }: WriteContext, before?: Stored): string {
  const now = parts.clock.now().toISOString();
  return before && before.lastUpdated > now ? before.lastUpdated : now;
}

/**
 * The complete row of a version that holds a resource. Error `unprocessable`: it would fill the index by itself, and hold the
 * connection while doing so.
 */
export function versionRow(
  { parts, tx }: WriteContext,
  resource: Resource,
  version: { id: string; version: number; lastUpdated: string; method: 'POST' | 'PUT' },
  outcome: 'created' | 'updated',
): Result<VersionRow & { after: Resource }> {
  const json = keptText(stamp(resource, version.id, version.version, version.lastUpdated), parts);
  const stored: Stored = { ...version, type: resource.resourceType, deleted: false, json };
  // Read back, so that checks, effects and the index see exactly what a reader will see.
  const read = parseContent(stored.json);
  const entries = parts.extract(read);
  const index = indexRow(read, entries, parts.numbers);
  const { tokens, patients, strings, dates, numbers } = index;
  const size = tokens.length + patients.length + strings.length + dates.length + numbers.length;
  if (size > limits.write.indexEntries) {
    const text = `This ${stored.type} has more values that a search could find it by than the ${limits.write.indexEntries} a resource may have.`;
    return fail('unprocessable', text, { code: 'too-costly' });
  }
  const categories = categoryRow(parts, read, entries);
  return ok({ after: read, stored, index, categories, outcome, actor: tx.actor });
}

/** The text that is kept. That an address of ours stands in it at all is seen from the text; hardly anybody writes one. */
function keptText(resource: Resource, { baseUrl }: StoreParts): string {
  const text = stringifyJson(resource);
  const namesUs = baseUrl !== undefined && text.includes(`"${baseUrl}/`);
  return namesUs ? stringifyJson(withLocalReferences(resource, baseUrl)) : text;
}
