import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { stateOf } from '../referral/canonical-state.ts';
import { childSeen } from '../screening/ask-child.ts';
import { cascadeOf } from './cascade.ts';
import { needRecords, needRules, needTypes } from './read-needs.ts';
import { type NeedState, needStates, type Registered, registerOf } from './register.ts';
import { type Screen, screensOf } from './schedule.ts';

/**
 * `GET Patient/[id]/$needs`: the register of a child's social needs with how far each has come, and when to ask again. Computed from what the
 * caller may see. Errors: `not-found` for a child that the caller does not see. Answers with Parameters (OperationDefinition/needs).
 */
export function needsOperation(clock: Clock): Operation {
  return {
    name: 'needs',
    definition: `${canonicalBase}/OperationDefinition/needs`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: ['state'],
    requires: ['Patient', ...needTypes].map((type) => [type, 'r'] as const),
    handle: (request) => handle(request, clock),
  };
}

async function handle(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const wanted = request.parameters.texts('state').flatMap((text) => text.split(','));
  if (!wanted.every((text) => needStates.some((state) => state === text)))
    return fail('invalid', `state has to be one of ${needStates.join(', ')}.`, { code: 'value' });
  const child = await childSeen(request, request.id);
  if (!child.ok) return child;
  const records = await needRecords(request, child.value.id ?? '');
  if (!records.ok) return records;
  const rules = await needRules(request);
  if (!rules.ok) return rules;
  const today = clock.now().toISOString().slice(0, 10);
  const needs = registerOf(records.value, today, rules.value.domains);
  const counts = Object.entries(cascadeOf(records.value, today));
  const isWanted = (state: NeedState) => wanted.length === 0 || wanted.includes(state);
  return ok({
    resourceType: 'Parameters',
    parameter: [
      { name: 'count', part: counts.map(([name, valueInteger]) => ({ name, valueInteger })) },
      ...needs.filter(({ state }) => isWanted(state)).map(needPart),
      ...screensOf(rules.value.schedule, records.value, needs, today).map(screenPart),
    ],
  });
}

function needPart(need: Registered): r4.ParametersParameter {
  const { conditions, domain, since, state, reason, stage, isConfirmed, tasks, outcomes } = need;
  const code = conditions[0]?.code;
  return {
    name: 'need',
    part: [
      ...conditions.map(({ id }) => ({ name: 'condition', valueReference: { reference: `Condition/${id}` } })),
      ...(domain === undefined ? [] : [{ name: 'domain', valueCode: domain }]),
      ...(code ? [{ name: 'code', valueCodeableConcept: code }] : []),
      ...(since === undefined ? [] : [{ name: 'since', valueDate: since }]),
      { name: 'state', valueCode: state },
      ...(state === 'withdrawn' && reason ? [{ name: 'reason', valueCodeableConcept: reason }] : []),
      { name: 'stage', valueCode: stage },
      { name: 'confirmed', valueBoolean: isConfirmed },
      ...tasks.map((task) => {
        const referral = stateOf(task);
        const reference = { name: 'task', valueReference: { reference: `Task/${task.id}` } };
        return { name: 'referral', part: [reference, ...(referral ? [{ name: 'state', valueCode: referral }] : [])] };
      }),
      ...outcomes.map((valueReference) => ({ name: 'outcome', valueReference })),
    ],
  };
}

function screenPart({ questionnaire, last, due, isOverdue }: Screen): r4.ParametersParameter {
  return {
    name: 'screen',
    part: [
      { name: 'questionnaire', valueCanonical: questionnaire },
      ...(last === undefined ? [] : [{ name: 'last', valueDate: last }]),
      ...(due === undefined ? [] : [{ name: 'due', valueDate: due }]),
      { name: 'overdue', valueBoolean: isOverdue },
    ],
  };
}
