import { visibilityOf } from '../../../../access/decide.ts';
import { ok, type Result } from '../../../../base/errors.ts';
import { limits } from '../../../../base/limits.ts';
import { isOfType } from '../../../../fhir/of-type.ts';
import type { r4 } from '../../../../fhir/types.ts';
import type { OperationRequest } from '../../../../module.ts';
import { currentOf, resourceOf } from '../../../stored.ts';
import { isKnown } from '../known.ts';
import { keyOf } from '../legacy-bundle.ts';
import type { LegacyPlan } from '../legacy-plan.ts';
import { planOfRows } from './plan-of-rows.ts';
import { type PlanRows, plansOf, refusedTable } from './read-plans.ts';
import { type Refusal, readRows } from './read-rows.ts';

/**
 * The plans of a table, each with its child. When any row is refused nothing is: error `unprocessable`, with the line and the reason of each, as far
 * as they are told (`limits.care.refusedRows`).
 */
export async function readTable(
  text: string,
  request: OperationRequest,
): Promise<Result<{ patientId: string; legacy: LegacyPlan }[]>> {
  const read = await readRows(text);
  if (!read.ok) return read;
  const { plans, refused: unfit } = plansOf(read.value.rows);
  // A row that is refused leaves its plan with gaps: what these lead to would be said of rows that are right.
  const refused: Refusal[] = read.value.refused.length > 0 ? [...read.value.refused] : unfit;
  const ready: { patientId: string; legacy: LegacyPlan }[] = [];
  for (const plan of plans) {
    const found = await placed(plan, request);
    if (!found.ok) return found;
    if ('text' in found.value) refused.push(found.value);
    else ready.push(found.value);
  }
  return refused.length > 0 ? refusedTable(refused, limits.care.refusedRows) : ok(ready);
}

async function placed(
  plan: PlanRows,
  request: OperationRequest,
): Promise<Result<{ patientId: string; legacy: LegacyPlan } | Refusal>> {
  const { line } = plan.head;
  const children = await childrenOf(plan.child, request);
  if (!children.ok) return children;
  const [child, another] = children.value;
  // What is hidden, what is not there, and a child born on another day are all one to whoever asks.
  if (!child || another || child.birthDate !== plan.birthDate)
    return ok({ line, text: 'child and birth_date name no child here, or more than one.' });
  const patientId = child.id ?? '';
  const names = (child.name ?? []).flatMap(({ family = '', given = [] }) => [family, ...given]);
  const legacy = planOfRows(plan, { reference: `Patient/${patientId}` }, names);
  const known = await isKnown(keyOf(legacy, patientId), request);
  if (!known.ok) return known;
  return ok(known.value ? { line, text: 'this plan has been imported already.' } : { patientId, legacy });
}

/** `Patient/id`, or `system|value` of one of its identifiers. */
async function childrenOf(named: string, { store, principal }: OperationRequest): Promise<Result<r4.Patient[]>> {
  const id = /^Patient\/([A-Za-z0-9.-]{1,64})$/.exec(named)?.[1];
  if (id !== undefined) {
    const found = currentOf(await store.readSeen('Patient', id, visibilityOf(principal, 'r')));
    return ok(isOfType(found, 'Patient') ? [found] : []);
  }
  const at = named.indexOf('|');
  if (at <= 0 || at === named.length - 1) return ok([]);
  const found = await store.search(
    {
      type: 'Patient',
      filters: [
        {
          kind: 'filter',
          param: { code: 'identifier', kind: 'token', expression: 'Patient.identifier' },
          values: [{ kind: 'token', system: named.slice(0, at), code: named.slice(at + 1) }],
        },
      ],
      ...{ includes: [], revincludes: [], sort: [], count: 2, total: 'none' as const },
    },
    visibilityOf(principal, 's'),
  );
  return found.ok ? ok(found.value.matches.map(resourceOf).filter((one) => isOfType(one, 'Patient'))) : found;
}
