/** Plain JSON, walked slowly: the verifier shares no reading with what it verifies. */
export type Json = Record<string, any>;

/** Every `Type/id` that any reference in the record names, absolute ones of any base included. */
export function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const { reference } = value as Json;
  const own = typeof reference === 'string' ? localOf(reference) : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

function localOf(reference: string): string[] {
  const found = /([A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64})(\/_history\/[^/]*)?$/.exec(reference)?.[1];
  return found === undefined ? [] : [found];
}

/** Every `system|code` of any Coding in the record, and of nothing else. */
export function codingsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(codingsIn);
  if (typeof value !== 'object' || value === null) return [];
  const { system, code } = value as Json;
  const own = typeof system === 'string' && typeof code === 'string' ? [`${system}|${code}`] : [];
  return [...own, ...Object.values(value).flatMap(codingsIn)];
}

/** The values at a dotted path, through lists. */
export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesAt(one, path));
  const [step, ...rest] = path;
  if (step === undefined) return value === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    // A choice element is written with its type: onsetDateTime.
    name === step || (name.startsWith(step) && /^[A-Z]/.test(name.slice(step.length))) ? valuesAt(inner, rest) : [],
  );
}
