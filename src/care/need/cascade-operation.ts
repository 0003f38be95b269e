import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { foundBy } from '../found.ts';
import { localId } from '../local-id.ts';
import { childSeen } from '../screening/ask-child.ts';
import { currentOf } from '../stored.ts';
import { type ChildSoFar, childSoFar, ratesOf } from './rates.ts';
import { needRecords, needTypes } from './read-needs.ts';

interface Asked {
  start: string;
  end: string;
  group?: string;
}

/**
 * `GET Patient/$needs-cascade`: of the children whom the caller sees, or those of a Group, how far their social needs have come: six separate rates
 * (S2.15) from the register, in which a need stays open past any closure of its referral. Answers with Parameters
 * (OperationDefinition/needs-cascade). Error `too-large` for more children than one answer is made of.
 */
export function cascadeOperation(clock: Clock): Operation {
  return {
    name: 'needs-cascade',
    definition: `${canonicalBase}/OperationDefinition/needs-cascade`,
    level: 'type',
    resourceType: 'Patient',
    affectsState: false,
    later: true,
    parameters: ['start', 'end', 'group'],
    requires: [['Patient', 'rs'], ...needTypes.map((type) => [type, 'r'] as const)],
    async handle(request) {
      const today = clock.now().toISOString().slice(0, 10);
      const asked = readAsked(request, today);
      return asked.ok ? answer(request, asked.value, today) : asked;
    },
  };
}

function readAsked({ parameters }: OperationRequest, today: string): Result<Asked> {
  const end = parameters.text('end') ?? today;
  const start = parameters.text('start') ?? `${end.slice(0, 4)}-01-01`;
  for (const [name, day] of Object.entries({ start, end }))
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day)))
      return fail('invalid', `${name} has to be a day, as YYYY-MM-DD.`, { code: 'value' });
  if (start > end) return fail('invalid', 'start is not after end.', { code: 'value' });
  const group = parameters.text('group');
  if (group === undefined) return ok({ start, end });
  const id = /^(?:Group\/)?([A-Za-z0-9.-]{1,64})$/.exec(group)?.[1];
  if (id === undefined) return fail('invalid', 'group has to be a Group, as Group/id.', { code: 'value' });
  return ok({ start, end, group: id });
}

async function answer(request: OperationRequest, asked: Asked, today: string): Promise<Result<Resource>> {
  const ids = asked.group === undefined ? await everybody(request) : await members(request, asked.group, asked.end);
  if (!ids.ok) return ids;
  const children: ChildSoFar[] = [];
  for (const [at, id] of ids.value.entries()) {
    const child = await childSeen(request, id);
    // One who was on the list and is hidden from the caller is nobody here.
    if (!child.ok || !isChild(child.value, asked.end)) continue;
    const records = await needRecords(request, id);
    if (!records.ok) return records;
    children.push(childSoFar(records.value, today, asked));
    if (at % 100 === 99) request.progress?.(`${at + 1} of ${ids.value.length} children`);
  }
  return ok({
    resourceType: 'Parameters',
    parameter: [
      { name: 'period', valuePeriod: { start: asked.start, end: asked.end } },
      ...ratesOf(children).map(
        ({ stage, needs, ...share }): r4.ParametersParameter => ({
          name: 'stage',
          part: [
            { name: 'code', valueCode: stage },
            ...shareParts(share),
            ...(needs ? [{ name: 'needs', part: shareParts(needs) }] : []),
          ],
        }),
      ),
    ],
  });
}

/** Of nobody there is no rate. */
function shareParts({ count, of, rate }: { count: number; of: number; rate?: number }): r4.ParametersParameter[] {
  return [
    { name: 'count', valueInteger: count },
    { name: 'of', valueInteger: of },
    ...(rate === undefined ? [] : [{ name: 'rate', valueDecimal: rate }]),
  ];
}

const tooMany = fail('too-large', `This asks of more than ${limits.care.cascadeChildren} children: name a group.`);

async function everybody({ store, principal }: OperationRequest): Promise<Result<string[]>> {
  const ids: string[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const asked = { type: 'Patient', filters: [], count: limits.search.maxCount };
    const page: Awaited<ReturnType<typeof foundBy>> = await foundBy(
      store,
      { ...asked, ...(cursor !== undefined && { cursor }) },
      visibilityOf(principal, 's'),
    );
    if (!page.ok) return page;
    ids.push(...page.value.resources.flatMap(({ id }) => id ?? []));
    if (ids.length > limits.care.cascadeChildren) return tooMany;
    cursor = page.value.next;
  }
  return ok(ids);
}

async function members({ store, principal }: OperationRequest, id: string, day: string): Promise<Result<string[]>> {
  const group = currentOf(await store.readSeen('Group', id, visibilityOf(principal, 'r')));
  if (!isOfType(group, 'Group')) return fail('not-found', 'There is no such Group here.');
  const ids = (group.member ?? []).flatMap(({ entity, inactive, period }) => {
    const isMember = inactive !== true && (period?.start ?? '') <= `${day}T` && (period?.end ?? '9') >= day;
    return isMember ? (localId(entity, 'Patient') ?? []) : [];
  });
  return ids.length > limits.care.cascadeChildren ? tooMany : ok([...new Set(ids)]);
}

/** Alive and under 21 on the last day, as in the measure social-needs-followed. */
function isChild(patient: Resource, day: string): boolean {
  const [child] = ofType([patient], 'Patient');
  const { birthDate, deceasedBoolean, deceasedDateTime } = child ?? {};
  if (deceasedBoolean === true || (deceasedDateTime !== undefined && deceasedDateTime.slice(0, 10) <= day))
    return false;
  return birthDate !== undefined && birthDate > `${Number(day.slice(0, 4)) - 21}${day.slice(4)}`;
}
