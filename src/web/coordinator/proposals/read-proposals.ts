import { ofType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { type Names, nameOf, readNames } from '../../shared/names.ts';

const careTask = 'http://careweave.org/fhir/CodeSystem/care-task';
const partSystem = 'http://careweave.org/fhir/CodeSystem/plan-proposal';

export interface Proposal {
  task: Resource & r4.Task;
  /** `Patient/id`. */
  child: string;
  action: string;
  /** Who wishes it. */
  requester?: string;
  /** The line that is meant, `Type/id`; the plan itself for what is about the whole. */
  target?: string;
  /** What is wanted, and what the proposer saw, in words. */
  proposed?: string;
  seen?: string;
  reason?: string;
}

export interface Proposals {
  proposals: Proposal[];
  names: Names;
}

/** Proposals that wait for an answer: of one child, or of all that the reader sees. */
export async function readProposals(client: FhirClient, patientId?: string): Promise<Answer<Proposals>> {
  const query = new URLSearchParams({
    code: `${careTask}|plan-change`,
    status: 'requested,received,on-hold',
    _count: '100',
  });
  if (patientId !== undefined) query.set('patient', patientId);
  const found = await client.all(`Task?${query}`);
  if (!found.ok) return found;
  const proposals = ofType(found.value, 'Task').map(proposalOf);
  const named = proposals.flatMap(({ child, requester, target, task }) => [
    ...[child, requester, target],
    ...(task.note ?? []).map(({ authorReference }) => authorReference?.reference),
  ]);
  return { ok: true, value: { proposals, names: await readNames(client, named) } };
}

function proposalOf(task: Resource & r4.Task): Proposal {
  const input = (code: string) =>
    task.input?.find(({ type }) => type.coding?.some((one) => one.system === partSystem && one.code === code));
  const contained = (code: string) => {
    const { reference } = input(code)?.valueReference ?? {};
    const found = task.contained?.find(({ id }) => reference === `#${id}`);
    return found && nameOf({ ...found });
  };
  return {
    task,
    child: task.for?.reference ?? '',
    action: input('action')?.valueCode ?? '',
    requester: task.requester?.reference,
    target: task.focus?.reference,
    proposed: contained('proposed'),
    seen: contained('seen'),
    reason: task.reasonCode?.text,
  };
}
