import type { Result } from '../../base/errors.ts';
import { addToServerSetting, keepServerSetting, serverSetting } from '../../store/settings.ts';
import type { Sql } from '../../store/types.ts';
import type { Policy } from './compile.ts';

/** By whose rules every record has at least its categories, and whether it has no others. */
export interface Labelled {
  rules: string;
  isExact: boolean;
}

/** The policy that is followed, and the one that is to be as soon as every record has the categories that its rules say. */
export interface Policies {
  /** Undefined: none, or none that can be followed. */
  inForce?: Policy;
  coming?: Policy;
  /** From whom everything is kept until the coming one is in force, because it was loaded to close something at once. */
  closedTo?: ClosedTo;
}

/** `outside`: families and partners; and nothing leaves in a document. */
export type ClosedTo = 'outside' | 'everybody';

const setting = 'privacy-rules';

export async function labelled(sql: Sql): Promise<Labelled | undefined> {
  const kept = await serverSetting(sql, setting);
  // Written by versions that knew one pass only.
  if (typeof kept === 'string') return { rules: kept, isExact: true };
  if (typeof kept !== 'object' || kept === null || !('rules' in kept) || typeof kept.rules !== 'string')
    return undefined;
  return { rules: kept.rules, isExact: 'isExact' in kept && kept.isExact === true };
}

export function keepLabelled(sql: Sql, now: Labelled): Promise<void> {
  return keepServerSetting(sql, setting, now);
}

const closing = 'privacy-closing';

/** Until the policy of this version is followed by every record, nothing is told to these. What others have closed stays closed. */
export function keepClosing(sql: Sql, version: string, closedTo: ClosedTo): Promise<void> {
  return addToServerSetting(sql, closing, { [version]: closedTo });
}

/**
 * Asked only while policies are coming, with their versions. One that was loaded after another does not open again what that one had closed, nor
 * does one whose day is yet to come.
 */
async function closedUntil(sql: Sql, coming: ReadonlySet<string>): Promise<{ closedTo?: ClosedTo }> {
  const kept = new Map(Object.entries((await serverSetting(sql, closing)) ?? {}));
  const closed = [...coming].filter((version) => kept.has(version));
  if (closed.length === 0) return {};
  return { closedTo: closed.every((version) => kept.get(version) === 'outside') ? 'outside' : 'everybody' };
}

/** Records may be written now that have more categories than the rules say: whoever follows them next takes those away. */
export async function markInexact(sql: Sql): Promise<void> {
  const now = await labelled(sql);
  if (now?.isExact) await keepLabelled(sql, { ...now, isExact: false });
}

/** Nobody loads a policy until the transaction ends. */
export async function holdPolicies(sql: Sql): Promise<void> {
  await sql.query('LOCK TABLE access_policy IN SHARE MODE');
}

/** A policy compiled, or undefined when it cannot be followed. What was loaded is never changed: each is asked for once. */
export type CompiledPolicies = (seq: string, content: () => Promise<unknown>) => Promise<Result<Policy>>;

/**
 * Of the policies whose day has come the last loaded one counts, and the one that comes with Careweave where none was loaded. One by whose
 * rules not every record has its categories yet is `coming`; until it has, the last one before it is followed for which they are there.
 * One that cannot be followed lets none before it take its place.
 */
export async function policiesNow(
  sql: Sql,
  now: Date,
  shipped: Result<Policy>,
  compiled: CompiledPolicies,
): Promise<Policies> {
  // A day begins first at UTC+14: a policy that holds somewhere on this day is in force.
  const day = new Date(now.getTime() + 14 * 3_600_000).toISOString().slice(0, 10);
  const rows = await sql.query<{ seq: string }>(
    'SELECT seq FROM access_policy WHERE effective <= $1::date ORDER BY seq DESC LIMIT 50',
    [day],
  );
  const held = await labelled(sql);
  let coming: Policy | undefined;
  const waiting = new Set<string>();
  for (const seq of [...rows.map((row) => row.seq), undefined]) {
    const policy = seq === undefined ? shipped : await compiled(seq, () => contentOf(sql, seq));
    if (!policy.ok) return coming ? { coming } : {};
    if (policy.value.rules === held?.rules)
      return { inForce: policy.value, ...(coming && { coming, ...(await closedUntil(sql, waiting)) }) };
    coming ??= policy.value;
    waiting.add(policy.value.version);
  }
  return coming ? { coming } : {};
}

async function contentOf(sql: Sql, seq: string): Promise<unknown> {
  const [row] = await sql.query<{ content: unknown }>('SELECT content FROM access_policy WHERE seq = $1', [seq]);
  return row?.content;
}
