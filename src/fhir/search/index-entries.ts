import type { FormEntry } from './index-forms.ts';
import type { PairEntry } from './index-pairs.ts';
import type { NumberEntry } from './number-entry.ts';

/** What a resource is found by: the rows the store writes next to it. Each list is free of duplicates. */
export interface IndexEntries {
  /** `system` is '' where there is none; `code` is '' for an identifier that has a system only. */
  tokens: TokenEntry[];
  references: ReferenceEntry[];
  /** Canonicals (with and without their version) and absolute references to other servers. */
  urls: UrlEntry[];
  /** What modifiers ask besides. */
  forms: FormEntry[];
  /** `text` is normalized (`normalizeText`), `exact` as sent. */
  strings: StringEntry[];
  /** UTC instants, half-open; open ends are `openStart` and `openEnd`. */
  dates: DateEntry[];
  uris: UriEntry[];
  /** Numbers, quantities and positions. */
  numbers: NumberEntry[];
  /** What composite parameters ask of one element. */
  pairs: PairEntry[];
  /** Codes of the parameters that have any value: what `:missing` asks. */
  present: string[];
  /** Ids of the patients whose compartment the resource is in (R4, CompartmentDefinition/patient), those that it is about first. */
  patients: string[];
  /** How many of them it is about; the others merely took part (`subjectParams`). */
  subjects: number;
  /** Its labelled parts are not among all this: nobody finds the record by them. */
  isWithoutParts?: true;
}

export interface TokenEntry {
  param: string;
  system: string;
  code: string;
}
export interface ReferenceEntry {
  param: string;
  type: string;
  id: string;
}
export interface UrlEntry {
  param: string;
  url: string;
}
export interface StringEntry {
  param: string;
  text: string;
  exact: string;
  /** `text`: not a value of the parameter, but the text that goes with one (the modifier `:text`). */
  form?: 'text';
}
interface DateEntry {
  param: string;
  start: string;
  end: string;
}
interface UriEntry {
  param: string;
  uri: string;
}
