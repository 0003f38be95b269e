import { ok, type Result } from '../../base/errors.ts';
import { type Acceptance, acceptancesOf } from '../../fhir/goal-agreement.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Actor, Change, Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { isSync } from '../written-here.ts';

const rule = 'goal-acceptance-voice';

/**
 * Everybody answers for themselves: an entry of goal-acceptance is written by the person that it names, or on behalf of that person with a
 * Provenance that says so (agent.onBehalfOf) in the same transaction. Nobody's answer is taken away, so that a disagreement stays. What a
 * machine brings with a new goal is told, not lived; afterwards it is held to the same. Programs of ours write as they were told to.
 */
export const concludeGoalVoice: WriteConclusion = {
  name: rule,
  async conclude(changes, tx) {
    if (tx.actor.kind === 'system' || isSync(tx.actor)) return ok(undefined);
    for (const [id, { before, after }] of firstAndLast(changes)) {
      if (!isOfType(after, 'Goal') || (before === undefined && tx.actor.kind !== 'user')) continue;
      const was = isOfType(before, 'Goal') ? acceptancesOf(before) : [];
      const is = acceptancesOf(after);
      if (was.some(({ who }) => !is.some((one) => one.who === who))) {
        return refuse(rule, 'Nobody’s answer to a goal is taken away. Its own person may change it.', 'Goal.extension');
      }
      for (const entry of is) {
        if (was.some((one) => isSameAnswer(one, entry))) continue;
        const isFirst = !was.some(({ who, answer }) => who === entry.who && answer !== 'pending');
        // That somebody has still to answer, anybody may write down.
        if (entry.answer === 'pending' && isFirst) continue;
        const may = await mayAnswer(entry, `Goal/${id}`, changes, tx);
        if (!may.ok) return may;
      }
    }
    return ok(undefined);
  },
};

function firstAndLast(changes: readonly Change[]): Map<string, { before?: Resource; after?: Resource }> {
  const goals = new Map<string, { before?: Resource; after?: Resource }>();
  for (const { type, id, before, after } of changes) {
    if (type === 'Goal') goals.set(id, { before: goals.has(id) ? goals.get(id)?.before : before, after });
  }
  return goals;
}

function isSameAnswer(one: Acceptance, other: Acceptance): boolean {
  return one.who === other.who && one.answer === other.answer && one.priority === other.priority;
}

async function mayAnswer({ who }: Acceptance, goal: string, changes: readonly Change[], tx: Tx): Promise<Result<void>> {
  // An answer of nobody is refused by a rule of its own.
  if (who === undefined || (await isOneself(who, tx.actor, tx))) return ok(undefined);
  if (onBehalf(goal, changes, tx.actor).includes(who)) return ok(undefined);
  const text =
    'Everybody answers a goal for themselves. To write down what somebody else has said, send a Provenance with it whose agent is onBehalfOf that person.';
  return refuse(rule, text, 'Goal.extension');
}

async function isOneself(who: string, { kind, id }: Actor, tx: Tx): Promise<boolean> {
  if (kind !== 'user') return false;
  if (who === id) return true;
  const role = who.startsWith('PractitionerRole/')
    ? currentOf(await tx.read('PractitionerRole', who.slice('PractitionerRole/'.length)))
    : undefined;
  const practitioner = isOfType(role, 'PractitionerRole') ? localId(role.practitioner, 'Practitioner') : undefined;
  return practitioner !== undefined && id === `Practitioner/${practitioner}`;
}

/** On whose behalf the transaction says that it writes the goal: in a Provenance that it holds, or in its own account of itself. */
function onBehalf(goal: string, changes: readonly Change[], { provenance }: Actor): string[] {
  const written = changes.flatMap(({ after }) => (isOfType(after, 'Provenance') ? [after] : []));
  const own = written.filter(({ target }) =>
    target.some(({ reference }) => reference?.split('/_history/')[0] === goal),
  );
  const told = [...own, ...(isOfType(provenance, 'Provenance') ? [provenance] : [])];
  return told
    .flatMap(({ agent }) => agent)
    .flatMap(({ onBehalfOf }) => onBehalfOf?.reference?.split('/_history/')[0] ?? []);
}
