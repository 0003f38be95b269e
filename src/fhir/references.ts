import { isResource } from './is-resource.ts';
import { isObject } from './search/walk-path.ts';
import type { Resource } from './types.ts';

/** What a reference string says (FHIR R4, references.html#literal). */
export type ParsedReference =
  | { kind: 'local'; type: string; id: string; version?: string }
  /** An absolute URL that is not under our base; `type` and `id` when its end has the shape `/Type/id`. */
  | { kind: 'absolute'; url: string; type?: string; id?: string; version?: string }
  /** `#id`, or `#` for the container. */
  | { kind: 'fragment'; id: string }
  /** `urn:uuid:…` or `urn:oid:…`. */
  | { kind: 'urn'; urn: string }
  /** `Type?params`: allowed in transactions only. */
  | { kind: 'conditional'; type: string; query: string };

const relative = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const conditional = /^([A-Z][A-Za-z]+)\?(.+)$/s;
const tail = /\/([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/** Undefined for what is no reference at all. `baseUrl` (ours) makes absolute URLs under it local. */
export function parseReference(text: string, baseUrl?: string): ParsedReference | undefined {
  if (text.startsWith('#')) return { kind: 'fragment', id: text.slice(1) };
  if (/^urn:(uuid|oid):/i.test(text)) return { kind: 'urn', urn: text };
  const base = baseUrl?.replace(/\/+$/, '');
  const isOurs = base !== undefined && text.startsWith(`${base}/`);
  const path = isOurs ? text.slice(base.length + 1) : text;
  const local = relative.exec(path);
  if (local?.[1] && local[2]) return { kind: 'local', type: local[1], id: local[2], ...version(local[3]) };
  const asked = conditional.exec(path);
  if (asked?.[1] && asked[2]) return { kind: 'conditional', type: asked[1], query: asked[2] };
  if (!/^[a-z][a-z0-9+.-]*:\S+$/i.test(text)) return undefined;
  const end = tail.exec(text);
  if (end?.[1] && end[2]) return { kind: 'absolute', url: text, type: end[1], id: end[2], ...version(end[3]) };
  return { kind: 'absolute', url: text };
}

function version(text: string | undefined): { version?: string } {
  return text === undefined ? {} : { version: text };
}

/** Splits a canonical into its URL and version (`http://x/y|1.0`); a fragment stays with the URL. */
export function splitCanonical(canonical: string): { url: string; version?: string } {
  const bar = canonical.indexOf('|');
  return bar < 0 ? { url: canonical } : { url: canonical.slice(0, bar), version: canonical.slice(bar + 1) };
}

/** Calls `visit` with every `Reference.reference` text in the resource, contained resources included. */
export function eachReference(resource: unknown, visit: (reference: string) => void): void {
  if (Array.isArray(resource)) {
    for (const item of resource) eachReference(item, visit);
    return;
  }
  if (!isObject(resource) || JSON.isRawJSON(resource)) return;
  for (const [key, value] of Object.entries(resource)) {
    if (key === 'reference' && typeof value === 'string') visit(value);
    else if (typeof value === 'object') eachReference(value, visit);
  }
}

/**
 * A copy in which `replace` has been asked about every text that may name another resource; undefined keeps it.
 * `reference` says where it stands: in `Reference.reference`, or as a whole uri, url, oid or uuid value
 * (R4, http.html#trules: those are replaced only when they *equal* a fullUrl). The original is not touched,
 * and parts without a change are shared with it.
 */
export function rewriteReferences(
  resource: Resource,
  replace: (text: string, place: 'reference' | 'uri') => string | undefined,
): Resource {
  const rewritten = rewrite(resource, '', replace);
  return isResource(rewritten) ? rewritten : resource;
}

type Replace = (text: string, place: 'reference' | 'uri') => string | undefined;

function rewrite(value: unknown, key: string, replace: Replace): unknown {
  if (typeof value === 'string') {
    if (key === 'reference') return replace(value, 'reference') ?? value;
    if (key === 'div') return rewriteLinks(value, replace);
    return mayBeUri(key, value) ? (replace(value, 'uri') ?? value) : value;
  }
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => rewrite(item, key, replace));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const [name, child] of Object.entries(value)) {
    const changed = rewrite(child, name, replace);
    if (changed === child) continue;
    copy ??= { ...value };
    copy[name] = changed;
  }
  return copy ?? value;
}

/** Links and pictures of a narrative, which name resources as a uri does. */
function rewriteLinks(narrative: string, replace: Replace): string {
  return narrative.replace(/\b(href|src)=(["'])([^"'<>]*)\2/g, (whole, attribute, quote, url) => {
    const changed = /^(urn:|https?:)/i.test(url) ? replace(url, 'uri') : undefined;
    return changed === undefined ? whole : `${attribute}=${quote}${changed}${quote}`;
  });
}

/**
 * A copy in which each `Reference.reference` that names one of our own records by its address (`baseUrl` + `/Type/id`) names it as `Type/id`: both
 * mean the same record (FHIR R4, references.html#literal). What is inside of a Bundle means what its fullUrls say and stays as it is.
 */
export function withLocalReferences(resource: Resource, baseUrl: string): Resource {
  if (resource.resourceType === 'Bundle') return resource;
  return rewriteReferences(resource, (text, place) => {
    const isAbsolute = place === 'reference' && /^https?:/i.test(text);
    const named = isAbsolute ? parseReference(text, baseUrl) : undefined;
    return named?.kind === 'local' ? text.slice(baseUrl.replace(/\/+$/, '').length + 1) : undefined;
  });
}

/** Names of R4 elements that are strings yet may look like a URI: an identifier's value and display texts stay as sent. */
const neverUri = new Set([
  'id',
  'value',
  'system',
  'display',
  'text',
  'div',
  'code',
  'valueString',
  'valueCode',
  'description',
  'fullUrl',
]);

function mayBeUri(key: string, value: string): boolean {
  return /^(urn:|https?:)/i.test(value) && !neverUri.has(key);
}
