const fhirType = /^\{http:\/\/hl7\.org\/fhir\}(\w+)$/;

/** The `dataType` of every Retrieve of the library. Source: CQL 1.5, ELM. */
function retrieves(elm: unknown): string[] {
  const found: string[] = [];
  const open: unknown[] = [elm];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if ('type' in node && node.type === 'Retrieve' && 'dataType' in node) found.push(String(node.dataType));
    open.push(...Object.values(node));
  }
  return found;
}

/** The resource types that any retrieve of the library reads, sorted. */
export function retrievedTypes(elm: unknown): string[] {
  return [...new Set(retrieves(elm).flatMap((type) => fhirType.exec(type)?.[1] ?? []))].sort();
}

/** How many retrieves the libraries have together. */
export function retrieveCount(elms: readonly unknown[]): number {
  return elms.reduce<number>((count, elm) => count + retrieves(elm).length, 0);
}
