import { partnerNames } from '../../access/policy/acts-for.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Reader, Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { isOneself } from '../oneself.ts';
import { checkWritten } from '../written-here.ts';
import { type CanonicalState, stateOf } from './canonical-state.ts';
import { behind } from './check-owner.ts';
import { dialectOf, partnerOf } from './dialect/partners.ts';
import { followParts, hasOpenPart } from './indirect/follow.ts';
import { partsOf } from './indirect/parts-of.ts';
import { isLegal, type Party, whoMay } from './moves.ts';
import { partiesOf, partiesOfPartner } from './parties.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-move';

/** States that nobody understands without a reason: the family is told it, and the next referral is made by it. */
export const needReason: ReadonlySet<CanonicalState> = new Set(['declined', 'cancelled', 'failed']);

/**
 * A referral moves as decision D9 has it (moves.ts), each move by whom it belongs to. A new Task may stand in any state: what went before it is
 * told, not lived. Every refusal names from, to and the party that wrote.
 */
export const checkReferralMove = checkWritten(rule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  const to = stateOf(after);
  if (to === undefined) {
    const text = `The business status of a referral that is ${after.status} is one of another status.`;
    return refuse(rule, text, 'Task.businessStatus');
  }
  const reason = checkReason(after, to);
  if (!reason.ok || !isOfType(before, 'Task') || !fulfillsReferral(before)) return reason;
  // What an earlier build let stand in two states at once may move on to anything.
  const from = stateOf(before);
  if (from === undefined || from === to) return ok(undefined);
  const parties = await partiesIn({ actor: tx.actor, own: tx.own, reader: tx }, before);
  const legal = checkLegal(from, to, parties);
  const parts = before.id === undefined ? [] : await partsOf(tx.own, before.id);
  // What the parts of a referral say, whoever moves a part may let the source follow.
  if (!legal.ok) return followParts(from, parts) === to ? ok(undefined) : legal;
  if (to === 'completed' && hasOpenPart(parts))
    return refuse(rule, 'A referral is not completed while a part of it is open.', 'Task.status');
  return checkBserCancels(from, to, parties, before, tx);
});

/** As what the writer acts towards a referral. */
export async function partiesIn(by: By, task: r4.Task): Promise<readonly Party[]> {
  const { actor, own } = by;
  // Whoever works for a partner organization acts as that, and decides nothing for others.
  const names = await partnerNames(own, actor);
  if (names) return partiesOfPartner([...names], task);
  const partner = actor.kind === 'client' ? await partnerOf(own, actor.id) : undefined;
  if (partner && partner.actsFor.length > 0) return partiesOfPartner(partner.actsFor, task);
  return actor.kind === 'user' ? partiesOf(actor, await asNamed(task, by)) : partiesOf(actor, task);
}

type By = Pick<Tx, 'actor' | 'own'> & { reader: Reader };

/**
 * The Task as if it named the person who writes, where it names a role of theirs. Whoever works for the organization that was asked, and not for
 * the one that asks, answers for it: they do not close a loop, or take a request back, in the name of whoever asked.
 */
async function asNamed(
  { requester, owner }: r4.Task,
  { actor, reader }: By,
): Promise<Pick<r4.Task, 'requester' | 'owner'>> {
  const isOwn = async (one: r4.Reference | undefined) =>
    one?.reference !== undefined && (await isOneself(one.reference, actor, reader));
  const me = { reference: actor.id };
  const [asks, does] = [await isOwn(requester), await isOwn(owner)];
  if (asks || does) return { ...(asks && { requester: me }), ...(does && { owner: me }) };
  if (!/^Practitioner(Role)?\//.test(actor.id)) return {};
  const mine = await organizationsOf(actor.id, reader);
  const works = async (one: r4.Reference | undefined) =>
    one?.reference !== undefined && [...(await organizationsOf(one.reference, reader))].some((name) => mine.has(name));
  return mine.size > 0 && (await works(owner)) && !(await works(requester)) ? { owner: me } : {};
}

/** Where that cannot be told, of none. */
async function organizationsOf(reference: string, reader: Reader): Promise<ReadonlySet<string>> {
  const found = await behind(reference, reader);
  return found.ok ? found.value : new Set();
}

/** Who does the work speaks BSeR, where a requester never cancels (rows 04 and 23): what it was told has to be a row that it knows. */
async function checkBserCancels(
  from: CanonicalState,
  to: CanonicalState,
  parties: readonly Party[],
  { owner }: r4.Task,
  { own }: Tx,
): Promise<Result<void>> {
  if (to !== 'cancelled' || from === 'cancel-requested') return ok(undefined);
  if ((await dialectOf(own, owner?.reference)) !== 'bser') return ok(undefined);
  const text = `Whoever was asked speaks BSeR: a referral that is ${from} does not become cancelled by ${words(parties)}. Ask for cancellation (5.2); they confirm it.`;
  return refuse(rule, text, 'Task.status');
}

function checkLegal(from: CanonicalState, to: CanonicalState, parties: readonly Party[]): Result<void> {
  if (isLegal(from, to, parties)) return ok(undefined);
  const others = whoMay(from, to);
  const who = others.length === 0 ? 'Nobody may do that; make a new Task instead.' : `That is for ${words(others)}.`;
  return refuse(rule, `A referral that is ${from} does not become ${to} by ${words(parties)}. ${who}`, 'Task.status');
}

/** Source: Gravity SDOH Clinical Care, Task: a statusReason has a text. */
function checkReason({ statusReason }: r4.Task, state: CanonicalState): Result<void> {
  if (statusReason === undefined && needReason.has(state)) {
    return refuse(rule, `A referral that is ${state} says why.`, 'Task.statusReason');
  }
  if (statusReason !== undefined && (statusReason.text ?? '').trim() === '') {
    return refuse(rule, 'The reason for a status is said in words.', 'Task.statusReason.text');
  }
  return ok(undefined);
}

function words(parties: readonly Party[]): string {
  const named: Record<Party, string> = {
    requester: 'its requester',
    performer: 'its performer',
    family: 'the family',
    administrator: 'a member of staff',
  };
  return parties.length === 0 ? 'somebody whom it does not name' : parties.map((party) => named[party]).join(' or ');
}
