import { visibleInDocuments } from '../../../access/decide.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { indexOf } from '../../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import { currentOf } from '../../stored.ts';
import { isActivePlan } from '../check-plan.ts';
import type { PlanOperationDeps } from '../plan-operation.ts';
import { readEmergencyRecord } from '../record.ts';
import { isAccessPlan, isEmergencyPlan } from '../terms.ts';
import { languages, type Words, wordsIn } from '../words.ts';
import { type Contact, contactsOf } from './contacts.ts';
import { firstCall } from './first-call.ts';
import { hoursText } from './hours.ts';

/**
 * `GET Patient/[id]/$first-call`: whom to call first at an hour (`at`, absent: now), for a symptom or for anything, who is next, and who is closed then
 * (S1.15). Errors: `not-found` without an access or emergency plan in force that this caller sees.
 */
export function firstCallOperation(deps: PlanOperationDeps): Operation {
  return {
    name: 'first-call',
    definition: `${canonicalBase}/OperationDefinition/first-call`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: ['at', 'symptom', 'language'],
    requires: [
      ['Patient', 'r'],
      ['CarePlan', 'r'],
    ],
    handle: (request) => handle(request, deps),
  };
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

async function handle(request: OperationRequest, { clock, zone, told }: PlanOperationDeps): Promise<Result<Resource>> {
  const { id = '', principal, store, parameters } = request;
  const words = wordsIn(parameters.text('language') ?? 'en');
  if (!words) return fail('invalid', `language has to be one of ${languages.join(', ')}.`, { code: 'value' });
  // In a query a plus that was not encoded arrives as a space.
  const text = parameters.text('at')?.replace(' ', '+');
  const at = text === undefined ? clock.now() : new Date(instant.test(text) ? text : Number.NaN);
  if (Number.isNaN(at.getTime()))
    return fail('invalid', 'at has to be a date and time with its zone, as 2026-11-22T02:00:00-05:00.', {
      code: 'value',
    });
  const absent = fail('not-found', 'There is no such access plan here.');
  const seen = visibleInDocuments(principal);
  if (currentOf(await store.readSeen('Patient', id, seen)) === undefined) return absent;
  const record = await readEmergencyRecord(store, id, seen);
  if (!record.ok) return record;
  const resources = await told(principal, record.value);
  const plans = resources.filter(isActivePlan);
  if (plans.length === 0) return absent;
  const index = indexOf(resources, new Map());
  const contacts = [
    ...contactsOf(plans.find(isAccessPlan), index, zone),
    ...contactsOf(plans.find(isEmergencyPlan), index, zone),
  ];
  const { inOrder, closed } = firstCall(contacts, at, parameters.text('symptom'));
  const parameter: r4.ParametersParameter[] = [
    { name: 'at', valueInstant: at.toISOString() },
    ...inOrder.map(({ contact, isCertain }, place) => ({
      name: place === 0 ? 'first' : 'next',
      part: [...partsOf(contact, words), { name: 'certain', valueBoolean: isCertain }],
    })),
    ...closed.map(({ contact, why }) => ({
      name: 'closed',
      part: [...partsOf(contact, words), ...(why === undefined ? [] : [{ name: 'why', valueString: why }])],
    })),
  ];
  return ok({ resourceType: 'Parameters', parameter });
}

function partsOf(
  { name, phone, kind, note, hours, reference, symptoms }: Contact,
  words: Words,
): r4.ParametersParameter[] {
  const open = hoursText(hours, words.days, words.always);
  return [
    { name: 'name', valueString: name },
    ...(phone === undefined ? [] : [{ name: 'phone', valueString: phone }]),
    { name: 'kind', valueCode: kind },
    ...(open === '' ? [] : [{ name: 'hours', valueString: open }]),
    { name: 'zone', valueCode: hours.zone },
    ...(note === undefined ? [] : [{ name: 'note', valueString: note }]),
    ...symptoms.map((symptom) => ({ name: 'symptom', valueCodeableConcept: symptom })),
    ...(reference === undefined ? [] : [{ name: 'contact', valueReference: { reference } }]),
  ];
}
