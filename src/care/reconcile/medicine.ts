import { plain } from '../../fhir/json.ts';
import { compareText } from '../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

/** Words of a medicine's name that say how much or in what form, not what. */
const strength = /^(?:[\d.,%]+|[\d.]*(?:mg|mcg|ug|g|ml|l|meq|mmol|unit|units|iu|puff|puffs|actuat|act|hr|h)|per)$/;
const form: ReadonlySet<string> = new Set([
  ...['tablet', 'tablets', 'tab', 'capsule', 'capsules', 'cap', 'oral', 'solution', 'suspension', 'syrup', 'inhaler'],
  ...['metered', 'dose', 'inhalation', 'spray', 'cream', 'ointment', 'drops', 'product', 'extended', 'release'],
  ...['tableta', 'tabletas', 'comprimido', 'comprimidos', 'capsula', 'capsulas', 'jarabe', 'solucion', 'inhalador'],
  ...['gotas', 'crema', 'pomada', 'suspension'],
]);

/** What of a medicine is compared. */
export interface Medicine {
  /** Its name without strength and form. */
  name: string;
  strength: string;
  /** Amount, unit and rhythm, when all of it is told in figures. */
  dose?: string;
  doseText?: string;
}

export function medicineOf(resource: Resource, words: readonly string[]): Medicine {
  const { structured, text } = dosesOf(resource);
  return {
    name: words.filter((word) => !strength.test(word) && !form.has(word)).join(' '),
    strength: words.filter((word) => strength.test(word) && /\d/.test(word)).join(' '),
    ...(structured !== undefined && { dose: structured }),
    ...(text !== undefined && { doseText: text }),
  };
}

function dosesOf(resource: Resource): { structured?: string; text?: string } {
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
