import { limits } from '../base/limits.ts';
import type { Definitions } from '../fhir/definitions.ts';
import { splitEscaped } from '../fhir/search/escapes.ts';
import { tokenValue } from '../fhir/search/parse-token.ts';
import type { TokenTest } from '../store/types.ts';

/**
 * The filter of a granular scope, `category=system|code&status=final`: pairs that must all hold, each with alternatives after commas, as in a
 * search (SMART App Launch 2.2, "Finer-grained resource constraints using search parameters"). Only token parameters of the type, by
 * code or system|code, without modifiers, chains or anything else a search has: what is more is not understood, and so not granted.
 */
export interface ScopeFilter {
  /** One way to write it: pairs in order, each once. */
  text: string;
  having: readonly TokenTest[];
}

/** The resource types that scopes may name. With `tokenTest`, also what their filters may ask; a plain set of types has no filters. */
export interface ScopeTypes {
  has(type: string): boolean;
  /** Of all of them; absent: no scope asks for a record to be chosen. */
  keys?(): Iterable<string>;
  /** The test that a value of a search parameter stands for; undefined for what a scope may not ask. */
  tokenTest?(type: string, param: string, values: string): TokenTest | undefined;
}

/** Types and filters of the definitions in use now. */
export function scopeTypes(definitions: Definitions): ReadonlySet<string> & Required<ScopeTypes> {
  const tokenTest: ScopeTypes['tokenTest'] = (type, code, values) => {
    const param = definitions.searchParams(type).get(code);
    // What is no token of the index (the id) no record could ever meet.
    if (param?.kind !== 'token' || code === '_id') return undefined;
    const alternatives = splitEscaped(values, ',');
    if (alternatives.length > limits.auth.scopeValues) return undefined;
    const anyOf: { system?: string; code: string }[] = [];
    for (const raw of alternatives) {
      const value = tokenValue(param, raw, definitions);
      if (!value.ok || value.value.kind !== 'token' || value.value.code === undefined) return undefined;
      const { system, code: asked } = value.value;
      anyOf.push({ ...(system !== undefined && { system }), code: asked });
    }
    return { param: code, anyOf };
  };
  return Object.assign(new Set(definitions.types), { tokenTest });
}

/** Reads what stands behind the question mark of a scope for this type; undefined when it is not understood to the last letter. */
export function parseFilter(text: string, type: string, types: ScopeTypes): ScopeFilter | undefined {
  if (type === '*' || text.length > limits.auth.scopeFilterLength) return undefined;
  const pairs = new Map<string, TokenTest>();
  for (const pair of text.split('&')) {
    const [, param = '', raw = ''] = /^([A-Za-z_][A-Za-z0-9_-]*)=(.+)$/.exec(pair) ?? [];
    const values = decoded(raw);
    const test = values === undefined || param === '' ? undefined : types.tokenTest?.(type, param, values);
    if (!test) return undefined;
    pairs.set(`${param}=${encoded(values ?? '')}`, test);
  }
  return pairs.size > limits.auth.scopePairs ? undefined : filterOf(pairs);
}

/** What meets both filters. */
export function bothFilters(one?: ScopeFilter, other?: ScopeFilter): ScopeFilter | undefined {
  if (!one || !other) return one ?? other;
  return filterOf(
    new Map([one, other].flatMap(({ text, having }) => pairsOf(text).map((pair, at) => [pair, having[at]]))),
  );
}

/** True when whatever meets `one` meets `other`, as far as the texts say. */
export function isWithin(one: ScopeFilter | undefined, other: ScopeFilter | undefined): boolean {
  const pairs = one ? pairsOf(one.text) : [];
  return !other || pairsOf(other.text).every((pair) => pairs.includes(pair));
}

const pairsOf = (text: string) => text.split('&');

function filterOf(pairs: ReadonlyMap<string, TokenTest | undefined>): ScopeFilter {
  const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { text: sorted.map(([pair]) => pair).join('&'), having: sorted.flatMap(([, test]) => test ?? []) };
}

function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return value.isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Only what would not survive in a scope is written otherwise: what stands between scopes and between pairs. */
function encoded(text: string): string {
  return text.replace(/[^!-~]|[%&#"]/gu, (character) => encodeURIComponent(character));
}
