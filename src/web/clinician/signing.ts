import { isOfType, ofType } from '../../fhir/of-type.ts';
import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import { humanName, indexOf, localReference } from '../../fhir/plan-view/index-of.ts';
import { planReviewUrl } from '../../fhir/plan-view/review.ts';
import { careTaskSystem, coSignCode, planReviewCode } from '../../fhir/plan-view/sections/review.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Answer, FhirClient } from '../shared/fhir-client.ts';
import { parameter, parameters } from '../shared/parameters.ts';
import type { Session } from '../shared/smart-launch.ts';
import { isGranted } from './granted.ts';

/** Somebody whom a review can name. */
export interface Person {
  reference: string;
  name: string;
}

/** What this reader may do with the plan. The server judges it again: here it only decides which buttons there are. */
export interface Signing {
  planId: string;
  /** The version that is on the screen; absent where this reader is not told versions. */
  version?: string;
  /** The open Task by which this reader is asked to sign. */
  task?: Resource & r4.Task;
  mayReview: boolean;
  me?: Person;
  /** The child and the family. */
  family: Person[];
}

export type ReviewInput = { agreed: string[]; copyTo: string[]; next?: string; note?: string };

const npiSystem = 'http://hl7.org/fhir/sid/us-npi';
const teamRoleSystem = `${canonicalBase}/CodeSystem/care-team-role`;

export function signingOf(
  plan: Resource & r4.CarePlan,
  resources: readonly Resource[],
  { fhirUser, scopes = [] }: Pick<Session, 'fhirUser' | 'scopes'>,
): Signing {
  const index = indexOf(resources, new Map());
  const planRef = `CarePlan/${plan.id}`;
  const isMe = (reference: r4.Reference | undefined) =>
    fhirUser !== undefined && isSamePerson(fhirUser, localReference(reference), resources);
  const tasks = ofType(resources, 'Task').filter(
    ({ status, focus }) => !closedTaskStates.has(status) && localReference(focus) === planRef,
  );
  const asked = (code: string) => tasks.find((task) => hasCode(task, code) && isMe(task.owner));
  const team = ofType(resources, 'CareTeam')
    .filter(({ id }) => plan.careTeam?.some((one) => localReference(one) === `CareTeam/${id}`))
    .flatMap(({ participant = [] }) => participant)
    .filter(({ period }) => period?.end === undefined);
  const carries = team.some((one) => (isLead(one) || isPrimaryCare(one)) && isMe(one.member));
  const patient = ofType(resources, 'Patient').find(({ id }) => `Patient/${id}` === localReference(plan.subject));
  const isGeneralPractitioner = patient?.generalPractitioner?.some(isMe) === true;
  const task = isGranted(scopes, 'Task', 'u') ? asked(coSignCode) : undefined;
  const mine = team.find(({ member }) => isMe(member))?.member?.reference ?? fhirUser;
  const myName = index.nameOf({ reference: fhirUser });
  return {
    planId: plan.id ?? '',
    mayReview:
      isGranted(scopes, 'CarePlan', 'ru') &&
      isGranted(scopes, 'Task', 'cu') &&
      isGranted(scopes, 'Communication', 'c') &&
      (task !== undefined ||
        carries ||
        isGeneralPractitioner ||
        isMe(plan.author) ||
        asked(planReviewCode) !== undefined),
    family: familyOf(patient, resources),
    ...(plan.meta?.versionId !== undefined && { version: plan.meta.versionId }),
    ...(task && { task }),
    ...(mine !== undefined && { me: { reference: mine, name: myName ?? '' } }),
  };
}

function hasCode({ code }: r4.Task, wanted: string): boolean {
  return code?.coding?.some((one) => one.system === careTaskSystem && one.code === wanted) === true;
}

function isPrimaryCare({ role }: r4.CareTeamParticipant): boolean {
  return (
    role?.some(({ coding }) => coding?.some((one) => one.system === teamRoleSystem && one.code === 'primary-care')) ===
    true
  );
}

