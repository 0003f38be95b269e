import { visibilityOf } from '../../../access/decide.ts';
import type { Clock } from '../../../base/clock.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { newId } from '../../../base/ids.ts';
import { limits } from '../../../base/limits.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { missingFrom } from '../../../fhir/plan-view/completeness.ts';
import { indexOf } from '../../../fhir/plan-view/index-of.ts';
import { type PlanReview, planReviewUrl, reviewExtension, reviewOf } from '../../../fhir/plan-view/review.ts';
import { careTaskSystem, coSignCode, planReviewCode } from '../../../fhir/plan-view/sections/review.ts';
import { canonicalBase, isSharedPlan } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import type { Tx } from '../../../store/types.ts';
import { childOf } from '../../child.ts';
import { currentOf } from '../../stored.ts';
import { readPrimaryCare } from '../../team/primary-care.ts';
import { lockPlan } from '../active-plan.ts';
import { careActor } from '../care-actor.ts';
import { loadChart } from '../load-chart.ts';
import { writeWithOrigin } from '../provenance.ts';
import { coSignTask, isSamePerson, practitionerOf } from './co-sign.ts';
import { dayOf, dueOf } from './review-job.ts';
import { openTasks, type Plan } from './review-task.ts';

/** What was asked for, checked. */
interface Asked {
  review: PlanReview;
  note?: string;
  /** Ask the primary care clinician to sign too. */
  coSign: boolean;
  /** The version of the plan that was gone through. */
  version?: string;
}

interface Place {
  plan: Plan;
  child: string;
  request: OperationRequest;
  clock: Clock;
}

/**
 * `POST CarePlan/[id]/$review`: records that the shared plan was gone through with the family: who agreed, when it is due again, and the copy that the family was
 * given. Closes the Task that asked for it, tells of the copy in a Communication, and asks the primary care clinician to sign. One transaction.
 */
export function reviewOperation(clock: Clock): Operation {
  return {
    name: 'review',
    definition: `${canonicalBase}/OperationDefinition/shared-plan-review`,
    level: 'instance',
    resourceType: 'CarePlan',
    affectsState: true,
    parameters: ['date', 'next', 'agreed', 'copyTo', 'copyDate', 'note', 'coSign', 'version'],
    requires: [
      ['CarePlan', 'ru'],
      ['Task', 'cu'],
      ['Communication', 'c'],
    ],
    handle: (request) => handle(request, clock),
  };
}

async function handle(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const { store, principal, id = '', requestId } = request;
  const absent = fail('not-found', 'There is no such shared plan here.');
  const stored = await store.readSeen('CarePlan', id, visibilityOf(principal, 'r'));
  const seen = currentOf(stored);
  const child = childOf(seen);
  if (!isOfType(seen, 'CarePlan') || !isSharedPlan(seen) || isMirror(seen) || child === undefined) return absent;
  if (stored === undefined) return absent;
  // Who reads it knows that it is there.
  if (!(await store.sees(visibilityOf(principal, 'u'), stored)))
    return fail('forbidden', 'The care team writes down that a plan was reviewed. To ask for a change, use $propose.');
  const asked = readAsked(request, clock);
  if (!asked.ok) return asked;
  const known = await whoIsKnown(request, child, [...asked.value.review.agreed, ...asked.value.review.copyTo]);
  if (!known.ok) return known;
  return store.transact(careActor(requestId), async (tx) => {
    await lockPlan(tx, child);
    const plan = currentOf(await tx.read('CarePlan', id));
    if (!isOfType(plan, 'CarePlan')) return absent;
    if (plan.status !== 'active')
      return fail('unprocessable', 'Only a plan in force is reviewed: make it active first.');
    const { version } = asked.value;
    if (version !== undefined && version !== plan.meta?.versionId) return fail('precondition', changedSince);
    return record(tx, { plan, child, request, clock }, asked.value);
  });
}

const changedSince =
  'Somebody has changed the plan since it was read. Nothing was recorded: read it as it is now, then record the review.';
const date = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const person = /^(Patient|RelatedPerson|Practitioner|PractitionerRole|Organization|CareTeam)\/[A-Za-z0-9.-]{1,64}$/;
const ofFamily = /^(Patient|RelatedPerson)\//;

