import type { r4 } from '../../types.ts';
import { conceptText } from '../index-of.ts';
import type { PlanSection } from '../section-types.ts';
import { all, byWords, type Chart, hasCode, lineFor, section } from './chart.ts';

/**
 * What the child and the family want everybody to know: care experience preference and the narrower codes of PACIO Advance Directive (LOINC), and the
 * strengths of eLTSS (decision D4).
 */
export const aboutMeCodes = ['95541-9', '81360-0', '81362-6', '81364-2', 'strength'] as const;
export const aboutMeCategory = 'care-experience-preference';

const codes: ReadonlySet<string> = new Set(aboutMeCodes);
const categories: ReadonlySet<string> = new Set([aboutMeCategory]);

export function aboutMe(chart: Chart): PlanSection | undefined {
  const lines = all(chart, 'Observation')
    .filter((one) => isUsable(one) && (hasCode(one.code, codes) || hasCode(one.category, categories)))
    .flatMap((one) => {
      const words = valueText(one);
      const label = conceptText(one.code);
      return lineFor(chart, one, { words: words ?? label, facts: [words !== undefined && label] }).map(
        (line): typeof line => (line.said[0]?.kind === 'family' ? { ...line, quoted: true } : line),
      );
    });
  return section('about-me', 'About me', lines.sort(byWords));
}

const unusable: ReadonlySet<string> = new Set(['entered-in-error', 'cancelled']);

export function isUsable({ status }: r4.Observation): boolean {
  return !unusable.has(status);
}

/** The value of an Observation in words, its notes when it has none. Digits as written. */
export function valueText(one: r4.Observation): string | undefined {
  const { valueQuantity: quantity } = one;
  if (one.valueString !== undefined) return one.valueString;
  if (quantity?.value !== undefined)
    return [quantity.comparator, JSON.stringify(quantity.value), quantity.unit ?? quantity.code]
      .filter(Boolean)
      .join(' ');
  const parts = (one.component ?? []).map((part) => {
    const value = valueText({ ...part, resourceType: 'Observation', status: 'final' });
    return value && `${conceptText(part.code) ?? ''} ${value}`.trim();
  });
  const inWords = conceptText(one.valueCodeableConcept) ?? parts.filter(Boolean).join(', ');
  return inWords || one.note?.map(({ text }) => text).join(' ') || undefined;
}
