import { wordsOf } from '../../fhir/plan-view/alike.ts';
import type { Resource } from '../../fhir/types.ts';

/** AllergyIntolerance.category of what is denied; `any`: all of them. */
export type Denied = 'any' | 'medication' | 'food' | 'environment';

/** SNOMED CT codes by which a record says that there is no allergy (US Core AllergyIntolerance). */
const codes: ReadonlyMap<string, Denied> = new Map([
  ['http://snomed.info/sct|716186003', 'any'],
  ['http://snomed.info/sct|409137002', 'medication'],
  ['http://snomed.info/sct|429625007', 'food'],
  ['http://snomed.info/sct|428607008', 'environment'],
]);

/** The same in words of their own, where nobody has coded it. */
const phrases: ReadonlyMap<string, Denied> = new Map(
  (
    [
      ['no known allergy', 'any'],
      ['no known allergies', 'any'],
      ['no allergies', 'any'],
      ['nka', 'any'],
      ['sin alergias conocidas', 'any'],
      ['sin alergias', 'any'],
      ['ninguna alergia conocida', 'any'],
      ['no known drug allergies', 'medication'],
      ['no known drug allergy', 'medication'],
      ['no known medication allergies', 'medication'],
      ['nkda', 'medication'],
      ['no known food allergies', 'food'],
      ['no known food allergy', 'food'],
      ['no known environmental allergies', 'environment'],
    ] as const
  ).map(([phrase, denied]) => [wordsOf(phrase).join(' '), denied]),
);

/** What an AllergyIntolerance says there is none of; undefined when it names an allergy. Codes speak before words. */
export function deniedBy(of: { codes: readonly string[]; phrase: string }): Denied | undefined {
  const coded = of.codes.map((code) => codes.get(code)).find((one) => one !== undefined);
  if (coded !== undefined) return coded;
  return of.codes.some((code) => code.startsWith('http://snomed.info/sct|')) ? undefined : phrases.get(of.phrase);
}

/** True when an allergy of these categories is what is said not to be there. One without a category is held against `any` alone. */
export function isDenied(denied: Denied, allergy: Resource): boolean {
  const { category } = allergy;
  return denied === 'any' || (Array.isArray(category) && category.includes(denied));
}