function readAsked({ parameters }: OperationRequest, clock: Clock): Result<Asked> {
  const given = (name: string) => parameters.text(name);
  for (const name of ['date', 'next', 'copyDate'])
    if (given(name) !== undefined && !date.test(given(name) ?? ''))
      return fail('invalid', `${name} takes a date.`, { code: 'value' });
  const agreed = parameters.texts('agreed');
  const copyTo = parameters.texts('copyTo');
  if (agreed.length === 0)
    return fail('invalid', 'agreed names who agreed to the plan: at least one person.', { code: 'required' });
  if (![...agreed, ...copyTo].every((text) => person.test(text)))
    return fail('invalid', 'agreed and copyTo take references to people kept here, as Type/id.', { code: 'value' });
  if (!copyTo.every((text) => ofFamily.test(text)))
    return fail('invalid', 'copyTo names the child or somebody of the family.', { code: 'value' });
  if (given('copyDate') !== undefined && copyTo.length === 0)
    return fail('invalid', 'copyDate needs copyTo: who of the family was given the copy.', { code: 'required' });
  const coSign = given('coSign') ?? 'true';
  if (coSign !== 'true' && coSign !== 'false')
    return fail('invalid', 'coSign has to be true or false.', { code: 'value' });
  const note = given('note');
  if (note !== undefined && note.length > limits.care.wordsLength)
    return fail('invalid', `note has at most ${limits.care.wordsLength} characters.`, { code: 'value' });
  const version = given('version');
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version))
    return fail('invalid', 'version is the version of the plan that was gone through, a whole number.', {
      code: 'value',
    });
  const held = given('date') ?? dayOf(clock);
  const references = (texts: readonly string[]) => [...new Set(texts)].map((reference) => ({ reference }));
  const review: PlanReview = { held, agreed: references(agreed), copyTo: references(copyTo) };
  const next = given('next');
  if (next !== undefined) review.next = next;
  if (copyTo.length > 0) review.copyGiven = given('copyDate') ?? held;
  return ok({
    review,
    coSign: coSign === 'true',
    ...(note !== undefined && { note }),
    ...(version !== undefined && { version }),
  });
}

/** People whom the caller sees; of the family, this child's. One sentence for all others. */
async function whoIsKnown(
  { store, principal }: OperationRequest,
  child: string,
  named: readonly r4.Reference[],
): Promise<Result<void>> {
  const seen = visibilityOf(principal, 'r');
  for (const { reference = '' } of named) {
    const [type = '', id = ''] = reference.split('/');
    const found = currentOf(await store.readSeen(type, id, seen));
    const isTheirs = type === 'Patient' ? id === child : type === 'RelatedPerson' ? childOf(found) === child : true;
    if (found === undefined || !isTheirs)
      return fail('unprocessable', 'agreed or copyTo names somebody who is not known here as a person of this child.', {
        code: 'not-found',
      });
  }
  return ok(undefined);
}

async function record(tx: Tx, place: Place, asked: Asked): Promise<Result<Resource>> {
  const { plan, child, clock, request } = place;
  const before = reviewOf(plan);
  // A copy that was given at an earlier review is not a copy of this one.
  const extension = reviewExtension(asked.review);
  const others = (plan.extension ?? []).filter(({ url }) => url !== planReviewUrl);
  const onBehalfOf = request.principal.fhirUser;
  const origin = { sources: [{ reference: `Patient/${child}` }], ...(onBehalfOf !== undefined && { onBehalfOf }) };
  const writing = { tx, origin, place };
  if (before !== undefined && before.held > asked.review.held)
    return fail('unprocessable', 'The plan was reviewed later than that already.', { code: 'business-rule' });
  const next: Plan = { ...plan, extension: [...others, extension] };
  const written = await writeWithOrigin(tx, next, origin, clock);
  if (!written.ok) return written;
  const tasks = await closeReviews(writing, asked);
  if (!tasks.ok) return tasks;
  const copy = asked.review.copyTo.length > 0 ? await tellOfCopy(writing, asked) : ok(undefined);
  if (!copy.ok) return copy;
  const signing = asked.coSign ? await askToSign(writing) : ok(undefined);
  if (!signing.ok) return signing;
  return answerOf(writing, {
    tasks: tasks.value,
    ...(copy.value && { copy: copy.value }),
    ...(signing.value && { signing: signing.value }),
  });
}

interface Writing {
  tx: Tx;
  origin: { sources: readonly r4.Reference[]; onBehalfOf?: string };
  place: Place;
}

