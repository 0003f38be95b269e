/** What a site sends is unknown until looked at: these are the looks. */
export type Shape = Record<string, unknown>;

export function isShape(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** A list of objects; anything else in it is left out. A single object counts as a list of one. */
export function shapes(value: unknown): Shape[] {
  if (Array.isArray(value)) return value.filter(isShape);
  return isShape(value) ? [value] : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Codings of a CodeableConcept or of a list of them, as `system|code`. */
export function codesOf(value: unknown): string[] {
  return shapes(value).flatMap((concept) =>
    shapes(concept.coding).map((coding) => `${textOf(coding.system) ?? ''}|${textOf(coding.code) ?? ''}`),
  );
}
