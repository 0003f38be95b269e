import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Actor, Tx } from '../../store/types.ts';
import { responsibleFor } from '../emergency/people-of.ts';
import { isOfChild, voiceFor } from '../oneself.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { appointmentFor, freeSlot, heldSlot, messageTo } from './offer.ts';
import { dayAt } from './openings.ts';
import { practiceHours } from './practice-hours.ts';
import { promiseOf } from './promise.ts';
import { isOpenTask, isSameDayRequest, offered, offerIn, requestTask } from './request-task.ts';
import type { SameDayDeps } from './same-day.ts';

const isFamily = (who: string | undefined): who is string => /^(Patient|RelatedPerson)\//.test(who ?? '');

/**
 * `POST Patient/[id]/$request-same-day`: a family asks for an appointment today. A free slot of the child's own practice is offered at once; else the
 * Task waits for who looks after the child, with a clock. Asked again on the same day, it is the same request. Answers with the Task, the offered
 * Appointment, and by when there will be an answer.
 */
export function requestOperation(deps: SameDayDeps): Operation {
  return {
    name: 'request-same-day',
    definition: `${canonicalBase}/OperationDefinition/request-same-day`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: ['reason', 'onBehalfOf'],
    requires: [
      ['Patient', 'r'],
      ['Task', 'c'],
    ],
    handle: (request) => handle(request, deps),
  };
}

async function handle(request: OperationRequest, deps: SameDayDeps): Promise<Result<Resource>> {
  const { id = '', principal, store, parameters, requestId } = request;
  const child = currentOf(await store.readSeen('Patient', id, visibilityOf(principal, 'r')));
  if (!isOfType(child, 'Patient')) return fail('not-found', 'There is no such child here.');
  const reason = parameters.text('reason')?.trim() ?? '';
  if (reason === '') return fail('invalid', 'reason says in plain words what is the matter.', { code: 'required' });
  if (reason.length > limits.care.wordsLength)
    return fail('invalid', `reason has at most ${limits.care.wordsLength} characters.`, { code: 'value' });
  const requester = await requesterOf(request, id);
  if (!requester.ok) return requester;
  // Slots and appointments are not a family's to write: what it may do was asked before, and whose wish it is stands in the Task.
  const actor: Actor = { kind: 'system', id: 'care', requestId };
  return store.transact(actor, async (tx) => {
    await tx.lock(`same-day:${id}`);
    return write(tx, request, { child, reason, requester: requester.value }, deps);
  });
}

/** A family asks in its own name; staff write down what a family said on the telephone. */
async function requesterOf({ principal, store, parameters }: OperationRequest, child: string): Promise<Result<string>> {
  const { kind, fhirUser } = principal;
  const speaker = kind === 'user' && fhirUser !== undefined ? await voiceFor(fhirUser, child, store) : undefined;
  const named = parameters.text('onBehalfOf');
  const who = isFamily(speaker) ? speaker : named;
  if (who === undefined)
    return fail('invalid', 'onBehalfOf names who of the family asks, as RelatedPerson/id.', { code: 'required' });
  if (isFamily(speaker) && named !== undefined && named !== speaker)
    return fail('invalid', 'A family asks in its own name: leave onBehalfOf out.', { code: 'value' });
  if (!isFamily(who) || !(await isOfChild(who, child, store)))
    return fail('unprocessable', 'Who asks is not known here as somebody of this child.', { code: 'not-found' });
  return ok(who);
}

async function write(
  tx: Tx,
  { principal }: OperationRequest,
  asked: { child: Resource & r4.Patient; reason: string; requester: string },
  { clock, zone: houseZone }: SameDayDeps,
): Promise<Result<Resource>> {
  const now = clock.now();
  const { requester, reason } = asked;
  const child = asked.child.id ?? '';
  const hours = await practiceHours(tx, asked.child, houseZone);
  const { zone } = hours;
  const promised = promiseOf(now, hours);
  const before = await askedToday(tx, child, requester, dayAt(now, zone), zone);
  if (before) return told(tx, before.id ?? '', promised.due);
  const { lead, primaryCare } = await responsibleFor(tx, child);
  const owner = primaryCare ?? lead;
  const task = requestTask({ child, requester, reason, owner, now, due: promised.due });
  const made = await tx.create({ ...task });
  if (!made.ok) return made;
  const { stored } = made.value;
  // Fail closed: the Task has to be one that this caller might have written.
  if (!(await tx.sees(visibilityOf(principal, 'c'), stored)) || !(await tx.sees(visibilityOf(principal, 'r'), stored)))
    return fail('forbidden', 'This request reaches outside of what is allowed.');
  const today = dayAt(now, zone);
  const free = await freeSlot(tx, asked.child, { now, day: today, zone });
  if (!free.ok) return free;
  if (!free.value) return told(tx, stored.id, promised.due);
  const appointment = await tx.create({ ...appointmentFor(free.value, { child, requester, reason, now }) });
  if (!appointment.ok) return appointment;
  const offer = `Appointment/${appointment.value.stored.id}`;
  const text = 'An appointment today is offered. Please say whether it suits you.';
  const held = heldSlot(free.value.slot);
  const answered = {
    ...resourceOf(stored),
    status: 'completed',
    output: [{ type: offered, valueReference: { reference: offer } }],
  };
  for (const one of [...(held ? [held] : []), answered]) {
    const written = await tx.update(one);
    if (!written.ok) return written;
  }
  const message = await tx.create({ ...messageTo(requester, child, `Task/${stored.id}`, text, now) });
  return message.ok ? told(tx, stored.id, promised.due) : message;
}

/** The same family on the same day: open, or answered with an offer. */
async function askedToday(tx: Tx, child: string, requester: string, day: string, zone: string) {
  const tasks = (await tx.recordsOf([child], ['Task'])).map(({ stored }) => resourceOf(stored));
  return tasks
    .filter(isSameDayRequest)
    .find(
      (task) =>
        task.requester?.reference === requester &&
        (isOpenTask(task) || (task.status === 'completed' && dayAt(new Date(task.authoredOn ?? 0), zone) === day)),
    );
}

async function told(tx: Tx, taskId: string, due: Date): Promise<Result<Resource>> {
  const task = currentOf(await tx.read('Task', taskId));
  if (!isSameDayRequest(task)) return fail('internal', 'The request is not there.');
  const offer = offerIn(task);
  const end = task.restriction?.period?.end ?? due.toISOString();
  return ok({
    resourceType: 'Parameters',
    parameter: [
      { name: 'task', valueReference: { reference: `Task/${taskId}` } },
      { name: 'status', valueCode: task.status },
      ...(offer === undefined
        ? [{ name: 'answer-by', valueInstant: end }]
        : [{ name: 'offered', valueReference: { reference: offer } }]),
    ],
  });
}
