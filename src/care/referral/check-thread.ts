import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader, Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { isOneself } from '../oneself.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';
import { partnerOf } from './dialect/partners.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-thread';

/**
 * Messages about a referral are between its parties: whoever asked, whoever does it, the child and the family. Who writes one writes it as oneself;
 * staff who coordinate may write too, and are answered. A referral of another child is refused like one that is not here (PP-51).
 */
export const concludeThread = concludeWritten(rule, 'Communication', async (after, before, tx) => {
  if (!isOfType(after, 'Communication')) return ok(undefined);
  const named = [...(after.about ?? []), ...(after.partOf ?? [])].flatMap((one) => localId(one, 'Task') ?? []);
  for (const id of new Set(named)) {
    const task = currentOf(await tx.read('Task', id));
    if (isOfType(task, 'Task') && !fulfillsReferral(task)) continue;
    if (!isOfType(task, 'Task') || after.subject?.reference !== task.for?.reference)
      return refuse(
        rule,
        'A message about a referral names one that is kept here, of the same child.',
        'Communication.about',
      );
    const isNew = !isOfType(before, 'Communication') || before.sender?.reference !== after.sender?.reference;
    if (isNew && !(await maySend(after, task, tx)))
      return refuse(
        rule,
        'Who writes about a referral is one of its parties, and writes as oneself.',
        'Communication.sender',
      );
    for (const recipient of after.recipient ?? []) {
      if (!(await isParty(recipient, task, tx)) && !(await hasWritten(recipient, after, id, tx)))
        return refuse(rule, 'A message about a referral goes to its parties only.', 'Communication.recipient');
    }
  }
  return ok(undefined);
});

async function maySend({ sender }: r4.Communication, task: Resource & r4.Task, tx: Tx): Promise<boolean> {
  const { actor, own } = tx;
  if (sender?.reference === undefined) return false;
  if (actor.kind === 'system') return true;
  if (actor.kind === 'client') {
    const partner = await partnerOf(own, actor.id);
    if (partner && partner.actsFor.length > 0)
      return partner.actsFor.includes(sender.reference) && isParty(sender, task, tx);
    return isStaff(sender) || isParty(sender, task, tx);
  }
  if (!(await isOneself(sender.reference, actor, tx))) return false;
  // Staff coordinate; for everybody else it is the Task that names them.
  return isStaff(sender) || isParty(sender, task, tx);
}

function isStaff({ reference = '' }: r4.Reference): boolean {
  return /^Practitioner(Role)?\//.test(reference);
}

/** True of whoever sent a message about this referral that is answered here. */
async function hasWritten(
  { reference }: r4.Reference,
  { inResponseTo = [] }: r4.Communication,
  taskId: string,
  reader: Reader,
): Promise<boolean> {
  for (const id of inResponseTo.flatMap((one) => localId(one, 'Communication') ?? [])) {
    const message = currentOf(await reader.read('Communication', id));
    if (!isOfType(message, 'Communication') || message.sender?.reference !== reference) continue;
    if ([...(message.about ?? []), ...(message.partOf ?? [])].some((one) => localId(one, 'Task') === taskId))
      return true;
  }
  return false;
}

async function isParty({ reference }: r4.Reference, task: r4.Task, reader: Reader): Promise<boolean> {
  if (reference === undefined) return false;
  if ([task.requester, task.owner, task.for].some((one) => one?.reference === reference)) return true;
  const id = localId({ reference }, 'RelatedPerson');
  const person = id === undefined ? undefined : currentOf(await reader.read('RelatedPerson', id));
  return isOfType(person, 'RelatedPerson') && person.patient.reference === task.for?.reference;
}
