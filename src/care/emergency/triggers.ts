import { plain } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Change } from '../../store/types.ts';
import { isDeviceRecord } from './devices.ts';

/** Why an emergency plan is to be checked again (decision D6); codes of CodeSystem/emergency-plan-revalidation. */
export type ReasonCode = 'admission' | 'device' | 'drug' | 'weight' | 'infant-month' | 'six-months' | 'planned-review';

export interface Reason {
  code: ReasonCode;
  /** Instant at which the house learned of it. */
  at: string;
  /** The record that gave it; none for what time gives. */
  record?: string;
}

/** What the record was when the plan was last checked. */
export interface Baseline {
  grams?: number;
  /** `YYYY-MM-DD…` */
  weighedOn?: string;
  /** Keys of the drugs that the child took. */
  drugs: readonly string[];
}

/** The share by which a weight may differ from the one the doses of the plan were worked out for. */
const weightShare = 0.1;
const admissionClasses: ReadonlySet<string | undefined> = new Set(['IMP', 'ACUTE', 'NONAC', 'OBSENC', 'EMER']);
const heldStates: ReadonlySet<string> = new Set(['arrived', 'triaged', 'in-progress', 'onleave', 'finished']);
const weightCodes: ReadonlySet<string | undefined> = new Set(['29463-7', '3141-9']);

/** The types whose change may give a reason. */
export const triggerTypes: ReadonlySet<string> = new Set([
  ...['Device', 'DeviceUseStatement', 'Encounter', 'MedicationRequest', 'MedicationStatement', 'Observation'],
]);

/** Why this change makes the plan due; undefined when it does not. Pure. `reviewedAt`: instant of the last check. */
export function reasonOf(
  { type, id, before, after }: Pick<Change, 'type' | 'id' | 'before' | 'after'>,
  { baseline, reviewedAt }: { baseline: Baseline; reviewedAt: Date },
  at: Date,
): Reason | undefined {
  const because = (code: ReasonCode): Reason => ({ code, at: at.toISOString(), record: `${type}/${id}` });
  if (isDeviceRecord(before) || isDeviceRecord(after))
    return isDeviceChange(before, after) ? because('device') : undefined;
  if (isOfType(after, 'Encounter')) {
    const was = isOfType(before, 'Encounter') && isAdmission(before, reviewedAt);
    return !was && isAdmission(after, reviewedAt) ? because('admission') : undefined;
  }
  if (isOfType(after, 'MedicationRequest') || isOfType(after, 'MedicationStatement')) {
    const keys = drugKeys(after);
    const isKnown = keys.some((key) => baseline.drugs.includes(key));
    return isTaken(after) && !(isTaken(before) && hasSameDrug(before, keys)) && !isKnown ? because('drug') : undefined;
  }
  const weight = weightOf(after);
  if (weight === undefined || baseline.grams === undefined) return undefined;
  if (baseline.weighedOn !== undefined && weight.on.slice(0, 10) < baseline.weighedOn.slice(0, 10)) return undefined;
  return Math.abs(weight.grams - baseline.grams) > baseline.grams * weightShare ? because('weight') : undefined;
}

/** False when this change gives no reason whatever was known when the plan was last checked. Pure. */
export function mayGiveReason({ before, after }: Pick<Change, 'before' | 'after'>): boolean {
  if (isDeviceRecord(before) || isDeviceRecord(after)) return isDeviceChange(before, after);
  if (isOfType(after, 'Encounter')) return admissionClasses.has(after.class?.code) && heldStates.has(after.status);
  return isTaken(after) || weightOf(after) !== undefined;
}

/** An admission or emergency visit that was not over when the plan was last checked. Without dates, it counts. */
function isAdmission(encounter: r4.Encounter, reviewedAt: Date): boolean {
  if (!admissionClasses.has(encounter.class?.code) || !heldStates.has(encounter.status)) return false;
  const { start, end } = encounter.period ?? {};
  const last = end ?? (encounter.status === 'finished' ? start : undefined);
  if (last === undefined) return true;
  // A day counts to its end: a visit on the day of the check may have come after it.
  const over = Date.parse(last.length <= 10 ? `${last}T23:59:59.999Z` : last);
  return Number.isNaN(over) || over > reviewedAt.getTime();
}

