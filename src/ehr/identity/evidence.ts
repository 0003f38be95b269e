import type { Resource } from '../../fhir/types.ts';
import { codesOf, type Shape, shapes, textOf } from '../shape.ts';

/**
 * Identifier types that name a chart, a visit, a subscriber or a document rather than a person: worth nothing across sites,
 * or shared in a household (HL7 table 0203).
 */
const notPersonal = new Set([
  'MR',
  'MRT',
  'PI',
  'PT',
  'VN',
  'AN',
  'FI',
  'RI',
  'EI',
  'U',
  'MB',
  'SN',
  'SNO',
  'MCD',
  'FILL',
  'PLAC',
]);

/** Identifiers that belong to one person wherever they are used, as `system|value`. */
export function strongIdentifiers(patient: Resource, siteBases: readonly string[]): string[] {
  return shapes(patient.identifier)
    .filter((identifier) => isStrong(identifier, siteBases))
    .map(tokenOf);
}

function isStrong(identifier: Shape, siteBases: readonly string[]): boolean {
  const system = textOf(identifier.system);
  if (system === undefined || textOf(identifier.value) === undefined) return false;
  if (identifier.use === 'old' || identifier.use === 'temp') return false;
  if (system.startsWith('urn:careweave:') || siteBases.some((base) => system.startsWith(base))) return false;
  return !codesOf(identifier.type).some((code) => notPersonal.has(code.split('|')[1] ?? ''));
}

function tokenOf(identifier: Shape): string {
  return `${textOf(identifier.system)}|${textOf(identifier.value)}`;
}

function normalizedName(text: unknown): string[] {
  return (textOf(text) ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((part) => part !== '');
}

/** First given names a person goes by now, without accents and case. */
export function givenNames(patient: Resource): Set<string> {
  const names = shapes(patient.name).filter((name) => name.use !== 'old');
  return new Set(
    names.flatMap((name) => (Array.isArray(name.given) ? normalizedName(name.given[0])[0] : undefined) ?? []),
  );
}

/** A newborn's stand-in name says nothing about who the child is: `BabyBoy`, `Girl A`, `Twin 2`, `Newborn`. */
export function isPlaceholder(given: string): boolean {
  return /^(?:baby|bb|bg|boy|girl|newborn|infant|twin|male|female|unnamed|unknown)+[a-d]?$/.test(given);
}

/** Birth order of a multiple birth when it is said. */
export function birthOrder(patient: Resource): number | undefined {
  return typeof patient.multipleBirthInteger === 'number' ? patient.multipleBirthInteger : undefined;
}
