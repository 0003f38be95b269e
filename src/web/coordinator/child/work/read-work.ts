import { ofType } from '../../../../fhir/of-type.ts';
import { closedTaskStates } from '../../../../fhir/plan-view/actions.ts';
import type { Resource, r4 } from '../../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../../shared/fhir-client.ts';
import { type Names, readNames } from '../../../shared/names.ts';
import { type Parts, partsOf } from '../../../shared/parameters.ts';

type Task = Resource & r4.Task;
type Message = Resource & r4.Communication;

/** What the caller may make of a referral, as the server tells it. */
export interface Move {
  to: string;
  status: r4.Task['status'];
  businessStatus?: r4.CodeableConcept;
  needsReason: boolean;
}

export interface Referral {
  task: Task;
  state: string;
  moves: Move[];
  mayReroute: boolean;
  messages: Message[];
}

export interface Work {
  referrals: Referral[];
  /** Open Tasks that are no referral. */
  tasks: Task[];
  /** How many Tasks are over. */
  closed: number;
  names: Names;
}

/** A referral in one of these asks nothing more of anybody. */
const settled = new Set(['loop-closed', 'cancelled', 'entered-in-error']);

/** Everything there is to do for one child: the server says which Tasks are referrals, where each stands and what may become of it. */
export async function readWork(client: FhirClient, patientId: string): Promise<Answer<Work>> {
  const found = await client.all(`Task?patient=${patientId}&_count=200`);
  if (!found.ok) return found;
  const tasks = ofType(found.value, 'Task');
  const [told, messages] = await Promise.all([
    client.ask(tasks.map(({ id }) => ({ method: 'GET' as const, url: `Task/${id}/$referral-moves` }))),
    client.all(`Communication?patient=${patientId}&part-of:missing=false&_count=200`),
  ]);
  const written = messages.ok ? ofType(messages.value, 'Communication') : [];
  const referrals: Referral[] = [];
  const others: Task[] = [];
  for (const [at, task] of tasks.entries()) {
    const answer = told[at];
    if (answer?.ok) referrals.push(referralOf(task, partsOf(answer.value), written));
    // No referral: that is what a refusal says of it. Anything else that went wrong is told.
    else if (answer?.trouble.kind === 'refused') others.push(task);
    else if (answer) return answer;
  }
  const open = others.filter(({ status }) => !closedTaskStates.has(status));
  const named = [...tasks, ...written].flatMap(referencesIn);
  return {
    ok: true,
    value: {
      referrals: referrals.filter(({ state }) => !settled.has(state)),
      tasks: open.sort(byDue),
      closed: tasks.length - open.length - referrals.filter(({ state }) => !settled.has(state)).length,
      names: await readNames(client, named),
    },
  };
}

function referralOf(task: Task, parts: Parts, messages: readonly Message[]): Referral {
  const isAbout = ({ partOf = [] }: Message) => partOf.some(({ reference }) => reference === `Task/${task.id}`);
  return {
    task,
    state: parts.text('state') ?? task.status,
    moves: parts.all('move').map((move) => ({
      to: move.text('to') ?? '',
      status: (move.text('status') ?? '') as r4.Task['status'],
      businessStatus: move.concept('businessStatus'),
      needsReason: move.is('reason'),
    })),
    mayReroute: parts.is('reroute'),
    messages: messages.filter(isAbout).sort((a, b) => ((a.sent ?? '') < (b.sent ?? '') ? -1 : 1)),
  };
}

function referencesIn(one: Task | Message): (string | undefined)[] {
  if (one.resourceType === 'Communication') return [(one as Message).sender?.reference];
  const { owner, requester, focus } = one as Task;
  return [owner, requester, focus].map((each) => each?.reference);
}

function byDue(a: Task, b: Task): number {
  const due = ({ restriction }: Task) => restriction?.period?.end ?? '9999';
  return due(a) < due(b) ? -1 : 1;
}
