import type { r4 } from '../../../../fhir/types.ts';
import { isNegated, relatedOf, remember, statementOf } from './entries.ts';
import type { Reading } from './sections.ts';
import { conceptOf, dateOf, identifiersOf, isNull, nameOf, quantityOf, tidy } from './values.ts';
import { childOf, hasTemplate, textOf, type XmlElement } from './xml.ts';

const refusalTemplate = '2.16.840.1.113883.10.20.22.4.53';

/** Immunization Activity: a vaccine that was given, or was not, and why. One that is only planned is none yet. */
export function takeImmunization(entry: XmlElement, reading: Reading): void {
  const given = statementOf(entry);
  const { records, narrative, subject } = reading;
  if (given?.name !== 'substanceAdministration') {
    records.leave('An immunization is told in a way that is not read.');
    return;
  }
  if (given.attributes.moodCode !== 'EVN') {
    records.leave('An immunization is planned and not given; it stays in the original.');
    return;
  }
  const status = statusOf(given);
  const product = childOf(given, 'consumable', 'manufacturedProduct');
  const material = childOf(product, 'manufacturedMaterial');
  const code = childOf(material, 'code');
  const vaccineCode = isNull(code) && !childOf(code, 'originalText') ? undefined : conceptOf(code, narrative);
  const time = childOf(given, 'effectiveTime');
  const occurrenceDateTime = dateOf(time?.attributes.value) ?? dateOf(childOf(time, 'low')?.attributes.value);
  if (!vaccineCode || occurrenceDateTime === undefined || status === undefined) {
    records.leave('An immunization does not say which, when, or whether it was given.');
    return;
  }
  const lotNumber = childOf(material, 'lotNumberText');
  const lot = lotNumber && tidy(textOf(lotNumber));
  const manufacturer = nameOf(childOf(product, 'manufacturerOrganization', 'name'));
  const route = conceptOf(childOf(given, 'routeCode'), narrative);
  const dose = quantityOf(childOf(given, 'doseQuantity'));
  const reason = status === 'not-done' ? refusalOf(given, reading) : undefined;
  const made = records.add({
    resourceType: 'Immunization',
    identifier: identifiersOf(given),
    status,
    ...(reason && { statusReason: reason }),
    vaccineCode,
    patient: subject,
    occurrenceDateTime,
    // A document tells of it; who gave it is elsewhere.
    primarySource: false,
    ...(manufacturer !== undefined && { manufacturer: { display: manufacturer } }),
    ...(lot !== undefined && { lotNumber: lot }),
    ...(route && { route }),
    ...(dose && { doseQuantity: dose }),
  });
  remember(given, made, reading);
}

function statusOf(given: XmlElement): r4.Immunization['status'] | undefined {
  if (isNegated(given)) return 'not-done';
  return childOf(given, 'statusCode')?.attributes.code === 'completed' ? 'completed' : undefined;
}

function refusalOf(given: XmlElement, { narrative }: Reading): r4.CodeableConcept | undefined {
  const refusal = relatedOf(given).find((one) => hasTemplate(one, refusalTemplate));
  const code = childOf(refusal, 'code');
  return isNull(code) ? undefined : conceptOf(code, narrative);
}
