import { splitOutside, unescaped } from './escaping.ts';
import { isJson, type Leaf } from './leaves.ts';

/** What a token is compared by. No system: undefined; a code bound to a value set has the set's system, whatever it is. */
interface Pair {
  system?: string;
  code?: string;
  ignoresCase?: boolean;
}

/** Source: FHIR R4, search.html#token, the table of datatypes. `systemOf` answers the implicit system of a bound code. */
export function pairsOf(leaf: Leaf, systemOf: (valueSet: string, code: string) => string | undefined): Pair[] {
  const { type, value, valueSet } = leaf;
  if (typeof value === 'boolean') return [{ code: String(value) }];
  if (typeof value === 'string') {
    if (type === 'string') return [{ code: value, ignoresCase: true }];
    const system = valueSet === undefined ? undefined : systemOf(valueSet, value);
    return [{ code: value, ...(system !== undefined && { system }) }];
  }
  if (!isJson(value)) return [];
  if (type === 'CodeableConcept') {
    return [value.coding ?? []].flat().flatMap((item) => pairsOf({ type: 'Coding', value: item }, systemOf));
  }
  if (type === 'Coding') return [pair(value.system, value.code)];
  if (type === 'Identifier') return [pair(value.system, value.value)];
  return type === 'ContactPoint' ? [pair(undefined, value.value)] : [];
}

function pair(system: unknown, code: unknown): Pair {
  return {
    ...(typeof system === 'string' && system !== '' && { system }),
    ...(typeof code === 'string' && code !== '' && { code }),
  };
}

/** `code`, `system|code`, `|code` or `system|`; undefined for what is none of them. */
export function tokenTest(
  asked: string,
  systemOf: (valueSet: string, code: string) => string | undefined,
): ((leaf: Leaf) => boolean) | undefined {
  const parts = splitOutside(asked, '|').map(unescaped);
  const [first = '', second] = parts;
  if (parts.length > 2 || (first === '' && (second ?? '') === '')) return undefined;
  return (leaf) =>
    pairsOf(leaf, systemOf).some(({ system, code, ignoresCase }) => {
      const isCode = (wanted: string) => (ignoresCase ? code?.toLowerCase() === wanted.toLowerCase() : code === wanted);
      if (second === undefined) return isCode(first);
      if (first === '') return isCode(second) && (system === undefined || typeof leaf.value === 'string');
      return system === first && (second === '' || isCode(second));
    });
}

/** `system|code|value` against Identifier.type and Identifier.value; all three must be there. */
export function ofTypeTest(asked: string): ((leaf: Leaf) => boolean) | undefined {
  const [system, code, wanted, ...more] = splitOutside(asked, '|').map(unescaped);
  if (!system || !code || !wanted || more.length > 0) return undefined;
  return ({ type, value }) => {
    if (type !== 'Identifier' || !isJson(value) || !isJson(value.type)) return false;
    const codings = [value.type.coding ?? []].flat().filter(isJson);
    return value.value === wanted && codings.some((coding) => coding.system === system && coding.code === code);
  };
}
