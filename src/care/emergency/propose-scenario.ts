import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { activePlanOf } from '../plan/active-plan.ts';
import { careActor } from '../plan/care-actor.ts';
import { careConcept, part } from '../proposal/proposal-task.ts';
import { currentOf } from '../stored.ts';
import { responsibleFor } from './people-of.ts';
import { createTask } from './review-task.ts';
import { actionsOf } from './scenario.ts';
import {
  careTaskSystem,
  familyWordsUrl,
  proposalTaskCode,
  proposedByUrl,
  scenarioProfile,
  scenarioSystem,
} from './terms.ts';

/**
 * `POST Patient/[id]/$propose-scenario`: a family, or anybody else who sees the child, says what may happen and what they do then, in their own words.
 * It is kept as a draft that is in no plan yet, with who said it; the lead coordinator gets a Task, and makes it a scenario of the plan or says why not.
 */
export function proposeScenarioOperation(clock: Clock): Operation {
  return {
    name: 'propose-scenario',
    definition: `${canonicalBase}/OperationDefinition/propose-scenario`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: ['kind', 'trigger', 'words', 'family-action'],
    requires: [
      ['Patient', 'r'],
      ['RequestGroup', 'c'],
    ],
    handle: (request) => handle(request, clock),
  };
}

async function handle(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const { id = '', principal, store, parameters, requestId } = request;
  const absent = fail('not-found', 'There is no such child here.');
  const patient = currentOf(await store.readSeen('Patient', id, visibilityOf(principal, 'r')));
  const who = principal.kind === 'user' ? principal.fhirUser : undefined;
  if (patient === undefined || who === undefined) return absent;
  const trigger = parameters.text('trigger')?.trim() ?? '';
  const words = parameters.text('words')?.trim() ?? '';
  const kind = parameters.text('kind') ?? 'other';
  const actions = parameters.texts('family-action').map((text) => text.trim());
  const { scenarioSteps, scenarioLength } = limits.care;
  if (trigger === '') return fail('invalid', 'trigger says what sets the scenario off.', { code: 'required' });
  if (!/^[a-z-]{1,40}$/.test(kind))
    return fail('invalid', 'kind is a code of CodeSystem/emergency-scenario.', { code: 'value' });
  if (actions.length > scenarioSteps || [trigger, words, ...actions].some((text) => text.length > scenarioLength))
    return fail('invalid', `A scenario has at most ${scenarioSteps} steps, and a text ${scenarioLength} letters.`, {
      code: 'too-long',
    });
  const group = proposalOf({ id, who, trigger, words, kind, actions }, clock.now());
  const refused = await request.check?.({ ...group });
  if (refused && !refused.ok) return refused;
  return store.transact(careActor(requestId), async (tx) => {
    const written = await tx.create({ ...group });
    if (!written.ok) return written;
    const scenario = `RequestGroup/${written.value.stored.id}`;
    const { lead } = await responsibleFor(tx, id);
    const plan = await activePlanOf(tx, id);
    const asked = taskFor({ scenario, id, who, lead, plan, words: words === '' ? trigger : words }, clock.now());
    const task = await createTask(tx, { ...asked }, clock.now());
    if (!task.ok) return task;
    return ok({
      resourceType: 'Parameters',
      parameter: [
        { name: 'scenario', valueReference: { reference: scenario } },
        { name: 'task', valueReference: { reference: `Task/${task.value}` } },
      ],
    });
  });
}

interface Proposal {
  id: string;
  who: string;
  trigger: string;
  words: string;
  kind: string;
  actions: readonly string[];
}

function proposalOf(
  { id, who, trigger, words, kind, actions }: Proposal,
  now: Date,
): r4.RequestGroup & { resourceType: 'RequestGroup' } {
  return {
    resourceType: 'RequestGroup',
    meta: { profile: [scenarioProfile] },
    extension: [
      { url: proposedByUrl, valueReference: { reference: who } },
      { url: familyWordsUrl, valueString: words === '' ? trigger : words },
    ],
    status: 'draft',
    intent: 'proposal',
    subject: { reference: `Patient/${id}` },
    authoredOn: now.toISOString(),
    code: { coding: [{ system: scenarioSystem, code: kind }] },
    reasonCode: [{ text: trigger }],
    ...actionsOf(actions.map((text) => ({ kind: 'family', text }))),
  };
}

interface AskedTask {
  scenario: string;
  id: string;
  who: string;
  lead: r4.Reference | undefined;
  /** The child's shared plan, whose proposal it then is: answered like every other one ($answer-proposal). */
  plan: string | undefined;
  words: string;
}

function taskFor({ scenario, id, who, lead, plan, words }: AskedTask, now: Date): r4.Task {
  const own = { system: careTaskSystem, code: proposalTaskCode };
  const { coding = [] } = plan === undefined ? {} : careConcept('plan-change', '');
  return {
    resourceType: 'Task',
    ...(plan !== undefined && { basedOn: [{ reference: `CarePlan/${plan}` }] }),
    status: 'requested',
    intent: plan === undefined ? 'plan' : 'proposal',
    code: { coding: [own, ...coding], text: 'Look at a proposed scenario' },
    description:
      'Somebody who knows the child proposes a scenario for the emergency plan. Complete it with them and accept it, or say why not.',
    focus: { reference: scenario },
    for: { reference: `Patient/${id}` },
    requester: { reference: who },
    authoredOn: now.toISOString(),
    reasonCode: { text: words },
    ...(plan !== undefined && { input: [{ type: part('action'), valueCode: 'scenario' }] }),
    ...(lead && { owner: lead }),
  };
}