/** The Tasks that asked for a review, done; when none did, one that says it was held. Answers their ids. */
async function closeReviews({ tx, origin, place }: Writing, { review, note }: Asked): Promise<Result<string[]>> {
  const { plan, child, clock, request } = place;
  const open = await openTasks(tx, child, plan.id ?? '', planReviewCode);
  if (!open.ok) return open;
  const annotation = note === undefined ? [] : [{ text: note, time: clock.now().toISOString() }];
  const end: Partial<r4.Task> = { status: 'completed', executionPeriod: { end: review.held } };
  const owner = request.principal.fhirUser;
  const held: r4.Task = {
    resourceType: 'Task',
    status: 'completed',
    intent: 'plan',
    code: { coding: [{ system: careTaskSystem, code: planReviewCode }], text: 'Review of the shared plan' },
    ...(plan.meta?.security && { meta: { security: plan.meta.security } }),
    focus: { reference: `CarePlan/${plan.id}` },
    for: { reference: `Patient/${child}` },
    authoredOn: clock.now().toISOString(),
    ...(owner !== undefined && { owner: { reference: owner } }),
  };
  const tasks: Resource[] = open.value.length > 0 ? open.value : [{ ...held }];
  const ids: string[] = [];
  for (const task of tasks) {
    const notes = [...((task.note as r4.Annotation[] | undefined) ?? []), ...annotation];
    const id = await write(tx, { ...task, ...end, ...(notes.length > 0 && { note: notes }) }, origin, clock);
    if (!id.ok) return id;
    ids.push(id.value);
  }
  return ok(ids);
}

/** The record that the family was given the plan (S4.1). */
async function tellOfCopy({ tx, origin, place }: Writing, { review }: Asked): Promise<Result<string>> {
  const { plan, child, clock, request } = place;
  const { fhirUser } = request.principal;
  const communication: r4.Communication = {
    resourceType: 'Communication',
    status: 'completed',
    category: [{ text: 'Copy of the shared plan' }],
    topic: {
      coding: [{ system: 'http://loinc.org', code: '18776-5', display: 'Plan of care note' }],
      text: 'Shared plan of care',
    },
    ...(plan.meta?.security && { meta: { security: plan.meta.security } }),
    subject: { reference: `Patient/${child}` },
    about: [{ reference: `CarePlan/${plan.id}` }],
    recipient: review.copyTo,
    sent: review.copyGiven,
    ...(fhirUser !== undefined && { sender: { reference: fhirUser } }),
  };
  return write(tx, { ...communication }, origin, clock);
}

/** One open request to sign, for the primary care clinician; none when nobody is known, and none to whoever held the review. */
async function askToSign({ tx, origin, place }: Writing): Promise<Result<string | undefined>> {
  const { plan, child, clock, request } = place;
  const [owner] = (await readPrimaryCare(tx, child)) ?? [];
  const signer = await practitionerOf(tx, owner);
  if (owner?.reference === undefined || signer === undefined) return ok(undefined);
  if (await isSamePerson(tx, request.principal.fhirUser, signer)) return ok(undefined);
  const open = await openTasks(tx, child, plan.id ?? '', coSignCode);
  if (!open.ok) return open;
  for (const task of open.value) if ((await practitionerOf(tx, task.owner)) === signer) return ok(task.id);
  return write(tx, coSignTask(plan, child, { reference: owner.reference }, clock.now()), origin, clock);
}

async function write(tx: Tx, resource: Resource, origin: Writing['origin'], clock: Clock): Promise<Result<string>> {
  const id = resource.id ?? newId();
  const written = await writeWithOrigin(tx, { ...resource, id }, origin, clock);
  return written.ok ? ok(id) : written;
}

interface Made {
  tasks: readonly string[];
  copy?: string;
  signing?: string;
}

async function answerOf({ tx, place }: Writing, { tasks, copy, signing }: Made): Promise<Result<Resource>> {
  const { plan: asked, child, clock, request } = place;
  const plan = currentOf(await tx.read('CarePlan', asked.id ?? ''));
  if (!isOfType(plan, 'CarePlan')) return fail('not-found', 'There is no such shared plan here.');
  // Judged by what the caller sees: what is hidden is not told in this way either.
  const chart = await loadChart(tx, child, visibilityOf(request.principal, 'r'));
  if (!chart.ok) return chart;
  const missing = missingFrom(plan, reviewOf(plan), indexOf(chart.value, new Map()));
  const due = await dueOf(tx, plan, child, dayOf(clock));
  const reference = (name: string, type: string, id: string) => ({
    name,
    valueReference: { reference: `${type}/${id}` },
  });
  const parameter: r4.ParametersParameter[] = [
    reference('plan', 'CarePlan', plan.id ?? ''),
    { name: 'due', valueDate: due },
    ...tasks.map((id) => reference('review', 'Task', id)),
    ...(copy === undefined ? [] : [reference('copy', 'Communication', copy)]),
    ...(signing === undefined ? [] : [reference('coSignature', 'Task', signing)]),
    { name: 'complete', valueBoolean: missing.length === 0 },
    ...missing.map((valueString) => ({ name: 'missing', valueString })),
  ];
  return ok({ resourceType: 'Parameters', parameter });
}
