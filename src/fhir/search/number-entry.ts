/**
 * The form in which a quantity may be asked for; a plain number has `any` alone.
 * - `any`: whatever its unit; with the kind of its system, so that all of a system's can be asked for as well
 * - `system`: in any unit of another system
 * - `code`: of this system and code
 * - `text`: with this code or human unit, whatever the system
 * - `canonical`: as a UCUM quantity of the canonical unit named
 * - `place`: no quantity but the latitude (`low`) and longitude (`high`) of a Location
 */
export type NumberForm =
  | readonly [kind: 'any', of: SystemKind]
  | readonly [kind: 'system', system: string]
  | readonly [kind: 'code', system: string, code: string]
  | readonly [kind: 'text', unit: string]
  | readonly [kind: 'canonical', unit: string]
  | readonly [kind: 'place'];

export type SystemKind = 'none' | 'ucum' | 'currency' | 'other';

export const systemKinds: readonly SystemKind[] = ['none', 'ucum', 'currency', 'other'];

/** The system of Money.currency. */
export const currencySystem = 'urn:iso:std:iso:4217';

/** What a number or quantity may be, in one form; as decimals that PostgreSQL's numeric can hold, `-Infinity` and `Infinity` for open ends. */
export interface NumberRange {
  form: NumberForm;
  low: string;
  high: string;
  /** Set in the one form by which the value is sorted: its unit; '' where it has none. */
  sortUnit?: string;
}

export interface NumberEntry extends NumberRange {
  /** Where in the resource it is. Parameters that lead there share the entry. */
  path: string;
  /** Codes of those parameters. */
  params: readonly string[];
}
