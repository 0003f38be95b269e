import { visibleInDocuments } from '../../access/decide.ts';
import { both } from '../../access/grants.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import { type Grant, type Reader, seesAll, type Visibility } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { findForm } from '../screening/find-form.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { type Domains, domainsOf } from './register.ts';
import { type Scheduled, scheduleOf } from './schedule.ts';
import { screeningCodes } from './screenings.ts';

/** What the register of a child and its screenings are computed from. */
export const needTypes = ['Condition', 'ServiceRequest', 'Task', 'Observation', 'Procedure', 'QuestionnaireResponse'];

/** All of them that are about the child and that the caller sees. Error `too-large` for a record that no page of this house holds. */
export function needRecords({ store, principal }: OperationRequest, childId: string): Promise<Result<Resource[]>> {
  return needRecordsSeen(store, childId, visibleInDocuments(principal));
}

/** The same for work of the house, by what it may see. */
export async function needRecordsSeen(
  store: Pick<Reader, 'compartment'>,
  childId: string,
  visibility: Visibility,
): Promise<Result<Resource[]>> {
  const found: Resource[] = [];
  const visible = grantsFor(childId, visibility);
  for (let cursor: string | undefined, page = 0; page < limits.care.queuePage; page += 1) {
    const asked = { patientId: childId, types: needTypes, count: limits.search.maxCount };
    const more: Awaited<ReturnType<typeof store.compartment>> = await store.compartment(
      { ...asked, ...(cursor !== undefined && { cursor }) },
      visible,
    );
    if (!more.ok) return more;
    found.push(...more.value.matches.map(resourceOf).filter((one) => childOf(one) === childId));
    cursor = more.value.next;
    if (cursor === undefined) return ok(found);
  }
  return fail('too-large', 'The record of this child is larger than a register can be made of.');
}

/** Of Observations only the answers of screenings: a child may have thousands of others. */
function grantsFor(childId: string, visibility: Visibility): Visibility {
  const patients = [childId];
  const codes = [...screeningCodes].map((code) => ({ system: 'http://loinc.org', code }));
  const own: Grant[] = [
    { types: new Set(needTypes.filter((type) => type !== 'Observation')), patients },
    { types: new Set(['Observation']), patients, having: [{ param: 'code', anyOf: codes }] },
  ];
  if (visibility.kind === 'all') return { kind: 'limited', grants: own };
  const grants = own.flatMap((one) => visibility.grants.flatMap((grant) => both(one, grant) ?? []));
  return { kind: 'limited', grants };
}

export interface Rules {
  domains: Domains;
  schedule: readonly Scheduled[];
}

/** Our concept map and schedule as they stand here; a house without them has neither domains nor dates. */
export async function needRules({ store }: { store: Reader }): Promise<Result<Rules>> {
  // Definitions are nobody's record.
  const [map, plan] = await Promise.all([
    store.readSeen('ConceptMap', 'social-needs-icd-10-cm', seesAll),
    store.readSeen('PlanDefinition', 'social-needs-screening', seesAll),
  ]);
  const definition = currentOf(plan);
  const schedule = isOfType(definition, 'PlanDefinition') && definition.status === 'active' ? definition : undefined;
  const forms = [];
  for (const { definitionCanonical } of schedule?.action ?? []) {
    const form = await findForm(store, definitionCanonical);
    if (!form.ok) return form;
    if (form.value) forms.push(form.value);
  }
  const current = currentOf(map);
  const domains = domainsOf(isOfType(current, 'ConceptMap') ? current : undefined);
  return ok({ domains, schedule: scheduleOf(schedule, forms) });
}