/** Words about it and when it was written do not change a device; everything else may. */
function isDeviceChange(before: Resource | undefined, after: Resource | undefined): boolean {
  return gist(before) !== gist(after);
}

function gist(resource: Resource | undefined): string {
  if (resource === undefined || resource.status === 'entered-in-error') return '';
  const { meta: _meta, text: _text, id: _id, ...rest } = resource;
  return JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** True while the child takes it, as far as the record says. */
export function isTaken(resource: Resource | undefined): boolean {
  if (isOfType(resource, 'MedicationStatement')) return resource.status === 'active';
  if (!isOfType(resource, 'MedicationRequest')) return false;
  return (
    resource.status === 'active' && resource.doNotPerform !== true && !/^(proposal|plan|option)$/.test(resource.intent)
  );
}

function hasSameDrug(before: Resource | undefined, keys: readonly string[]): boolean {
  return before !== undefined && drugKeys(before).some((key) => keys.includes(key));
}

/** By what a drug is recognized: each of its codes, its words, or the Medication it refers to. */
export function drugKeys(resource: Resource): string[] {
  if (!isOfType(resource, 'MedicationRequest') && !isOfType(resource, 'MedicationStatement')) return [];
  const { medicationCodeableConcept: concept, medicationReference: reference } = resource;
  const codes = (concept?.coding ?? []).flatMap(({ system = '', code }) =>
    code === undefined ? [] : [`${system}|${code}`],
  );
  const words = concept?.text ?? reference?.display;
  return [
    ...codes,
    ...(words === undefined ? [] : [words.trim().toLowerCase()]),
    ...(reference?.reference === undefined || reference.reference.startsWith('#') ? [] : [reference.reference]),
  ];
}

const gramsPer: Readonly<Record<string, number>> = { kg: 1000, g: 1, '[lb_av]': 453.592_37, '[oz_av]': 28.349_523 };

/** A body weight that was measured, with its day or instant; undefined for anything else. */
export function weightOf(resource: Resource | undefined): { grams: number; on: string } | undefined {
  if (!isOfType(resource, 'Observation')) return undefined;
  const { code, status, valueQuantity, effectiveDateTime, effectivePeriod, effectiveInstant, issued } = resource;
  if (!/^(final|amended|corrected)$/.test(status) || !code.coding?.some((one) => weightCodes.has(one.code)))
    return undefined;
  const { value, code: unit, unit: words } = plain(valueQuantity ?? {});
  const factor = gramsPer[unit ?? words ?? ''];
  const on = effectiveDateTime ?? effectiveInstant ?? effectivePeriod?.end ?? effectivePeriod?.start ?? issued;
  if (typeof value !== 'number' || !(value > 0) || factor === undefined || on === undefined) return undefined;
  return { grams: value * factor, on };
}

/** When a plan is to be checked whatever happens: every month for an infant, else after six months, or sooner where people said so. */
export function nextCheck(
  reviewedAt: Date,
  { birthDate, plannedFor }: { birthDate?: string; plannedFor?: string },
): { at: Date; reason: ReasonCode } {
  const firstBirthday = addMonths(Date.parse(birthDate?.length === 10 ? birthDate : ''), 12);
  const isInfant = reviewedAt.getTime() < firstBirthday;
  const at = addMonths(reviewedAt.getTime(), isInfant ? 1 : 6);
  const regular = { at: new Date(at), reason: isInfant ? ('infant-month' as const) : ('six-months' as const) };
  const planned = Date.parse(plannedFor?.slice(0, 10) ?? '');
  if (Number.isNaN(planned) || planned <= reviewedAt.getTime() || planned >= at) return regular;
  return { at: new Date(planned), reason: 'planned-review' };
}

/** The same day some months later, the last of a shorter month. */
function addMonths(time: number, months: number): number {
  if (Number.isNaN(time)) return Number.NaN;
  const date = new Date(time);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}
