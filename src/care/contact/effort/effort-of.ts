import { plain } from '../../../fhir/json.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { localReference } from '../../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { localId } from '../../local-id.ts';
import { activityOf } from '../modes.ts';

export const functionSystem = `${canonicalBase}/CodeSystem/effort-function`;
/** On PractitionerRole: an activity that is the work of this role; on ChargeItem (derived): it was not. */
export const scopeOfWorkUrl = `${canonicalBase}/StructureDefinition/scope-of-work`;
export const outOfScopeUrl = `${canonicalBase}/StructureDefinition/out-of-scope`;

/** What people are in care coordination, as far as it matters for whose minutes they were. */
export const functions = ['clinical-staff', 'qualified-professional', 'other-staff'] as const;
export type StaffFunction = (typeof functions)[number];

/** Minutes of one person for one child. */
export interface Effort {
  reference: string;
  patientId: string | undefined;
  /** `EpisodeOfCare/…`. */
  episode: string | undefined;
  activity: string;
  /** `Practitioner/…` or `PractitionerRole/…`. */
  who: string | undefined;
  /** Undefined: nobody has said it. */
  function: StaffFunction | undefined;
  minutes: number | undefined;
  /** As it is written: a day or an instant. */
  at: string | undefined;
  isOutOfScope: boolean;
}

/** A ChargeItem as minutes of care coordination: it names an activity of ours. Undefined for any other, one of an EHR, and one that never was. */
export function effortOf(resource: Resource | undefined): Effort | undefined {
  if (!isCharge(resource) || resource.status === 'entered-in-error') return undefined;
  const { code, subject, context, performer = [], occurrenceDateTime, occurrencePeriod, extension = [] } = resource;
  const [first] = performer;
  return {
    reference: `ChargeItem/${resource.id ?? ''}`,
    patientId: localId(subject, 'Patient'),
    episode: localReference(context),
    activity: activityOf([code]) ?? '',
    who: performer.length === 1 ? localReference(first?.actor) : undefined,
    function: functionIn(first?.function ? [first.function] : []),
    minutes: minutesIn(resource.quantity),
    at: occurrenceDateTime ?? occurrencePeriod?.start,
    isOutOfScope: extension.some(({ url, valueBoolean }) => url === outOfScopeUrl && valueBoolean === true),
  };
}

export function isCharge(resource: Resource | undefined): resource is Resource & r4.ChargeItem {
  return isOfType(resource, 'ChargeItem') && !isMirror(resource) && activityOf([resource.code]) !== undefined;
}

export function functionIn(concepts: readonly r4.CodeableConcept[]): StaffFunction | undefined {
  const coding = concepts.flatMap((one) => one.coding ?? []).find(({ system }) => system === functionSystem);
  return functions.find((one) => one === coding?.code);
}

function minutesIn(quantity: r4.Quantity | undefined): number | undefined {
  const { value, code, unit } = quantity ? plain(quantity) : {};
  return value !== undefined && value > 0 && (code ?? unit) === 'min' ? value : undefined;
}