/** The same record, or two of one clinician: the EHR's record of its user and ours, with one National Provider Identifier. */
function isSamePerson(signedIn: string, reference: string | undefined, resources: readonly Resource[]): boolean {
  const person = (key: string | undefined): string | undefined => {
    const found = resources.find(({ resourceType, id }) => `${resourceType}/${id}` === key);
    return isOfType(found, 'PractitionerRole') ? localReference(found.practitioner) : key;
  };
  const [one, other] = [person(signedIn), person(reference)];
  if (one === undefined || other === undefined) return false;
  const numbers = (key: string) =>
    ofType(resources, 'Practitioner')
      .filter(({ id }) => `Practitioner/${id}` === key)
      .flatMap(({ identifier = [] }) =>
        identifier.flatMap(({ system, value }) => (system === npiSystem && value ? [value] : [])),
      );
  return one === other || numbers(one).some((number) => numbers(other).includes(number));
}

function familyOf(patient: (Resource & r4.Patient) | undefined, resources: readonly Resource[]): Person[] {
  const index = indexOf(resources, new Map());
  const kin = ofType(resources, 'RelatedPerson')
    .filter(({ active, patient: of }) => active !== false && localReference(of) === `Patient/${patient?.id}`)
    .map(({ id }) => `RelatedPerson/${id}`)
    .flatMap((reference) => {
      const name = index.nameOf({ reference });
      return name === undefined ? [] : [{ reference, name }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const child = humanName(patient?.name);
  return child === undefined ? kin : [...kin, { reference: `Patient/${patient?.id}`, name: child }];
}

/** Records that the plan was gone through. The answer is nothing but that it was done. */
export async function recordReview(
  client: FhirClient,
  { planId, version }: Pick<Signing, 'planId' | 'version'>,
  { agreed, copyTo, next, note }: ReviewInput,
): Promise<Answer<undefined>> {
  const resource = parameters(
    ...agreed.flatMap((one) => parameter('valueReference', 'agreed', one)),
    ...copyTo.flatMap((one) => parameter('valueReference', 'copyTo', one)),
    ...parameter('valueDate', 'next', next),
    ...parameter('valueString', 'note', note?.trim()),
    ...parameter('valueString', 'version', version),
  );
  return done(await client.ask([{ method: 'POST', url: `CarePlan/${planId}/$review`, resource }]));
}

/** Signs the version that was read: refused when somebody has changed the plan, or the Task, since. */
export async function coSign(
  client: FhirClient,
  { planId, task, version }: Pick<Signing, 'planId' | 'task' | 'version'>,
  now: Date,
): Promise<Answer<undefined>> {
  if (task === undefined) return { ok: false, trouble: { kind: 'refused', sentence: '' } };
  const resource: Resource = {
    ...task,
    status: 'completed',
    executionPeriod: { ...task.executionPeriod, end: now.toISOString() },
    ...(version !== undefined && { focus: { reference: `CarePlan/${planId}/_history/${version}` } }),
  };
  const ifVersion = task.meta?.versionId;
  return done(
    await client.ask([
      { method: 'PUT', url: `Task/${task.id}`, resource, ...(ifVersion !== undefined && { ifVersion }) },
    ]),
  );
}

/**
 * Signs after this reader's own review, which made a version of its own: what is signed must be what was on the screen but for the review. Else somebody has
 * changed the plan in between.
 */
export async function coSignReviewed(
  client: FhirClient,
  { before, ...signing }: Signing & { before: Resource },
  now: Date,
): Promise<Answer<undefined>> {
  const read = await client.get(`CarePlan/${signing.planId}`);
  if (!read.ok) return read;
  if (withoutReview(read.value) !== withoutReview(before))
    return { ok: false, trouble: { kind: 'conflict', sentence: '' } };
  const version = read.value?.meta?.versionId;
  return coSign(client, { ...signing, ...(version !== undefined && { version }) }, now);
}

function withoutReview(plan: Resource | undefined): string {
  const { meta: _, extension = [], ...rest } = (plan ?? {}) as Resource & r4.CarePlan;
  const ordered = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([ordered, extension.filter(({ url }) => url !== planReviewUrl)]);
}

function done(answers: readonly Answer<Resource | undefined>[]): Answer<undefined> {
  const [answer] = answers;
  if (answer?.ok) return { ok: true, value: undefined };
  return { ok: false, trouble: answer?.trouble ?? { kind: 'unreachable', sentence: '' } };
}
