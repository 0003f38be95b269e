import { isOfType } from '../of-type.ts';
import type { Resource, r4 } from '../types.ts';
import { compareText, conceptText } from './index-of.ts';

/**
 * What it takes for two records to be of the same thing, as far as a program can say: a code in common, or equal words where no codes
 * speak. Nothing is put together by this alone.
 */

/** The concept that a record of a kind that hospitals repeat is about. `lookUp` finds a Medication that is a resource of its own. */
export function conceptOf(
  resource: Resource,
  lookUp: (reference: string) => Resource | undefined = () => undefined,
): r4.CodeableConcept | undefined {
  if (isOfType(resource, 'Condition') || isOfType(resource, 'AllergyIntolerance')) return resource.code;
  if (isOfType(resource, 'ServiceRequest') || isOfType(resource, 'Task')) return resource.code;
  if (isOfType(resource, 'Goal')) return resource.description;
  if (isOfType(resource, 'MedicationRequest') || isOfType(resource, 'MedicationStatement')) {
    return resource.medicationCodeableConcept ?? medicationOf(resource, lookUp)?.code;
  }
  return undefined;
}

function medicationOf(
  { medicationReference, contained }: r4.MedicationRequest | r4.MedicationStatement,
  lookUp: (reference: string) => Resource | undefined,
): r4.Medication | undefined {
  const reference = medicationReference?.reference;
  if (reference === undefined) return undefined;
  const found = reference.startsWith('#')
    ? contained?.find(({ id }) => id === reference.slice(1))
    : lookUp(reference.split('/_history/')[0] ?? '');
  const resource = found && { ...found };
  return isOfType(resource, 'Medication') ? resource : undefined;
}

/** `system|code` of each coding. */
export function codesOf(concept: r4.CodeableConcept | undefined): string[] {
  return (concept?.coding ?? [])
    .filter(({ system, code }) => system !== undefined && code !== undefined)
    .map(({ system, code }) => `${system}|${code}`);
}

/**
 * The words of a text for comparing: in lower case, without accents, punctuation and articles, whatever their order. Words that turn the
 * meaning round ("no", "not", "without") stay, so that a text and its opposite never look alike.
 */
export function wordsOf(text: string | undefined): string[] {
  const bare = (text ?? '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}.%]+/u)
    .map((word) => word.replace(/^\.+|\.+$/g, ''))
    .filter((word) => word !== '' && !articles.has(word));
  return [...new Set(bare)].sort(compareText);
}

/** Of English and of Spanish: both are compared by the same words, never one with the other. */
const articles: ReadonlySet<string> = new Set([
  ...['a', 'an', 'the', 'of', 'to', 'and', 'for', 'in', 'with'],
  ...['el', 'la', 'los', 'las', 'un', 'una', 'de', 'del', 'al', 'y', 'en', 'con', 'para', 'por', 'su'],
]);

/** What of a concept is compared; made once for many comparisons. */
export interface Compared {
  codes: readonly string[];
  /** Its words, in one order. */
  phrase: string;
}

export function comparedOf(concept: r4.CodeableConcept | undefined): Compared {
  return { codes: codesOf(concept), phrase: wordsOf(conceptText(concept)).join(' ') };
}

/**
 * `code`: a code in common. `words`: equal words, and no code system that both use: where one does, its codes have said that they differ.
 * Undefined: not the same, as far as can be said.
 */
export function likeness(a: Compared, b: Compared): 'code' | 'words' | undefined {
  if (a.codes.some((code) => b.codes.includes(code))) return 'code';
  if (a.phrase === '' || a.phrase !== b.phrase) return undefined;
  return shareSystem(a.codes, b.codes) ? undefined : 'words';
}

export function shareSystem(a: readonly string[], b: readonly string[]): boolean {
  const systems = new Set(a.map((code) => code.split('|')[0]));
  return b.some((code) => systems.has(code.split('|')[0]));
}
