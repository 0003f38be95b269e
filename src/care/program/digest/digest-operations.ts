import { visibilityOf } from '../../../access/decide.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import type { Stored } from '../../../store/types.ts';
import { modes } from '../../contact/modes.ts';
import { isStaff } from '../../is-staff.ts';
import { mayWriteFor } from '../../screening/ask-child.ts';
import { currentOf, resourceOf } from '../../stored.ts';
import { seenTarget } from '../ask.ts';
import { enrollmentOf } from '../enrollment.ts';
import type { Digest } from './digest-content.ts';
import { gatherDigest, type Told } from './gather.ts';
import { programZone } from './keep-digest.ts';
import { monthOf } from './month.ts';
import { type DigestDeps, sendDigest } from './send-digest.ts';

/**
 * `GET EpisodeOfCare/[id]/$digest?month=`: what primary care is told of a month, made anew of what the caller may see; the present month as it stands.
 * `POST EpisodeOfCare/[id]/$send-digest`: sends the digest of a month that is over, if the job has not done so yet.
 */
export function digestOperations(deps: DigestDeps): Operation[] {
  return [
    {
      name: 'digest',
      definition: `${canonicalBase}/OperationDefinition/digest`,
      level: 'instance',
      resourceType: 'EpisodeOfCare',
      affectsState: false,
      parameters: ['month'],
      requires: [
        ['EpisodeOfCare', 'r'],
        ['Encounter', 'rs'],
        ['Communication', 'rs'],
      ],
      handle: (request) => show(request, deps),
    },
    {
      name: 'send-digest',
      definition: `${canonicalBase}/OperationDefinition/send-digest`,
      level: 'instance',
      resourceType: 'EpisodeOfCare',
      affectsState: true,
      parameters: ['month'],
      requires: [
        ['EpisodeOfCare', 'r'],
        ['Communication', 'rc'],
      ],
      handle: (request) => send(request, deps),
    },
  ];
}

async function show(request: OperationRequest, deps: DigestDeps): Promise<Result<Resource>> {
  const told = await toldOf(request, deps);
  if (!told.ok) return told;
  const { store, principal } = request;
  const visibility = visibilityOf(principal, 'r');
  const inner = store.unwatched ?? store;
  const digest = await gatherDigest(inner, told.value, async (candidates) => {
    const seen: Stored[] = [];
    for (const one of candidates) if (await inner.sees(visibility, one)) seen.push(one);
    // What is told is noted as read.
    if (store.unwatched) await store.readMany(seen.map(({ type, id }) => ({ type, id })));
    return seen.map(resourceOf);
  });
  return ok(answerOf(told.value.month, digest));
}

async function send(request: OperationRequest, deps: DigestDeps): Promise<Result<Resource>> {
  const told = await toldOf(request, deps);
  if (!told.ok) return told;
  const { store, principal, requestId } = request;
  const { patientId, month, enrollment } = told.value;
  if (!mayWriteFor(request, 'Communication', patientId, 'c')) return absent();
  const own = await programZone(store, enrollment.programId, deps.zone);
  if (month >= monthOf(deps.clock.now(), own)) {
    return fail('unprocessable', 'A digest is sent of a month that is over. See it until then with $digest.', {
      code: 'business-rule',
    });
  }
  const sent = await store.transact({ kind: 'system', id: 'care', requestId }, (tx) =>
    sendDigest(tx, told.value, deps),
  );
  if (!sent.ok) return sent;
  if (sent.value === undefined) {
    const text =
      'Nobody could be told: no primary care clinician is known who may read the record of this child. There is a Task to name one.';
    return ok({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'warning', code: 'not-found', diagnostics: text }],
    });
  }
  const message = currentOf(await store.readSeen('Communication', sent.value, visibilityOf(principal, 'r')));
  return message ? ok(message) : fail('forbidden', 'The digest is kept back from this caller.');
}

const absent = () => fail('not-found', 'There is no such enrollment here.');

/** The enrollment and the month that are asked for: a month in which it ran; for staff and systems. */
async function toldOf(request: OperationRequest, { clock, zone }: DigestDeps): Promise<Result<Told>> {
  const target = await seenTarget(request, 'enrollment');
  if (!target.ok) return target;
  if (!isStaff(request.principal)) return absent();
  const enrollment = enrollmentOf(target.value.resource);
  const { patientId, enrolledFrom, endedOn, programId } = enrollment ?? {};
  if (!enrollment || patientId === undefined || enrolledFrom === undefined) {
    return fail('unprocessable', 'Nobody has been enrolled by this EpisodeOfCare: there is nothing to tell of.', {
      code: 'business-rule',
    });
  }
  const now = monthOf(clock.now(), await programZone(request.store, programId, zone));
  const month = request.parameters.text('month') ?? now;
  if (!/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/.test(month))
    return fail('invalid', 'month has to be a month, as 2026-02.', { code: 'value' });
  const last = endedOn?.slice(0, 7) ?? now;
  if (month < enrolledFrom.slice(0, 7) || month > last || month > now) {
    const text = 'In this month the child was not enrolled, or it has not begun yet.';
    return fail('unprocessable', text, { code: 'business-rule' });
  }
  return ok({ episodeId: request.id ?? '', patientId, enrollment, month, zone });
}

function answerOf(month: string, { contacts, alerts, concerns }: Digest): Resource {
  const held = contacts.filter(({ was }) => was === 'held');
  const minutes = contacts.reduce((sum, one) => sum + (one.minutes ?? 0), 0);
  const parameter: r4.ParametersParameter[] = [
    { name: 'month', valueString: month },
    { name: 'contacts', valueInteger: held.length },
    { name: 'tried', valueInteger: contacts.length - held.length },
    { name: 'minutes', valueDecimal: Math.round(minutes * 100) / 100 },
  ];
  for (const mode of modes) {
    const count = held.filter((one) => one.mode === mode).length;
    const part = [
      { name: 'code', valueCode: mode },
      { name: 'count', valueInteger: count },
    ];
    if (count > 0) parameter.push({ name: 'mode', part });
  }
  for (const { kind, reference, date, text } of alerts) {
    parameter.push({
      name: 'alert',
      part: [{ name: 'kind', valueCode: kind }, ...recordParts(reference, 'date', date, text)],
    });
  }
  for (const { reference, since, text } of concerns)
    parameter.push({ name: 'concern', part: recordParts(reference, 'since', since, text) });
  return { resourceType: 'Parameters', parameter };
}

function recordParts(
  reference: string,
  name: string,
  date: string | undefined,
  text: string | undefined,
): r4.ParametersParameter[] {
  return [
    { name: 'record', valueReference: { reference } },
    ...(date === undefined ? [] : [{ name, valueDateTime: date }]),
    ...(text === undefined ? [] : [{ name: 'text', valueString: text }]),
  ];
}
