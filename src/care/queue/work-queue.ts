import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Stored, Visibility } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';

const dayMs = 24 * 3_600_000;
const reasons = ['overdue', 'due', 'unowned', 'stuck'] as const;
type Reason = (typeof reasons)[number];

interface Row {
  task_id: string;
  owner: string | null;
  entered_at: Date;
  changed_at: Date;
  due_at: Date | null;
  state: string;
}

interface Asked {
  owner?: string;
  patientId?: string;
  reasons: readonly Reason[];
  count: number;
  after?: { due: string; id: string };
}

/**
 * `GET Task/$work-queue`: the open Tasks that are overdue, due within a week, nobody's, or untouched for a month, soonest due first, each with its
 * reasons. What the caller may not see is not in it and not counted. Answers with Parameters (OperationDefinition/work-queue).
 */
export function workQueueOperation(clock: Clock): Operation {
  return {
    name: 'work-queue',
    definition: `${canonicalBase}/OperationDefinition/work-queue`,
    level: 'type',
    resourceType: 'Task',
    affectsState: false,
    parameters: ['owner', 'patient', 'reason', '_count', 'after'],
    requires: [['Task', 'rs']],
    async handle(request) {
      const asked = readAsked(request);
      return asked.ok ? answer(request, asked.value, clock.now()) : asked;
    },
  };
}

