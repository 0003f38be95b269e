import { fail, ok, type Result } from '../../base/errors.ts';
import { inSlices } from '../../base/in-slices.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Visibility } from '../../store/types.ts';
import type { Terms } from '../../terminology/terms.ts';
import { childOf } from '../child.ts';
import { activePlanOf } from '../plan/active-plan.ts';
import { readRemoved } from '../plan/removed.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { ancestorsOf } from './ancestors.ts';
import { type Pair, pairSteps } from './candidates.ts';
import { type Chart, chartSteps, reconciledTypes } from './chart.ts';
import { type DecisionRow, readDecisions } from './remembered.ts';

export interface Read {
  chart: Chart;
  /** Of its items the pairs that need be held against each other. */
  pairs: readonly Pair[];
  /** The child's active shared plan, where this caller sees it. */
  plan?: Resource;
  decisions: readonly DecisionRow[];
}

export interface ReadOptions {
  visibility: Visibility;
  terms?: Terms;
  now: Date;
  staleMonths: number;
}

/** Everything to be compared, as far as the caller may see it: what is hidden takes no part. */
export async function readChart(reader: Reader, patientId: string, options: ReadOptions): Promise<Result<Read>> {
  const { visibility, terms, now, staleMonths } = options;
  const record = await recordOf(reader, patientId, visibility);
  if (!record.ok) return record;
  const resources = [...record.value, ...(await medicationsOf(reader, record.value, visibility))];
  const planId = await activePlanOf(reader, patientId);
  const plan = planId === undefined ? undefined : currentOf(await reader.readSeen('CarePlan', planId, visibility));
  const lists = planId === undefined ? undefined : await readRemoved(reader, planId);
  const removed = new Set(lists ? [...lists.goal, ...lists.activity, ...lists.addresses] : []);
  const known = { patientId, removed, now, staleMonths };
  const first = await inSlices(chartSteps(resources, known));
  const codes = first.items.flatMap((item) => item.codes);
  const chart = { ...first, ancestors: await ancestorsOf(terms, reader, codes) };
  const { pairs, isWhole } = await inSlices(pairSteps(chart));
  if (!isWhole)
    return fail('too-large', 'Too many records of this child say the same to be held against each other at once.');
  return ok({ chart, pairs, decisions: await readDecisions(reader, patientId), ...(plan && { plan }) });
}

async function recordOf(reader: Reader, patientId: string, visibility: Visibility): Promise<Result<Resource[]>> {
  const found: Resource[] = [];
  let cursor: string | undefined;
  for (let page = 0; page * limits.search.maxCount < limits.care.reconcileRecords; page += 1) {
    const wanted = { patientId, types: reconciledTypes, count: limits.search.maxCount };
    const answer = await reader.compartment({ ...wanted, ...(cursor !== undefined && { cursor }) }, visibility);
    if (!answer.ok) return answer;
    // The compartment also holds what the child merely took part in.
    found.push(...answer.value.matches.map(resourceOf).filter((resource) => childOf(resource) === patientId));
    cursor = answer.value.next;
    if (cursor === undefined) return ok(found);
  }
  return fail('too-large', 'The record of this child is larger than what can be held against itself at once.');
}

/** Medicines that are resources of their own: their codes stand there. */
async function medicationsOf(reader: Reader, resources: readonly Resource[], visibility: Visibility) {
  const wanted = resources.flatMap((resource) => {
    const isMedicine = isOfType(resource, 'MedicationRequest') || isOfType(resource, 'MedicationStatement');
    const reference = isMedicine ? resource.medicationReference?.reference : undefined;
    const id = /^Medication\/([A-Za-z0-9.-]{1,64})/.exec(reference ?? '')?.[1];
    return id === undefined ? [] : [id];
  });
  const references = [...new Set(wanted)].map((id) => ({ type: 'Medication', id }));
  const seen: Resource[] = [];
  for (const stored of references.length === 0 ? [] : await reader.readMany(references)) {
    if (await reader.sees(visibility, stored)) seen.push(resourceOf(stored));
  }
  return seen;
}
