import type { Reading } from './sections.ts';
import { keysOf } from './values.ts';
import { childrenOf, hasTemplate, type XmlElement } from './xml.ts';

const entryReference = '2.16.840.1.113883.10.20.22.4.122';

/** The one clinical statement of an entry or relationship. */
export function statementOf(entry: XmlElement): XmlElement | undefined {
  return entry.children.find(({ name }) => statements.has(name));
}

const statements: ReadonlySet<string> = new Set([
  ...['act', 'observation', 'organizer', 'procedure', 'encounter', 'supply', 'substanceAdministration'],
]);

/** The statements that an entry is related to; those of some kinds only, when they are given. */
export function relatedOf(statement: XmlElement, ...types: string[]): XmlElement[] {
  return childrenOf(statement, 'entryRelationship')
    .filter(({ attributes }) => types.length === 0 || types.includes(attributes.typeCode ?? ''))
    .flatMap((one) => statementOf(one) ?? []);
}

/** Ids of the entries that a statement refers to. */
export function referredKeys(statement: XmlElement): string[] {
  return relatedOf(statement)
    .filter((one) => hasTemplate(one, entryReference))
    .flatMap(keysOf);
}

export const isEntryReference = (statement: XmlElement) => hasTemplate(statement, entryReference);

/** What the entries that a statement refers to have become: resources of these kinds. */
export function referredRecords(statement: XmlElement, { byKey }: Reading, kind: readonly string[]): string[] {
  const found = referredKeys(statement).map((key) => byKey.get(key));
  return [...new Set(found.filter((one) => typeof one === 'string'))].filter((one) => kind.includes(one));
}

export function remember(statement: XmlElement, what: string, { byKey }: Reading): void {
  for (const key of keysOf(statement)) if (!byKey.has(key)) byKey.set(key, what);
}

/** A statement that says that something is not so is never taken for one that says it is. */
export function isNegated({ attributes }: XmlElement): boolean {
  return attributes.negationInd === 'true' || attributes.negationInd === '1';
}
