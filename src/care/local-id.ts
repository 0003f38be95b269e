/** The id in a reference to a resource of ours of this type (`Patient/x`, any version); undefined for anything else. */
export function localId(reference: unknown, type: string): string | undefined {
  if (typeof reference !== 'object' || reference === null || !('reference' in reference)) return undefined;
  const text = reference.reference;
  if (typeof text !== 'string' || !text.startsWith(`${type}/`)) return undefined;
  return /^[A-Za-z0-9.-]{1,64}$/.exec(text.slice(type.length + 1).split('/')[0] ?? '')?.[0];
}
