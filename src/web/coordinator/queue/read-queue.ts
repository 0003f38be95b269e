import { isOfType } from '../../../fhir/of-type.ts';
import { conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { type Names, readNames } from '../../shared/names.ts';
import { partsOf } from '../../shared/parameters.ts';

export const reasons = ['overdue', 'due', 'unowned', 'stuck'] as const;
export type Reason = (typeof reasons)[number];

export interface QueueItem {
  task: r4.Task;
  reasons: string[];
  state: string;
  since?: string;
  /** The instant at which it is overdue. */
  due?: string;
  /** The same for people: the calendar day that was promised, which no time zone moves, or that instant. */
  dueOn?: string;
}

export interface QueuePage {
  items: QueueItem[];
  names: Names;
  /** There may be more: what the server goes on from. */
  next?: string;
}

export interface Wanted {
  /** `Practitioner/id`; everybody's when absent. */
  owner?: string;
  reasons: readonly Reason[];
}

const atOnce = 25;

/** One page of `Task/$work-queue`, and what the people in it are called. */
export async function readQueue(
  client: FhirClient,
  { owner, reasons: wanted }: Wanted,
  after?: string,
): Promise<Answer<QueuePage>> {
  const query = new URLSearchParams({ _count: String(atOnce), reason: wanted.join(',') });
  if (owner !== undefined) query.set('owner', owner);
  if (after !== undefined) query.set('after', after);
  const answer = await client.get(`Task/$work-queue?${query}`);
  if (!answer.ok) return answer;
  const parts = partsOf(answer.value);
  const items = parts.all('item').flatMap((item): QueueItem[] => {
    const task = item.resource('task');
    if (!isOfType(task, 'Task')) return [];
    return [
      {
        task,
        reasons: item.texts('reason'),
        state: item.text('state') ?? task.status,
        since: item.text('since'),
        ...dueIn(item.text('due'), task),
      },
    ];
  });
  const named = items.flatMap(({ task }) => [task.for?.reference, task.owner?.reference, task.focus?.reference]);
  const next = parts.text('next');
  return { ok: true, value: { items, names: await readNames(client, named), ...(next !== undefined && { next }) } };
}

function dueIn(due: string | undefined, { restriction }: r4.Task): Pick<QueueItem, 'due' | 'dueOn'> {
  if (due === undefined) return {};
  const promised = restriction?.period?.end;
  return { due, dueOn: promised?.length === 10 && due.startsWith(promised) ? promised : due };
}

/** What is to be done, in the words that were given. */
export function taskText(task: r4.Task, names: Names, otherwise: string): string {
  const focus = names.get(task.focus?.reference ?? '');
  return task.description ?? focus ?? conceptText(task.code) ?? otherwise;
}

/** How late or early, in groups a person can act on; in the order in which they are shown. */
export const ages = ['long-overdue', 'overdue', 'due', 'later', 'undated'] as const;
export type Age = (typeof ages)[number];

const dayMs = 86_400_000;

export function ageOf({ due }: Pick<QueueItem, 'due'>, now: Date): Age {
  if (due === undefined) return 'undated';
  const days = (Date.parse(due) - now.getTime()) / dayMs;
  if (days <= -14) return 'long-overdue';
  if (days <= 0) return 'overdue';
  return days <= 7 ? 'due' : 'later';
}
