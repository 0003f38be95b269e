import { conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';

/** The day of a FHIR date or instant. */
export function dayOf(date: string | undefined): string | undefined {
  return date?.slice(0, 10);
}

/** `4.0 mm`: the number with the digits it was written with. */
export function quantityText(quantity: r4.Quantity | undefined): string | undefined {
  if (quantity?.value === undefined) return undefined;
  const { comparator = '', value, unit, code } = quantity;
  return [`${comparator}${JSON.stringify(value)}`, unit ?? code].filter(Boolean).join(' ');
}

/** Whatever value an Observation has, in words. */
export function valueText(of: r4.Observation | r4.ObservationComponent): string | undefined {
  const range =
    of.valueRange && [quantityText(of.valueRange.low), quantityText(of.valueRange.high)].filter(Boolean).join(' – ');
  const yes = of.valueBoolean === undefined ? undefined : of.valueBoolean ? '✓' : '✗';
  return (
    quantityText(of.valueQuantity) ??
    conceptText(of.valueCodeableConcept) ??
    of.valueString ??
    range ??
    yes ??
    of.valueDateTime ??
    of.valueInteger?.toString()
  );
}

/** Phone numbers and other ways to reach somebody that are not of before. */
export function phonesOf(telecom: readonly r4.ContactPoint[] | undefined): string | undefined {
  const current = (telecom ?? []).filter(
    ({ use, value, system }) => use !== 'old' && value !== undefined && system !== 'url' && system !== 'fax',
  );
  const phones = current.filter(
    ({ system }) => system === undefined || system === 'phone' || system === 'sms' || system === 'pager',
  );
  const shown = (phones.length > 0 ? phones : current).map(({ value = '' }) => value);
  return shown.length === 0 ? undefined : [...new Set(shown)].join(', ');
}

export function notesOf(note: readonly r4.Annotation[] | undefined): string[] {
  return (note ?? []).flatMap(({ text }) => (text.trim() === '' ? [] : [text.trim()]));
}

export function keyOf({ resourceType, id }: Pick<Resource, 'resourceType' | 'id'>): string {
  return `${resourceType}/${id ?? ''}`;
}

/** Without what is undefined or empty. */
export function said(...facts: readonly (string | false | undefined)[]): string[] {
  return facts.flatMap((fact) => (fact === undefined || fact === false || fact.trim() === '' ? [] : [fact.trim()]));
}
