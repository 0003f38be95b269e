import { isObject } from '../search/walk-path.ts';

/**
 * The type a reference leads to as far as its text tells here: `Patient/1`, `Patient?identifier=…` or `#contained`. Absolute
 * and urn references say nothing, because nothing is fetched for a check.
 */
export function referenceType(reference: unknown, root: Record<string, unknown>): string | undefined {
  if (typeof reference !== 'string') return undefined;
  if (!reference.startsWith('#')) return /^([A-Za-z]+)[/?]/.exec(reference)?.[1];
  if (reference === '#') return text(root.resourceType);
  const contained: unknown[] = Array.isArray(root.contained) ? root.contained : [];
  const target = contained.find((inner) => isObject(inner) && inner.id === reference.slice(1));
  return isObject(target) ? text(target.resourceType) : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const base = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * The resource types that target profiles allow; undefined when any is allowed or a profile's type is not known.
 * `typeOf` answers the type of a profile that is no base definition.
 */
export function targetTypes(
  profiles: readonly string[] | undefined,
  typeOf: (url: string) => string | undefined = () => undefined,
): ReadonlySet<string> | undefined {
  const types = new Set<string>();
  for (const url of profiles ?? []) {
    const name = url.startsWith(base) ? url.slice(base.length) : '';
    const type = /^[A-Z][A-Za-z]+$/.test(name) ? name : typeOf(url);
    if (type === undefined || type === 'Resource' || type === 'DomainResource') return undefined;
    types.add(type);
  }
  return types.size > 0 ? types : undefined;
}
