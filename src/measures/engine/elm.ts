/** What the house reads from ELM itself. Source: CQL 1.5, ELM (urn:hl7-org:elm:r1). */

const fhirType = /^\{http:\/\/hl7\.org\/fhir\}(\w+)$/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The resource types that any retrieve of the library reads, sorted. */
export function retrievedTypes(elm: unknown): string[] {
  const types = new Set<string>();
  const walk = (node: unknown): void => {
    if (!isObject(node)) return;
    const type = node.type === 'Retrieve' && typeof node.dataType === 'string' && fhirType.exec(node.dataType)?.[1];
    if (type) types.add(type);
    for (const child of Object.values(node)) walk(child);
  };
  walk(elm);
  return [...types].sort();
}

/** True when the logic asks what day it is, so that its answer may change without any change in the record. */
export function readsToday(elm: unknown): boolean {
  if (!isObject(elm)) return false;
  if (elm.type === 'Today' || elm.type === 'Now') return true;
  return Object.values(elm).some(readsToday);
}

/** Name and version of the library; empty strings when it has none. */
export function libraryIdentifier(elm: unknown): { id: string; version: string } {
  const library = isObject(elm) ? elm.library : undefined;
  const identifier = isObject(library) ? library.identifier : undefined;
  const text = (key: string) => (isObject(identifier) && typeof identifier[key] === 'string' ? identifier[key] : '');
  return { id: text('id'), version: text('version') };
}

/** Names of the definitions that a measure may name as criteria or evidence. */
export function definitionNames(elm: unknown): Set<string> {
  const library = isObject(elm) ? elm.library : undefined;
  const statements = isObject(library) ? library.statements : undefined;
  const definitions = isObject(statements) && Array.isArray(statements.def) ? statements.def : [];
  return new Set(definitions.filter(isObject).flatMap(({ name }) => (typeof name === 'string' ? [name] : [])));
}

/** URLs of the value sets that the library declares. */
export function valueSetUrls(elm: unknown): string[] {
  const library = isObject(elm) ? elm.library : undefined;
  const valueSets = isObject(library) ? library.valueSets : undefined;
  const declared = isObject(valueSets) && Array.isArray(valueSets.def) ? valueSets.def : [];
  return declared.filter(isObject).flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
}
