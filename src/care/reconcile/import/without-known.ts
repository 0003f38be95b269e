import { visibilityOf } from '../../../access/decide.ts';
import { ok, type Result } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { stringifyJson } from '../../../fhir/json.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { OperationRequest } from '../../../module.ts';
import { foundBy, where } from '../../found.ts';
import type { LegacyPlan } from './legacy-plan.ts';

/** Records that are counted elsewhere: twice the same dose, or the same result, would be two. */
const counted = ['Immunization', 'Observation'] as const;
type Counted = (typeof counted)[number];

/**
 * The plan without the immunizations, vital signs and results that the record has already, as far as the caller sees them: of the same code and time, and of the
 * same value. What was left away is told.
 */
export async function withoutKnown(
  legacy: LegacyPlan,
  patientId: string,
  request: OperationRequest,
): Promise<Result<LegacyPlan>> {
  const wanted = legacy.records.filter(({ resource }) => isCounted(resource));
  if (wanted.length === 0) return ok(legacy);
  const known = new Set<string>();
  for (const type of counted) {
    const codes = wanted.flatMap(({ resource }) => (resource.resourceType === type ? codesOf(resource) : []));
    const found = await keysOfKnown(type, codes, patientId, request);
    if (!found.ok) return found;
    for (const key of found.value) known.add(key);
  }
  const isKnown = (resource: Resource) => isCounted(resource) && keysOf(resource).some((key) => known.has(key));
  const records = legacy.records.filter(({ resource }) => !isKnown(resource));
  const left = legacy.records.length - records.length;
  if (left === 0) return ok(legacy);
  const text = 'An immunization or a measurement that the record has already was not taken over again';
  return ok({ ...legacy, records, leftOut: [...legacy.leftOut, left === 1 ? `${text}.` : `${text} (${left} times).`] });
}

/** The outcomes of a plan belong to its goals and are kept with it. */
function isCounted({ resourceType, category }: Resource): boolean {
  return resourceType === 'Immunization' || (resourceType === 'Observation' && category !== undefined);
}

async function keysOfKnown(
  type: Counted,
  codes: readonly string[],
  patientId: string,
  { store, principal }: OperationRequest,
): Promise<Result<string[]>> {
  const values = [...new Set(codes)].map((name) => {
    const at = name.lastIndexOf('|');
    return { kind: 'token' as const, system: name.slice(0, at), code: name.slice(at + 1) };
  });
  if (values.length === 0) return ok([]);
  const filters = [
    where(type, 'patient', 'reference', { kind: 'reference', type: 'Patient', id: patientId }),
    where(type, type === 'Immunization' ? 'vaccine-code' : 'code', 'token', ...values),
  ];
  const keys: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page * limits.search.maxCount < limits.care.reconcileRecords; page += 1) {
    const asked = { type, filters, count: limits.search.maxCount, ...(cursor !== undefined && { cursor }) };
    const found = await foundBy(store, asked, visibilityOf(principal, 'r'));
    if (!found.ok) return found;
    keys.push(...found.value.resources.flatMap(keysOf));
    cursor = found.value.next;
    if (cursor === undefined) break;
  }
  return ok(keys);
}

/** By each of its codes: the day of a vaccine and whether it was given; the moment and the value of a measurement. */
function keysOf(resource: Resource): string[] {
  const said =
    resource.resourceType === 'Immunization'
      ? [String(resource.occurrenceDateTime ?? '').slice(0, 10), resource.status === 'not-done']
      : [instantOf(resource.effectiveDateTime), foundIn(resource as unknown as r4.Observation)];
  return codesOf(resource).map((code) => stringifyJson([resource.resourceType, code, ...said]));
}

function instantOf(time: unknown): string {
  const text = String(time ?? '');
  // A leap second is a moment of FHIR and none of ours: compared as it is written.
  return text.includes('T') ? (new Date(text).toJSON() ?? text) : text;
}

function foundIn({ valueQuantity, valueCodeableConcept, valueString, valueInteger, valueBoolean }: r4.Observation) {
  if (valueQuantity) return [Number(valueQuantity.value), valueQuantity.code ?? valueQuantity.unit ?? ''];
  const coded = valueCodeableConcept?.coding?.[0]?.code ?? valueCodeableConcept?.text;
  return [coded ?? valueString ?? valueInteger ?? valueBoolean ?? ''];
}

function codesOf({ vaccineCode, code }: Resource): string[] {
  const { coding = [] } = ((vaccineCode ?? code) as r4.CodeableConcept | undefined) ?? {};
  return coding.flatMap(({ system, code: one }) => (system && one ? [`${system}|${one}`] : []));
}
