/** `_summary` and `_elements` (FHIR R4, search.html#summary): parts of a resource, marked SUBSETTED. */
const always = new Set(['resourceType', 'id', 'meta']);
const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

export function summarize(resource: unknown, query: { summary?: string; elements?: string[] }): unknown {
  if (typeof resource !== 'object' || resource === null) return resource;
  const entries = Object.entries(resource);
  if (query.elements) {
    const wanted = new Set(query.elements.map((path) => path.split('.').at(-1)));
    return marked(entries.filter(([name]) => always.has(name) || wanted.has(name)));
  }
  if (query.summary === 'text') return marked(entries.filter(([name]) => always.has(name) || name === 'text'));
  if (query.summary === 'data') return marked(entries.filter(([name]) => name !== 'text'));
  return resource;
}

function marked(entries: [string, unknown][]): object {
  const part: Record<string, unknown> = Object.fromEntries(entries);
  const meta = typeof part.meta === 'object' && part.meta !== null ? part.meta : {};
  const tags = 'tag' in meta && Array.isArray(meta.tag) ? meta.tag : [];
  return { ...part, meta: { ...meta, tag: [...tags, subsetted] } };
}
