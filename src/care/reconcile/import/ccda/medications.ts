import type { r4 } from '../../../../fhir/types.ts';
import { isNegated, remember, statementOf } from './entries.ts';
import type { Reading } from './sections.ts';
import { conceptOf, identifiersOf, periodOf, quantityOf, wordsOf } from './values.ts';
import { childOf, childrenOf, type XmlElement } from './xml.ts';

const statuses: Readonly<Record<string, r4.MedicationStatement['status']>> = {
  active: 'active',
  completed: 'completed',
  aborted: 'stopped',
  suspended: 'on-hold',
  held: 'on-hold',
};

const periodUnits: ReadonlySet<string> = new Set(['s', 'min', 'h', 'd', 'wk', 'mo', 'a']);

/** Medication Activity: what the document says that the child takes. It is a statement, never an order of ours. */
export function takeMedication(entry: XmlElement, reading: Reading): void {
  const given = statementOf(entry);
  const { records, narrative, subject } = reading;
  if (given?.name !== 'substanceAdministration') {
    records.leave('A medicine is told in a way that is not read.');
    return;
  }
  if (isNegated(given)) {
    records.leave('A medicine is said not to be taken; that stays in the original.');
    return;
  }
  const product = childOf(given, 'consumable', 'manufacturedProduct', 'manufacturedMaterial');
  const medicine = conceptOf(childOf(product, 'code'), narrative);
  if (!medicine) {
    records.leave('A medicine has neither a code nor a name.');
    return;
  }
  const [time, ...others] = childrenOf(given, 'effectiveTime');
  const rhythm = others.find(({ attributes }) => attributes.type?.endsWith('PIVL_TS'));
  if (others.some((one) => one !== rhythm))
    records.leave('The rhythm of a medicine is told in a way that is not read; see its words.');
  const dosage = dosageOf(given, rhythm, reading);
  const period = periodOf(time);
  const made = records.add({
    resourceType: 'MedicationStatement',
    identifier: identifiersOf(given),
    status: statuses[childOf(given, 'statusCode')?.attributes.code ?? ''] ?? 'unknown',
    medicationCodeableConcept: medicine,
    subject,
    ...(period && { effectivePeriod: period }),
    ...(dosage && { dosage: [dosage] }),
  });
  remember(given, made, reading);
}

function dosageOf(given: XmlElement, rhythm: XmlElement | undefined, { narrative }: Reading): r4.Dosage | undefined {
  const text = wordsOf(childOf(given, 'text'), narrative);
  const route = conceptOf(childOf(given, 'routeCode'), narrative);
  const dose = quantityOf(childOf(given, 'doseQuantity'));
  const every = quantityOf(childOf(rhythm, 'period'));
  const isTimed = every?.value !== undefined && every.value > 0 && periodUnits.has(every.code ?? '');
  const dosage: r4.Dosage = {
    ...(text !== undefined && { text }),
    ...(isTimed && {
      timing: {
        repeat: { frequency: 1, period: every.value, periodUnit: every.code as r4.TimingRepeat['periodUnit'] },
      },
    }),
    ...(childOf(given, 'precondition') && { asNeededBoolean: true }),
    ...(route && { route }),
    ...(dose && { doseAndRate: [{ doseQuantity: dose }] }),
  };
  return Object.keys(dosage).length > 0 ? dosage : undefined;
}
