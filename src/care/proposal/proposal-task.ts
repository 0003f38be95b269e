import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { localId } from '../local-id.ts';

const careTaskSystem = `${canonicalBase}/CodeSystem/care-task`;
const partSystem = `${canonicalBase}/CodeSystem/plan-proposal`;
const opinionUrl = `${canonicalBase}/StructureDefinition/proposal-opinion`;

/** `scenario`: takes up the draft of an emergency scenario that is its focus; asked for by Patient/[id]/$propose-scenario. */
export const actions = ['add', 'change', 'remove', 'comment', 'scenario'] as const;
export type Action = (typeof actions)[number];

export type ProposalTask = Resource & r4.Task & { resourceType: 'Task' };

/** A proposal as its Task says it. What is not said is undefined: `check-proposal.ts` says what has to be. */
export interface Proposal {
  action: Action | undefined;
  planId: string | undefined;
  child: string | undefined;
  /** `Type/id` of the line that is meant; the plan itself for what is about the whole. */
  target: string | undefined;
  /** What is wanted. */
  proposed: Resource | undefined;
  /** The line as the proposer saw it. */
  seen: Resource | undefined;
  requester: string | undefined;
  /** Who wrote it down, when that was somebody else. */
  enteredBy: string | undefined;
  answer: 'accept' | 'reject' | undefined;
  answeredBy: string | undefined;
  /** A program wrote down that somebody has answered, who is not known here. */
  isAnsweredByProgram: boolean;
}

export function hasCareCode(concepts: readonly (r4.CodeableConcept | undefined)[], wanted: string): boolean {
  return concepts.some((one) => one?.coding?.some(({ system, code }) => system === careTaskSystem && code === wanted));
}

export const careConcept = (code: string, text: string): r4.CodeableConcept => ({
  coding: [{ system: careTaskSystem, code }],
  text,
});

export function isProposalTask(resource: Resource | undefined): resource is ProposalTask {
  return isOfType(resource, 'Task') && hasCareCode([resource.code], 'plan-change');
}

const open: ReadonlySet<r4.Task['status']> = new Set(['requested', 'received', 'on-hold']);

/** It waits for an answer. */
export const isOpen = ({ status }: Pick<r4.Task, 'status'>) => open.has(status);

/** The type of an input or output of a proposal. */
export const part = (code: string): r4.CodeableConcept => ({ coding: [{ system: partSystem, code }] });

function isPart({ coding }: r4.CodeableConcept, code: string): boolean {
  return coding?.some((one) => one.system === partSystem && one.code === code) === true;
}

export function proposalOf(task: ProposalTask): Proposal {
  const input = (code: string) => task.input?.find(({ type }) => isPart(type, code));
  const output = (code: string) => task.output?.find(({ type }) => isPart(type, code));
  const contained = (code: string) => {
    const { reference } = input(code)?.valueReference ?? {};
    return task.contained?.find(({ id }) => reference === `#${id}`) as Resource | undefined;
  };
  const action = input('action')?.valueCode;
  const answer = output('answer')?.valueCode;
  return {
    action: actions.find((one) => one === action),
    planId: task.basedOn?.map((one) => localId(one, 'CarePlan')).find((id) => id !== undefined),
    child: localId(task.for, 'Patient'),
    target: localReference(task.focus),
    proposed: contained('proposed'),
    seen: contained('seen'),
    requester: localReference(task.requester),
    enteredBy: localReference(input('entered-by')?.valueReference),
    answer: answer === 'accept' || answer === 'reject' ? answer : undefined,
    answeredBy: localReference(output('answered-by')?.valueReference),
    isAnsweredByProgram: output('answered-by')?.valueReference?.display === programName,
  };
}

/** Puts what is wanted, or what was seen, into the Task: without what only a record of its own has. */
export function asContained(resource: Resource, id: 'proposed' | 'seen'): r4.FhirResource {
  const { meta: _meta, id: _id, text: _text, contained: _contained, ...rest } = resource;
  return { ...rest, id } as r4.FhirResource;
}

/** Where no person is known. */
export const programName = 'A program';

export type Opinion = 'agree' | 'disagree' | 'comment' | 'accept' | 'reject' | 'withdraw';

/** What somebody thinks of a proposal, with name and time. */
export function opinionNote(said: { who: r4.Reference; opinion: Opinion; text: string; at: Date }): r4.Annotation {
  return {
    extension: [{ url: opinionUrl, valueCode: said.opinion }],
    authorReference: said.who,
    time: said.at.toISOString(),
    text: said.text,
  };
}
