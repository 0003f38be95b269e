import type { r4 } from '../../../../fhir/types.ts';
import { childOf, childrenOf, textOf, type XmlElement } from './xml.ts';

/** The narrative of a document by the IDs in it: what entries refer to for their words. */
export type Narrative = ReadonlyMap<string, string>;

/** Code systems by their OID (HL7 OID registry), as FHIR names them. */
const systems: Readonly<Record<string, string>> = {
  '2.16.840.1.113883.6.96': 'http://snomed.info/sct',
  '2.16.840.1.113883.6.1': 'http://loinc.org',
  '2.16.840.1.113883.6.88': 'http://www.nlm.nih.gov/research/umls/rxnorm',
  '2.16.840.1.113883.6.90': 'http://hl7.org/fhir/sid/icd-10-cm',
  '2.16.840.1.113883.6.103': 'http://hl7.org/fhir/sid/icd-9-cm',
  '2.16.840.1.113883.12.292': 'http://hl7.org/fhir/sid/cvx',
  '2.16.840.1.113883.6.69': 'http://hl7.org/fhir/sid/ndc',
  '2.16.840.1.113883.4.9': 'http://fdasis.nlm.nih.gov',
  '2.16.840.1.113883.6.101': 'http://nucc.org/provider-taxonomy',
  '2.16.840.1.113883.6.8': 'http://unitsofmeasure.org',
};

const oid = /^[0-2](\.(0|[1-9]\d*))+$/;

export function isNull(element: XmlElement | undefined): boolean {
  return element === undefined || element.attributes.nullFlavor !== undefined;
}

/** A coded element with its translations; undefined when it says nothing. */
export function conceptOf(element: XmlElement | undefined, narrative: Narrative): r4.CodeableConcept | undefined {
  if (!element) return undefined;
  const codings = [element, ...childrenOf(element, 'translation')].flatMap(codingOf);
  const original = wordsOf(childOf(element, 'originalText'), narrative);
  const text = original ?? codings.find(({ display }) => display !== undefined)?.display;
  if (codings.length === 0 && text === undefined) return undefined;
  return { ...(codings.length > 0 && { coding: codings }), ...(text !== undefined && { text }) };
}

function codingOf({ attributes }: XmlElement): r4.Coding[] {
  const { code, codeSystem, displayName, nullFlavor } = attributes;
  if (nullFlavor !== undefined || code === undefined || !/^\S+( \S+)*$/.test(code)) return [];
  if (codeSystem === undefined || !oid.test(codeSystem)) return [];
  const system = systems[codeSystem] ?? `urn:oid:${codeSystem}`;
  return [{ system, code, ...(displayName?.trim() && { display: displayName.trim() }) }];
}

/** The words of an element: what its reference leads to in the narrative, else its own. */
export function wordsOf(element: XmlElement | undefined, narrative: Narrative): string | undefined {
  if (!element) return undefined;
  const reference = childOf(element, 'reference')?.attributes.value;
  const led = reference?.startsWith('#') ? narrative.get(reference.slice(1)) : undefined;
  return tidy(led ?? textOf(element));
}

export function tidy(text: string | undefined): string | undefined {
  const bare = text?.replace(/\s+/g, ' ').trim();
  return bare ? bare : undefined;
}

/** A point in time of HL7 v3 (`20250301`, `202503011430-0500`) as FHIR says it; a time without a zone is cut to its day. */
export function dateOf(text: string | undefined): string | undefined {
  const found = /^(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)(\d\d)?(?:\.\d+)?([+-]\d{4}|Z)?)?$/.exec(text ?? '');
  if (!found) return undefined;
  const [, year, month, day, hour, minute, second, zone] = found;
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  if (!isDay(date)) return undefined;
  if (hour === undefined || zone === undefined) return date;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const instant = `${date}T${hour}:${minute}:${second ?? '00'}${offset}`;
  return Number.isNaN(Date.parse(instant)) ? undefined : instant;
}

/** A year, month or day that there is. */
export function isDay(text: string): boolean {
  if (!/^\d{4}(-\d\d(-\d\d)?)?$/.test(text)) return false;
  const whole = `${text}${'-01-01'.slice(text.length - 4)}`;
  const time = Date.parse(`${whole}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(whole);
}

export function dayOf(text: string | undefined): string | undefined {
  return dateOf(text)?.slice(0, 10);
}

/** An effectiveTime: a point, or its two ends. */
export function periodOf(element: XmlElement | undefined): r4.Period | undefined {
  const start = dateOf(childOf(element, 'low')?.attributes.value) ?? dateOf(element?.attributes.value);
  const end = dateOf(childOf(element, 'high')?.attributes.value);
  if (start === undefined && end === undefined) return undefined;
  return { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
}

export function quantityOf(element: XmlElement | undefined): r4.Quantity | undefined {
  const { value, unit, nullFlavor } = element?.attributes ?? {};
  if (nullFlavor !== undefined || value === undefined || !/^[+-]?\d+(\.\d+)?$/.test(value)) return undefined;
  const isUnit = unit !== undefined && unit !== '1' && /^\S+$/.test(unit);
  const coded = isUnit ? { unit, system: 'http://unitsofmeasure.org', code: unit } : {};
  return { value: Number(value), ...coded };
}

/** `root|extension` of each of its ids. */
export function keysOf(element: XmlElement): string[] {
  return childrenOf(element, 'id')
    .filter((id) => !isNull(id) && id.attributes.root !== undefined)
    .map(({ attributes }) => `${attributes.root?.toLowerCase()}|${attributes.extension ?? ''}`);
}

/** Its ids as FHIR identifiers. */
export function identifiersOf(element: XmlElement): r4.Identifier[] {
  return childrenOf(element, 'id').flatMap((id): r4.Identifier[] => {
    const { root, extension } = id.attributes;
    if (isNull(id) || root === undefined) return [];
    const isOid = oid.test(root);
    if (!isOid && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(root)) return [];
    const system = isOid ? `urn:oid:${root}` : `urn:uuid:${root.toLowerCase()}`;
    return extension?.trim() ? [{ system, value: extension.trim() }] : [{ system: 'urn:ietf:rfc:3986', value: system }];
  });
}

/** A person's name in one line. */
export function nameOf(element: XmlElement | undefined): string | undefined {
  if (!element || isNull(element)) return undefined;
  const parts = element.children.filter(({ name }) => ['prefix', 'given', 'family', 'suffix'].includes(name));
  return tidy(parts.length > 0 ? parts.map(textOf).join(' ') : textOf(element));
}
