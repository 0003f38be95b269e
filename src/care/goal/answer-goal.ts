import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { acceptanceUrl, reasonRejectedUrl } from '../../fhir/goal-agreement.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { participantTypeSystem } from '../../fhir/provenance.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { actorOf } from '../actor-of.ts';
import { localId } from '../local-id.ts';
import { isOfChild, voiceFor } from '../oneself.ts';
import { currentOf } from '../stored.ts';

const answers = ['agree', 'disagree', 'reject'] as const;
const priorities = ['high-priority', 'medium-priority', 'low-priority'];
const absent = fail('not-found', 'There is no such Goal.');

interface Asked {
  answer: (typeof answers)[number];
  reason?: string;
  priority?: string;
  /** Who answers: the caller, or on whose behalf the caller writes it down. */
  who: string;
  isOnBehalf: boolean;
}

/**
 * `POST Goal/[id]/$answer-goal`: somebody says whether they agree with a goal (`agree`, `disagree`), or rejects it with the reason why. A family
 * that may read a goal may answer it, although it may not change goals otherwise: only the answer of the one who speaks is written.
 */
export function answerGoalOperation(clock: Clock): Operation {
  return {
    name: 'answer-goal',
    definition: `${canonicalBase}/OperationDefinition/answer-goal`,
    level: 'instance',
    resourceType: 'Goal',
    affectsState: true,
    parameters: ['answer', 'reason', 'priority', 'onBehalfOf'],
    requires: [['Goal', 'ru']],
    async handle(request) {
      const { store, principal, id = '' } = request;
      const goal = currentOf(await store.readSeen('Goal', id, visibilityOf(principal, 'r')));
      if (!isOfType(goal, 'Goal')) return absent;
      // A mirror is as the hospital sent it: the next sync would take the answer away.
      if (isMirror(goal)) {
        const text =
          'This goal is a hospital’s, and is answered there. Propose a comment on it, or a goal of your own.';
        return fail('unprocessable', text, { code: 'business-rule' });
      }
      const child = localId(goal.subject, 'Patient') ?? '';
      const { kind, fhirUser } = principal;
      const speaker = kind === 'user' && fhirUser !== undefined ? await voiceFor(fhirUser, child, store) : undefined;
      const asked = readAsked(request, speaker);
      return asked.ok ? write(request, asked.value, clock) : asked;
    },
  };
}

function readAsked({ parameters }: OperationRequest, speaker: string | undefined): Result<Asked> {
  const answer = answers.find((one) => one === parameters.text('answer'));
  if (answer === undefined) return fail('invalid', `answer has to be one of ${answers.join(', ')}.`, { code: 'value' });
  const reason = parameters.text('reason')?.trim() || undefined;
  if (reason !== undefined && reason.length > limits.care.wordsLength)
    return fail('invalid', `reason has at most ${limits.care.wordsLength} characters.`, { code: 'value' });
  if (answer === 'reject' && reason === undefined)
    return fail('invalid', 'Who rejects a goal says why, in reason.', { code: 'required' });
  const priority = parameters.text('priority');
  if (priority !== undefined && !priorities.includes(priority))
    return fail('invalid', `priority has to be one of ${priorities.join(', ')}.`, { code: 'value' });
  const onBehalfOf = parameters.text('onBehalfOf');
  const who = onBehalfOf ?? speaker;
  if (who === undefined || !/^(Patient|RelatedPerson|Practitioner|PractitionerRole)\/[A-Za-z0-9.-]{1,64}$/.test(who)) {
    const text =
      'A program answers no goal: name in onBehalfOf the person who does, as RelatedPerson/id or Practitioner/id.';
    return fail('invalid', text, { code: 'required' });
  }
  return ok({
    answer,
    who,
    isOnBehalf: who !== speaker,
    ...(reason !== undefined && { reason }),
    ...(priority !== undefined && { priority }),
  });
}

async function write(request: OperationRequest, asked: Asked, clock: Clock): Promise<Result<Resource>> {
  const { store, principal, id = '' } = request;
  const actor = actorOf(request);
  if (asked.isOnBehalf) actor.provenance = onBehalf(asked.who, actor.kind === 'user' ? actor.id : undefined, clock);
  return store.transact(actor, async (tx) => {
    await tx.hold([{ type: 'Goal', id }]);
    const stored = await tx.readSeen('Goal', id, visibilityOf(principal, 'r'));
    const goal = currentOf(stored);
    if (!stored || !isOfType(goal, 'Goal')) return absent;
    const isFamily = /^(Patient|Person|RelatedPerson)\//.test(principal.fhirUser ?? '');
    // A family answers what it may read; everybody else what they may change.
    if (!isFamily && !(await tx.sees(visibilityOf(principal, 'u'), stored))) return absent;
    if (isFamily && asked.isOnBehalf) return fail('forbidden', 'Somebody of a family answers for themselves.');
    if (!(await isOfChild(asked.who, localId(goal.subject, 'Patient') ?? '', tx)))
      return fail('unprocessable', 'Who answers is not known here as somebody of this child.', { code: 'not-found' });
    const written = await tx.update({ ...answered(goal, asked, clock.now()) });
    if (!written.ok) return written;
    const after = currentOf(written.value.stored);
    return after ? ok(after) : absent;
  });
}

function answered(goal: Resource & r4.Goal, asked: Asked, now: Date): Resource {
  const { answer, who, reason } = asked;
  const after: Resource & r4.Goal = { ...goal };
  const others = (goal.extension ?? []).filter((one) => !(one.url === acceptanceUrl && whoIn(one) === who));
  after.extension = [...others, acceptance(asked)];
  if (answer === 'reject') {
    after.lifecycleStatus = 'rejected';
    after.statusDate = now.toISOString().slice(0, 10);
    after.extension = after.extension.filter(({ url }) => url !== reasonRejectedUrl);
    after.extension.push({ url: reasonRejectedUrl, valueCodeableConcept: { text: reason } });
  }
  if (answer !== 'reject' && reason !== undefined) {
    const note = { authorReference: { reference: who }, time: now.toISOString(), text: reason };
    after.note = [...(goal.note ?? []), note];
  }
  return { ...after };
}

function whoIn({ extension }: r4.Extension): string | undefined {
  return extension?.find(({ url }) => url === 'individual')?.valueReference?.reference;
}

function acceptance({ answer, who, priority }: Asked): r4.Extension {
  const system = 'http://terminology.hl7.org/CodeSystem/goal-priority';
  return {
    url: acceptanceUrl,
    extension: [
      { url: 'individual', valueReference: { reference: who } },
      { url: 'status', valueCode: answer === 'agree' ? 'agree' : 'disagree' },
      ...(priority === undefined
        ? []
        : [{ url: 'priority', valueCodeableConcept: { coding: [{ system, code: priority }] } }]),
    ],
  };
}

/** Who has written down what somebody else said. */
function onBehalf(who: string, writer: string | undefined, clock: Clock): Resource {
  const enterer: r4.Reference = writer === undefined ? { display: 'A program' } : { reference: writer };
  return {
    resourceType: 'Provenance',
    recorded: clock.now().toISOString(),
    agent: [
      {
        type: { coding: [{ system: participantTypeSystem, code: 'enterer' }] },
        who: enterer,
        onBehalfOf: { reference: who },
      },
    ],
  };
}
