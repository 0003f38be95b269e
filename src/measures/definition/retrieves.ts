const fhirType = /^\{http:\/\/hl7\.org\/fhir\}(\w+)$/;

/** The resource types that any retrieve of the library reads, sorted. Source: CQL 1.5, ELM (Retrieve). */
export function retrievedTypes(elm: unknown): string[] {
  const types = new Set<string>();
  const open: unknown[] = [elm];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    const type = 'type' in node && node.type === 'Retrieve' && 'dataType' in node ? String(node.dataType) : '';
    const [, name] = fhirType.exec(type) ?? [];
    if (name !== undefined) types.add(name);
    open.push(...Object.values(node));
  }
  return [...types].sort();
}
