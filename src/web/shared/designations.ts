import type { r4 } from '../../fhir/types.ts';
import type { FhirClient } from './fhir-client.ts';

/** What codes are called in a reader's language, and by which English names they are known. */
export interface Designations {
  /** The words for a concept that says no more than its code; undefined where there are none, or where somebody wrote words of their own. */
  of(concept: r4.CodeableConcept): string | undefined;
}

export interface Designated {
  /** Empty for a name that goes without a code. */
  system: string;
  code: string;
  /** Names in English: a text that is one of them is the code's and nobody's own. */
  names: readonly string[];
  words: string;
}

export function designationsOf(known: readonly Designated[]): Designations {
  const byCode = new Map(known.map((one) => [`${one.system}|${one.code}`, one]));
  const byName = new Map(known.flatMap((one) => one.names.map((name) => [name.toLowerCase(), one] as const)));
  return {
    of({ text, coding = [] }) {
      const coded = coding
        .map(({ system = '', code = '' }) => byCode.get(`${system}|${code}`))
        .find((one) => one !== undefined);
      if (text === undefined) return coded?.words;
      const isPlain =
        coded?.names.some((name) => name.toLowerCase() === text.toLowerCase()) === true ||
        coding.some(({ display }) => display?.toLowerCase() === text.toLowerCase());
      return isPlain && coded ? coded.words : byName.get(text.toLowerCase())?.words;
    },
  };
}

/** The designations of a value set of ours in a language (`$expand`); none when they cannot be read: then the English stands. */
export async function readDesignations(client: FhirClient, name: string, language: string): Promise<Designated[]> {
  const url = encodeURIComponent(`http://careweave.org/fhir/ValueSet/${name}`);
  const answer = await client.get(`ValueSet/$expand?url=${url}&includeDesignations=true`);
  const set = answer.ok ? (answer.value as r4.ValueSet | undefined) : undefined;
  return (set?.expansion?.contains ?? []).flatMap(({ system = '', code = '', display = '', designation = [] }) => {
    const words = designation.find((one) => one.language === language)?.value;
    if (words === undefined) return [];
    const english = designation.filter((one) => one.language === 'en').map(({ value }) => value);
    return [{ system, code, names: [display, ...english], words }];
  });
}
