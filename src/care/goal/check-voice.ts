import { ok, type Result } from '../../base/errors.ts';
import { type Acceptance, acceptancesOf } from '../../fhir/goal-agreement.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { participantTypeSystem } from '../../fhir/provenance.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Actor, Change, Tx, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { isOneself } from '../oneself.ts';
import { deletedBefore } from '../written-here.ts';

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
    for (const [id, { before, after }] of await firstAndLast(changes, tx)) {
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

async function firstAndLast(changes: readonly Change[], tx: Tx) {
  const goals = new Map<string, { before?: Resource; after?: Resource }>();
  for (const change of changes) {
    const { type, id, after } = change;
    if (type !== 'Goal') continue;
    goals.set(id, {
      before: goals.has(id) ? goals.get(id)?.before : (change.before ?? (await deletedBefore(change, tx))),
      after,
    });
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
    'Everybody answers a goal for themselves. To write down what somebody else has said, send a Provenance with it whose agent is onBehalfOf that person, or that names them as author.';
  return refuse(rule, text, 'Goal.extension');
}

/** In whose name the transaction says that it writes the goal, as author or on behalf: in a Provenance that it holds, or in its own account of itself. */
function onBehalf(goal: string, changes: readonly Change[], { provenance }: Actor): string[] {
  const written = changes.flatMap(({ after }) => (isOfType(after, 'Provenance') ? [after] : []));
  const own = written.filter(({ target }) =>
    target.some(({ reference }) => reference?.split('/_history/')[0] === goal),
  );
  const told = [...own, ...(isOfType(provenance, 'Provenance') ? [provenance] : [])];
  return told
    .flatMap(({ agent }) => agent)
    .flatMap(({ onBehalfOf, who, type }) => [onBehalfOf, isAuthor(type) ? who : undefined])
    .flatMap((reference) => reference?.reference?.split('/_history/')[0] ?? []);
}

function isAuthor(type: r4.CodeableConcept | undefined): boolean {
  return type?.coding?.some(({ system, code }) => system === participantTypeSystem && code === 'author') === true;
}
