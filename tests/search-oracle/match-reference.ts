import { unescaped } from './escaping.ts';
import { isJson, type Leaf } from './leaves.ts';

/** Absolute, without a version; a reference below our base is the same as the relative one. */
export interface Target {
  /** `Type/id` where it is ours. */
  local?: string;
  url?: string;
  version?: string;
}

/** What a Reference or canonical points to. Fragments, and urns of a Reference, are nothing that a search can name. */
export function targetOf(leaf: Leaf, baseUrl: string): Target | undefined {
  const text = typeof leaf.value === 'string' ? leaf.value : isJson(leaf.value) ? leaf.value.reference : undefined;
  if (typeof text !== 'string' || text.startsWith('#') || text === '') return undefined;
  return read(text, baseUrl);
}

function read(text: string, baseUrl: string): Target | undefined {
  const inside = text.startsWith(`${baseUrl}/`) ? text.slice(baseUrl.length + 1) : text;
  const [, local, , version] =
    /^([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(\/_history\/([A-Za-z0-9.-]+))?$/.exec(inside) ?? [];
  if (local !== undefined) return { local, ...(version !== undefined && { version }) };
  if (!/^[a-z][a-z0-9+.-]*:/i.test(text)) return undefined;
  const bar = text.indexOf('|');
  return bar < 0 ? { url: text } : { url: text.slice(0, bar), version: text.slice(bar + 1) };
}

/** `id`, `Type/id` or a URL; a type comes from the modifier. Source: FHIR R4, search.html#reference. */
export function referenceTest(
  asked: string,
  context: { baseUrl: string; typeModifier?: string; targets: readonly string[] },
): ((leaf: Leaf) => boolean) | undefined {
  const { baseUrl, typeModifier, targets } = context;
  const text = unescaped(asked);
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(text)) {
    // One type only is what the id must be of; of several, any: resources also refer to types that the parameter forgot.
    const only = targets.length === 1 ? targets : [];
    const types = typeModifier ? [typeModifier] : only;
    return (leaf) => {
      const [type = '', id] = targetOf(leaf, baseUrl)?.local?.split('/') ?? [];
      return id === text && (types.length === 0 || types.includes(type));
    };
  }
  const wanted = read(text, baseUrl);
  if (!wanted || (typeModifier !== undefined && !wanted.local?.startsWith(`${typeModifier}/`))) return undefined;
  return (leaf) => {
    const found = targetOf(leaf, baseUrl);
    if (!found || found.local !== wanted.local || found.url !== wanted.url) return false;
    return wanted.version === undefined || found.version === wanted.version;
  };
}

/** A canonical at this URL in any version that begins so: `|1` is above 1.0 and 1.1. Source: FHIR R4, search.html#versions. */
export function canonicalBelowTest(asked: string, baseUrl: string): (leaf: Leaf) => boolean {
  const { url, version = '' } = read(unescaped(asked), baseUrl) ?? {};
  return (leaf) => {
    const found = targetOf(leaf, baseUrl);
    if (typeof leaf.value !== 'string' || found?.url !== url) return false;
    return version === '' || found?.version === version || (found?.version ?? '').startsWith(`${version}.`);
  };
}
