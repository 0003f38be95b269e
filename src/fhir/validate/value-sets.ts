import { existsSync, readFileSync } from 'node:fs';
import { isObject } from '../search/walk-path.ts';

/** A code with the code system it is from; `system` is absent for elements of type `code`. */
export interface CodeToCheck {
  system?: string;
  code: string;
}

/** Whether a value set, by `url` or `url|version`, has the code; undefined when that cannot be said. */
export type InValueSet = (url: string, coding: CodeToCheck) => boolean | undefined;

/**
 * Makes the membership check of required bindings: value sets that are plain lists in the published definitions (`file`)
 * are answered here, whatever the version, the others by `ask`.
 */
export function createMembership(file: string, ask: InValueSet = () => undefined): InValueSet {
  let listed: ListedValueSets | undefined;
  return (url, coding) => {
    listed ??= readListed(file);
    const systems = listed.get(url) ?? listed.get(url.split('|')[0] ?? '');
    if (!systems) return ask(url, coding);
    if (coding.system !== undefined) return systems.get(coding.system)?.has(coding.code) === true;
    return [...systems.values()].some((codes) => codes.has(coding.code));
  };
}

/** Codes by value set (URL without version) and system. */
export type ListedValueSets = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

/** The value sets that are plain lists in the published definitions; none without the file. */
export function readListed(file: string): ListedValueSets {
  if (!existsSync(file)) return new Map();
  // Written by our own build, so the shape is taken on trust.
  const built = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, string[]>>;
  return new Map(
    Object.entries(built).map(([url, systems]) => [
      url,
      new Map(Object.entries(systems).map(([system, codes]) => [system, new Set(codes)])),
    ]),
  );
}

/**
 * Whether a value of a type that can be bound meets a required binding: a CodeableConcept by any of its codings
 * (FHIR R4, terminologies.html#required). Undefined: cannot be said.
 */
export function meetsBinding(value: unknown, url: string, inValueSet: InValueSet): boolean | undefined {
  if (typeof value === 'string') return inValueSet(url, { code: value });
  if (!isObject(value)) return undefined;
  const codings = Array.isArray(value.coding) ? value.coding : [value];
  const answers = codings.filter(isObject).map(({ system, code }) => {
    // A Coding without its system means nothing that could be in a value set.
    return typeof code === 'string' && typeof system === 'string' ? inValueSet(url, { system, code }) : false;
  });
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}

/** The same for an extensible binding: where there is no coding, nothing is said that could be against it. */
export function meetsExtensible(value: unknown, url: string, inValueSet: InValueSet): boolean | undefined {
  const hasCode = isObject(value) && (Array.isArray(value.coding) ? value.coding.length > 0 : value.code !== undefined);
  return typeof value === 'string' || hasCode ? meetsBinding(value, url, inValueSet) : true;
}
