import { isDeepStrictEqual } from 'node:util';
import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import { list } from '../policy/consent.ts';
import { heldAppointments, replacedByFamily, replacedByPartner } from '../policy/told-tasks.ts';
import type { View } from '../types.ts';
import type { Asked } from './guard.ts';
import { type LookUpDeps, lookUp } from './references.ts';

type Who = 'partner' | 'family';

/** What a system sends along that says nothing of the Task itself, and lists that are only added to. */
const unread: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'text', 'note', 'output', 'contained']);

/**
 * Of a Task that somebody of a partner or a family sends back only its own part is taken (policy/told-tasks.ts). Whatever else they changed is refused by its
 * name, so that nobody believes it was heard. Held against what they were told: what is kept from them is neither found nor betrayed by it. What is
 * left out stays as it is, and is no change.
 */
export async function checkSentTasks(
  route: string,
  request: Asked,
  view: View,
  deps: LookUpDeps & { told(stored: Resource): Promise<Resource> },
): Promise<Result<void>> {
  const who = view.partner ? 'partner' : 'family';
  for (const sent of tasksIn(route, request)) {
    if (sent.id === undefined)
      return fail('unprocessable', `told-task: A ${who} writes a Task by its id, not by criteria.`);
    const name = `Task/${sent.id}`;
    // Of what they do not see nothing is said here: the write answers as for one that never was.
    if (!(await lookUp(new Set([name]), view, deps)).seen.has(name)) continue;
    const text = "SELECT content FROM resource WHERE type = 'Task' AND id = $1 AND NOT deleted";
    const [row] = await deps.sql.query<{ content: string }>(text, [sent.id], 'sent-task');
    if (!row) continue;
    const changed = changedIn(sent, await deps.told(parseJson(row.content) as Resource), who);
    if (changed !== undefined) return refuse(changed, who);
  }
  return ok(undefined);
}

/** Tasks of the request that are to replace one of the same id. */
function tasksIn(route: string, { type, id, body }: Asked): Resource[] {
  if (route === 'update') return type === 'Task' ? taskOf(body, id) : [];
  if (route !== 'bundle' || !isObject(body)) return [];
  return list(body.entry).flatMap((entry) =>
    isObject(entry) && isObject(entry.request) && entry.request.method === 'PUT'
      ? taskOf(entry.resource, undefined)
      : [],
  );
}

function taskOf(body: unknown, id: string | undefined): Resource[] {
  if (!isObject(body) || body.resourceType !== 'Task') return [];
  const { id: own, ...rest } = body;
  const named = id ?? own;
  return [{ ...rest, resourceType: 'Task', ...(typeof named === 'string' && { id: named }) }];
}

function changedIn(sent: Resource, told: Resource, who: Who): string | undefined {
  const taken: ReadonlySet<string> = new Set(who === 'partner' ? replacedByPartner : replacedByFamily);
  const other = Object.keys(sent).find(
    (element) => !unread.has(element) && !taken.has(element) && !isDeepStrictEqual(sent[element], told[element]),
  );
  if (other !== undefined) return other;
  const known = list(told.contained);
  const held = who === 'partner' ? heldAppointments(sent, told) : [];
  const isKnown = (one: unknown) => held.includes(one) || known.some((each) => isDeepStrictEqual(each, one));
  return list(sent.contained).every(isKnown) ? undefined : 'contained';
}

function refuse(element: string, who: Who): Result<void> {
  return fail('unprocessable', `told-task: ${wordsFor(element, who)}`, {
    code: 'business-rule',
    expression: [`Task.${element}`],
  });
}

function wordsFor(element: string, who: Who): string {
  if (who === 'family')
    return `A family says how a Task stands (status, businessStatus, statusReason) and adds notes and outputs. Task.${element} is not changed by it, and nothing was written: say what should be different in a note, or in a message to whoever asked.`;
  return element === 'contained'
    ? 'Of what a partner puts into a Task only an Appointment is kept, which an added output names.'
    : `A partner says how a Task stands (status, businessStatus, statusReason), when (executionPeriod), and adds notes and outputs. Task.${element} is not a partner's to change: write to whoever asked by a Communication.`;
}