function readAsked({ parameters }: OperationRequest): Result<Asked> {
  const asked: Asked = { reasons: reasons, count: 50 };
  const wanted = parameters.texts('reason').flatMap((text) => text.split(','));
  const unknown = wanted.some((reason) => !reasons.some((known) => known === reason));
  if (unknown) return fail('invalid', `reason has to be one of ${reasons.join(', ')}.`, { code: 'value' });
  if (wanted.length > 0) asked.reasons = reasons.filter((reason) => wanted.includes(reason));
  const owner = parameters.text('owner');
  if (owner !== undefined) asked.owner = owner;
  const patient = parameters.text('patient');
  if (patient !== undefined) {
    const id = /^(?:Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(patient)?.[1];
    if (id === undefined) return fail('invalid', 'patient has to be a Patient, as Patient/id.', { code: 'value' });
    asked.patientId = id;
  }
  const count = parameters.text('_count');
  if (count !== undefined) {
    if (!/^[1-9]\d{0,4}$/.test(count))
      return fail('invalid', '_count has to be a whole number from 1.', { code: 'value' });
    asked.count = Math.min(Number(count), limits.care.queuePage);
  }
  const after = parameters.text('after');
  if (after === undefined) return ok(asked);
  const [, due, id] = /^([^|]{1,40})\|([A-Za-z0-9.-]{1,64})$/.exec(Buffer.from(after, 'base64url').toString()) ?? [];
  if (due === undefined || id === undefined || (due !== 'infinity' && Number.isNaN(Date.parse(due))))
    return fail('invalid', 'after is not what this operation answered with.', { code: 'value' });
  return ok({ ...asked, after: { due, id } });
}

async function answer({ store, principal }: OperationRequest, asked: Asked, now: Date): Promise<Result<Resource>> {
  const visibility = visibilityOf(principal, 's');
  const items: r4.ParametersParameter[] = [];
  let after = asked.after;
  let isEnd = false;
  for (let looked = 0; !isEnd && items.length < asked.count && looked < limits.care.queueLook; ) {
    const rows = await store.query<Row>(...question({ ...asked, ...(after && { after }) }, now));
    const found = await seenTasks(store, rows, visibility);
    if (!found.ok) return found;
    const byId = found.value;
    const told: string[] = [];
    isEnd = rows.length < limits.care.queuePage;
    for (const row of rows) {
      if (items.length === asked.count) {
        isEnd = false;
        break;
      }
      const task = byId.get(row.task_id);
      if (task) {
        items.push(itemOf(resourceOf(task), row, now));
        told.push(task.id);
      }
      after = { due: row.due_at?.toISOString() ?? 'infinity', id: row.task_id };
    }
    looked += rows.length;
    if (store.unwatched) await store.readMany(told.map((id) => ({ type: 'Task', id })));
  }
  const next = after && !isEnd ? Buffer.from(`${after.due}|${after.id}`).toString('base64url') : undefined;
  const parameter = [...items, ...(next === undefined ? [] : [{ name: 'next', valueString: next }])];
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

/**
 * Those of the Tasks that the caller sees, in one statement. Looked through, not told: the trail of a child whose Task stays hidden has nothing
 * to tell of.
 */
async function seenTasks(
  store: OperationRequest['store'],
  rows: readonly Row[],
  visibility: Visibility,
): Promise<Result<ReadonlyMap<string, Stored>>> {
  if (rows.length === 0) return ok(new Map());
  const id: SearchParam = { code: '_id', kind: 'token', expression: 'Resource.id' };
  const query: SearchQuery = {
    type: 'Task',
    filters: [{ kind: 'filter', param: id, values: rows.map((row) => ({ kind: 'token', code: row.task_id })) }],
    ...{ includes: [], revincludes: [], sort: [], count: rows.length, total: 'none' as const },
  };
  const found = await (store.unwatched ?? store).search(query, visibility);
  return found.ok ? ok(new Map(found.value.matches.map((one) => [one.id, one]))) : found;
}

const tests: Record<Reason, string> = {
  overdue: 'due_at <= $1',
  due: 'due_at > $1 AND due_at <= $2',
  unowned: 'owner IS NULL',
  stuck: 'changed_at <= $3',
};

/** Statements of constant text: what is asked for only chooses between them. */
function question({ owner, patientId, reasons: wanted, after }: Asked, now: Date): [text: string, values: unknown[]] {
  const at = now.getTime();
  const values: unknown[] = [
    now,
    new Date(at + limits.care.dueDays * dayMs),
    new Date(at - limits.care.stuckDays * dayMs),
  ];
  const name = (value: unknown) => `$${values.push(value)}`;
  const parts = [`(${wanted.map((reason) => tests[reason]).join(' OR ')})`, 'state IS NOT NULL'];
  // Each of the three is used, whatever is asked for: an unused parameter has no type.
  parts.push('$1::timestamptz IS NOT NULL AND $2::timestamptz IS NOT NULL AND $3::timestamptz IS NOT NULL');
  if (owner !== undefined) parts.push(`owner = ${name(owner)}`);
  if (patientId !== undefined) parts.push(`patient_id = ${name(patientId)}`);
  const order = "coalesce(due_at, 'infinity')";
  if (after) parts.push(`(${order}, task_id) > (${name(after.due)}::timestamptz, ${name(after.id)})`);
  const text = `SELECT task_id, owner, state, entered_at, changed_at, due_at FROM task_clock WHERE ${parts.join(' AND ')}
    ORDER BY ${order}, task_id LIMIT ${limits.care.queuePage}`;
  return [text, values];
}

function itemOf(resource: Resource, row: Row, now: Date): r4.ParametersParameter {
  const task = resource as r4.FhirResource;
  return {
    name: 'item',
    part: [
      ...reasonsOf(row, now).map((reason) => ({ name: 'reason', valueCode: reason })),
      { name: 'state', valueCode: row.state },
      { name: 'since', valueInstant: row.entered_at.toISOString() },
      ...(row.due_at ? [{ name: 'due', valueInstant: row.due_at.toISOString() }] : []),
      { name: 'task', resource: task },
    ],
  };
}

/** Exported for its test: what the SQL asks, said of one row. */
export function reasonsOf(row: Pick<Row, 'owner' | 'due_at' | 'changed_at'>, now: Date): Reason[] {
  const dueIn = row.due_at === null ? undefined : row.due_at.getTime() - now.getTime();
  const found: Reason[] = [];
  if (dueIn !== undefined && dueIn <= 0) found.push('overdue');
  if (dueIn !== undefined && dueIn > 0 && dueIn <= limits.care.dueDays * dayMs) found.push('due');
  if (row.owner === null) found.push('unowned');
  if (now.getTime() - row.changed_at.getTime() >= limits.care.stuckDays * dayMs) found.push('stuck');
  return found;
}
