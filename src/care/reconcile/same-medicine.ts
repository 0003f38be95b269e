import { plain } from '../../fhir/json.ts';
import { likeness } from '../../fhir/plan-view/alike.ts';
import { compareText } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Item } from './chart.ts';

/** Words of a medicine's name that say how much or in what form, not what. */
const strength = /^(?:[\d.,%]+|[\d.]*(?:mg|mcg|ug|g|ml|l|meq|mmol|unit|units|iu|puff|puffs|actuat|act|hr|h)|per)$/;
const form: ReadonlySet<string> = new Set([
  ...['tablet', 'tablets', 'tab', 'capsule', 'capsules', 'cap', 'oral', 'solution', 'suspension', 'syrup', 'inhaler'],
  ...['metered', 'dose', 'inhalation', 'spray', 'cream', 'ointment', 'drops', 'product', 'extended', 'release'],
]);

const nameWords = ({ words }: Item) => words.filter((word) => !strength.test(word) && !form.has(word));
const amounts = ({ words }: Item) => words.filter((word) => strength.test(word) && /\d/.test(word));

/**
 * Two records of one medicine: a code in common, or equal names once strength and form are left aside. The names count also where both are
 * coded in one system, because a strength has a code of its own there (RxNorm).
 */
export function isSameMedicine(a: Item, b: Item): boolean {
  if (likeness(a.concept, b.concept) !== undefined) return true;
  const [left, right] = [nameWords(a).join(' '), nameWords(b).join(' ')];
  return left !== '' && left === right;
}

/** True when both say how much and how often, and not the same; what only one of them says is no difference. */
export function differsInDose(a: Item, b: Item): boolean {
  const [left, right] = [dosesOf(a), dosesOf(b)];
  if (left.structured !== undefined && right.structured !== undefined) return left.structured !== right.structured;
  if (left.text !== undefined && right.text !== undefined && left.text !== right.text) return true;
  const [ours, theirs] = [amounts(a).join(' '), amounts(b).join(' ')];
  return ours !== '' && theirs !== '' && ours !== theirs;
}

function dosesOf({ resource }: Item): { structured?: string; text?: string } {
  const list: unknown = resource.dosageInstruction ?? resource.dosage;
  if (!Array.isArray(list) || list.length === 0) return {};
  const dosages = plain(list as r4.Dosage[]);
  const structured = dosages.map(doseOf).filter((dose) => dose !== undefined);
  const texts = dosages.flatMap(({ text }) =>
    text === undefined ? [] : [text.toLowerCase().replace(/\s+/g, ' ').trim()],
  );
  return {
    ...(structured.length === dosages.length && { structured: structured.sort(compareText).join(' & ') }),
    ...(texts.length > 0 && { text: texts.sort(compareText).join(' & ') }),
  };
}

/** Amount, unit and rhythm; undefined when the dose is not told in figures. */
function doseOf({ doseAndRate, timing }: r4.Dosage): string | undefined {
  const doses = (doseAndRate ?? []).flatMap(({ doseQuantity, doseRange }) => {
    if (doseQuantity?.value !== undefined) return [quantity(doseQuantity)];
    return doseRange ? [`${quantity(doseRange.low)}-${quantity(doseRange.high)}`] : [];
  });
  if (doses.length === 0) return undefined;
  const { frequency, frequencyMax, period, periodUnit } = timing?.repeat ?? {};
  const code = timing?.code?.coding?.[0]?.code ?? timing?.code?.text;
  const rhythm =
    frequency === undefined
      ? (code ?? '')
      : `${frequency}-${frequencyMax ?? frequency}/${period ?? 1}${periodUnit ?? ''}`;
  return `${doses.sort(compareText).join('+')} ${rhythm}`;
}

function quantity(of: r4.Quantity | undefined): string {
  return `${of?.value ?? ''} ${(of?.code ?? of?.unit ?? '').toLowerCase()}`.trim();
}
