import type { Resource } from '../../fhir/types.ts';
import { en, type Words } from './words/en.ts';
import { es } from './words/es.ts';

export type Language = 'en' | 'es';

/** Names of the languages, each in its own words. */
export const languages: readonly { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'es', name: 'Español' },
];

export const wordsIn: Readonly<Record<Language, Words>> = { en, es };
export const localeIn: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-US' };

/** The one thing that outlives the session on a device: which language its people chose. It says nothing of a child. */
const key = 'careweave.language';

/** What was chosen on this device; undefined when nobody did. */
export function chosenLanguage(): Language | undefined {
  const kept = localStorage.getItem(key);
  return languages.find(({ code }) => code === kept)?.code;
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(key, language);
}

/** The browser's, as far as there are words in it. */
export function browserLanguage(wanted: readonly string[] = navigator.languages): Language {
  const known = wanted.map((one) => languages.find(({ code }) => one.toLowerCase().split('-')[0] === code));
  return known.find((one) => one !== undefined)?.code ?? 'en';
}

/** What a Patient or RelatedPerson prefers, as far as it is recorded and there are words in it. */
export function languageOf(person: Resource | undefined): Language | undefined {
  const { communication = [] } = (person ?? {}) as {
    communication?: { preferred?: boolean; language?: { coding?: { code?: string }[] } }[];
  };
  const codes = communication
    .filter(({ preferred }, _at, all) => preferred === true || all.length === 1)
    .flatMap(({ language }) => language?.coding?.map(({ code = '' }) => code.toLowerCase().split('-')[0]) ?? []);
  return languages.find(({ code }) => codes.includes(code))?.code;
}
