import { ofType } from '../../../fhir/of-type.ts';
import { conceptText, localReference } from '../../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { nameOf } from '../../shared/names.ts';

/** A change of the plan that somebody asked for (`CarePlan/[id]/$propose`), as its Task says it (docs/goals-and-proposals.md). */
export interface Wish {
  reference: string;
  status: r4.Task['status'];
  action: string | undefined;
  /** Why, in the words of who asked. */
  text: string;
  /** What is wanted, where it is a line of the plan. */
  wanted: string | undefined;
  requester: string | undefined;
  requesterName: string | undefined;
  owner: string | undefined;
  at: string | undefined;
  /** By when an answer is promised, when the Task says so. */
  answerBy: string | undefined;
  /** Why it was declined. */
  because: string | undefined;
  notes: Note[];
}

export interface Note {
  opinion: string;
  who: string | undefined;
  name: string | undefined;
  at: string | undefined;
  text: string;
}

const careTaskSystem = `${canonicalBase}/CodeSystem/care-task`;
const partSystem = `${canonicalBase}/CodeSystem/plan-proposal`;
const opinionUrl = `${canonicalBase}/StructureDefinition/proposal-opinion`;
const open: ReadonlySet<string> = new Set(['requested', 'received', 'on-hold']);

/** Every wish that the reader is told of, the newest first. */
export function wishesIn(resources: readonly Resource[]): Wish[] {
  const tasks = ofType(resources, 'Task').filter(({ code }) =>
    code?.coding?.some((one) => one.system === careTaskSystem && one.code === 'plan-change'),
  );
  return tasks.map((task) => wishOf(task, resources)).sort((a, b) => (b.at ?? '').localeCompare(a.at ?? ''));
}

/** It waits for an answer. */
export function isOpenWish({ status }: Wish): boolean {
  return open.has(status);
}

/** `around`: where the names of people are found that the Task does not give itself. */
export function wishOf(task: Resource & r4.Task, around: readonly Resource[]): Wish {
  const nameFor = (reference: r4.Reference | undefined) =>
    reference?.display ?? nameOf(around.find((one) => `${one.resourceType}/${one.id}` === localReference(reference)));
  const input = (code: string) =>
    task.input?.find(({ type }) => type.coding?.some((one) => one.system === partSystem && one.code === code));
  const wanted = task.contained?.find(({ id }) => input('proposed')?.valueReference?.reference === `#${id}`);
  return {
    reference: `Task/${task.id}`,
    status: task.status,
    action: input('action')?.valueCode,
    text: task.reasonCode?.text ?? '',
    wanted: wanted && wordsOf(wanted as r4.FhirResource),
    requester: localReference(task.requester),
    requesterName: nameFor(task.requester),
    owner: nameFor(task.owner),
    at: task.authoredOn,
    answerBy: task.restriction?.period?.end,
    because: task.status === 'rejected' ? conceptText(task.statusReason) : undefined,
    notes: (task.note ?? []).map((note) => ({
      opinion: note.extension?.find(({ url }) => url === opinionUrl)?.valueCode ?? 'comment',
      who: localReference(note.authorReference),
      name: nameFor(note.authorReference) ?? note.authorString,
      at: note.time,
      text: note.text,
    })),
  };
}

function wordsOf(line: r4.FhirResource): string | undefined {
  if (line.resourceType === 'Goal') return conceptText(line.description);
  if (line.resourceType === 'Task') return line.description ?? conceptText(line.code);
  if (line.resourceType === 'Condition' || line.resourceType === 'ServiceRequest') return conceptText(line.code);
  return undefined;
}
