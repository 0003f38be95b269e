import type { r4 } from '../../../../fhir/types.ts';
import type { Reading } from './sections.ts';
import { conceptOf, isNull, quantityOf, tidy } from './values.ts';
import { textOf, type XmlElement } from './xml.ts';

/** What was found, as the value of an Observation; undefined when it says nothing that could be read. */
export function foundOf(value: XmlElement | undefined, { narrative }: Reading): Partial<r4.Observation> | undefined {
  if (!value || isNull(value)) return undefined;
  const { type } = value.attributes;
  const kind = type?.split(':').at(-1);
  if (kind === 'PQ') {
    const quantity = quantityOf(value);
    return quantity && { valueQuantity: quantity };
  }
  if (kind === 'INT' && /^[+-]?\d{1,9}$/.test(value.attributes.value ?? ''))
    return { valueInteger: Number(value.attributes.value) };
  if (kind === 'BL') return { valueBoolean: value.attributes.value === 'true' };
  if (kind === 'CD' || kind === 'CE') {
    const concept = conceptOf(value, narrative);
    return concept && { valueCodeableConcept: concept };
  }
  const text = kind === 'ST' || kind === 'ED' ? tidy(textOf(value)) : undefined;
  return text === undefined ? undefined : { valueString: text };
}
