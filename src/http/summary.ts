import { fail, ok, type Result } from '../base/errors.ts';
import type { Definitions } from '../fhir/definitions.ts';
import { hasElement } from '../fhir/element-path.ts';

/** Which part of a resource was asked for. */
export interface View {
  summary?: string;
  elements?: string[];
}

const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/**
 * What a read was asked to leave away: `_summary` and `_elements` in its URL. An element that the type does not have is refused, or
 * with `lenient` ignored.
 */
export function viewOf(
  query: readonly (readonly [string, string])[],
  of: { type: string; definitions: Definitions; handling: 'strict' | 'lenient' },
): Result<View> {
  const view: View = {};
  for (const [name, value] of query) {
    if ((name === '_summary' && view.summary !== undefined) || (name === '_elements' && view.elements))
      return fail('invalid', `${name} may be given once.`, { code: 'value' });
    if (name === '_summary') {
      if (value !== 'true' && value !== 'text' && value !== 'data' && value !== 'false')
        return fail('invalid', '_summary takes true, text, data or false here.', { code: 'value' });
      view.summary = value;
    }
    if (name === '_elements') {
      const elements = value.split(',').map((element) => element.trim());
      if (!elements.every((element) => /^[A-Za-z][A-Za-z0-9.]*$/.test(element)))
        return fail('invalid', '_elements takes element names separated by commas.', { code: 'value' });
      const known = elements.filter((element) => hasElement(of.definitions, of.type, element));
      if (known.length < elements.length && of.handling === 'strict')
        return fail('invalid', `_elements names an element that ${of.type} does not have.`, { code: 'value' });
      view.elements = known;
    }
  }
  return ok(view);
}

export function isPart({ summary, elements }: View): boolean {
  return elements !== undefined || (summary !== undefined && summary !== 'false');
}

/**
 * `_summary` and `_elements` (FHIR R4, search.html#summary): parts of a resource, marked SUBSETTED. What is required is part of
 * `_elements` and `_summary=text`; `_summary=true` is what the definitions mark as summary, inside of backbone elements too.
 */
export function summarize(resource: unknown, view: View, definitions: Definitions): unknown {
  if (!isObject(resource) || !isPart(view)) return resource;
  const type = String(resource.resourceType);
  const entries = Object.entries(resource);
  if (view.elements) {
    const wanted = new Set([...always(definitions, type), ...view.elements.map((path) => topOf(path, type))]);
    return marked(entries.filter(([name]) => wanted.has(elementOf(definitions, type, name))));
  }
  if (view.summary === 'data') return marked(entries.filter(([name]) => name !== 'text'));
  if (view.summary === 'text') {
    const wanted = new Set([...always(definitions, type), 'text']);
    return marked(entries.filter(([name]) => wanted.has(elementOf(definitions, type, name))));
  }
  return marked(Object.entries(summaryOf(resource, type, definitions.summaryPaths(type))));
}

function always(definitions: Definitions, type: string): string[] {
  const required = definitions.schema().resource(type)?.required ?? [];
  return ['resourceType', 'id', 'meta', ...required.map(({ element }) => element)];
}

/** `Patient.name.family` and `name.family` → `name`. */
function topOf(path: string, type: string): string {
  const [first = '', second] = path.split('.');
  return first === type && second !== undefined ? second : first;
}

/** `valueQuantity` and `_valueString` → `value`. */
function elementOf(definitions: Definitions, type: string, property: string): string {
  const bare = property.replace(/^_/, '');
  return definitions.schema().resource(type)?.fields.get(bare)?.element ?? bare;
}

function summaryOf(
  value: Record<string, unknown>,
  path: string,
  marks: ReadonlyMap<string, boolean>,
): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    const below = name === 'resourceType' ? undefined : markedPath(marks, path, name.replace(/^_/, ''));
    if (name !== 'resourceType' && below === undefined) continue;
    const isBackbone = below !== undefined && marks.get(below);
    const part = (item: unknown) => (isBackbone && isObject(item) ? summaryOf(item, below, marks) : item);
    kept[name] = Array.isArray(child) ? child.map(part) : part(child);
  }
  return kept;
}

function markedPath(marks: ReadonlyMap<string, boolean>, path: string, property: string): string | undefined {
  if (marks.has(`${path}.${property}`)) return `${path}.${property}`;
  for (let end = property.length - 1; end > 0; end--) {
    const choice = `${path}.${property.slice(0, end)}[x]`;
    if (/[A-Z]/.test(property.charAt(end)) && marks.has(choice)) return choice;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

function marked(entries: [string, unknown][]): object {
  const part: Record<string, unknown> = Object.fromEntries(entries);
  const meta = isObject(part.meta) ? part.meta : {};
  const tags = Array.isArray(meta.tag) ? meta.tag : [];
  return { ...part, meta: { ...meta, tag: [...tags, subsetted] } };
}
