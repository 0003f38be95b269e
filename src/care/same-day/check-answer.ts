import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { WriteCheck, WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { checkWritten, concludeWritten } from '../written-here.ts';
import { dayAt } from './openings.ts';
import { practiceHours } from './practice-hours.ts';
import { isOpenTask, isSameDayRequest, offerIn } from './request-task.ts';

const rule = 'same-day-answer';

/** A request for an appointment today names the child, who asks, and by when it is answered; it ends with an offer, or with a reason in words. */
export const checkSameDay: WriteCheck = checkWritten(rule, 'Task', (after, before) => {
  if (isSameDayRequest(before) && !isSameDayRequest(after))
    return refuse(rule, 'A request for an appointment stays one: answer it.', 'Task.code');
  if (!isSameDayRequest(after)) return ok(undefined);
  if (localId(after.for, 'Patient') === undefined) return refuse(rule, 'A request is for a child.', 'Task.for');
  if (after.requester === undefined) return refuse(rule, 'A request names who asks.', 'Task.requester');
  if (after.authoredOn === undefined || Number.isNaN(Date.parse(after.restriction?.period?.end ?? '')))
    return refuse(
      rule,
      'A request says when it was made and by when it is answered. Use $request-same-day.',
      'Task.restriction',
    );
  if (isSameDayRequest(before) && before.restriction?.period?.end !== after.restriction?.period?.end)
    return refuse(rule, 'By when a family was promised an answer stays.', 'Task.restriction');
  if ((after.status === 'rejected' || after.status === 'failed') && !after.statusReason?.text?.trim())
    return refuse(rule, 'When there is no appointment today, the reason is said in words.', 'Task.statusReason.text');
  if (after.status !== 'completed' || offerIn(after) !== undefined) return ok(undefined);
  return refuse(
    rule,
    'A request is completed by an offer: name the Appointment in the output. Or reject it with the reason.',
    'Task.output',
  );
});

/** What is offered is an appointment of this child, on the day on which the answer was promised or before. */
export function concludeOffer(houseZone: string): WriteConclusion {
  return concludeWritten(rule, 'Task', async (after, before, tx) => {
    if (!isSameDayRequest(after) || after.status !== 'completed') return ok(undefined);
    if (isSameDayRequest(before) && !isOpenTask(before)) return ok(undefined);
    const [type, id = ''] = offerIn(after)?.split('/') ?? [];
    const offer = type === 'Appointment' ? currentOf(await tx.read('Appointment', id)) : undefined;
    const isTheirs =
      isOfType(offer, 'Appointment') &&
      offer.participant.some(({ actor }) => actor?.reference !== undefined && actor.reference === after.for?.reference);
    if (!isTheirs)
      return refuse(rule, 'What is offered is an Appointment that is kept here, of the same child.', 'Task.output');
    const start = Date.parse(offer.start ?? '');
    const child = currentOf(await tx.read('Patient', localId(after.for, 'Patient') ?? ''));
    const { zone } = await practiceHours(tx, isOfType(child, 'Patient') ? child : {}, houseZone);
    const promised = dayAt(new Date(after.restriction?.period?.end ?? 0), zone);
    if (!Number.isNaN(start) && dayAt(new Date(start), zone) <= promised) return ok(undefined);
    const text = 'An appointment on a later day is not one for today: reject the request with that as the reason.';
    return refuse(rule, text, 'Task.output');
  });
}
