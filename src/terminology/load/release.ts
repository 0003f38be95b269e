import type { Concept } from '../types.ts';

/** A concept on its way into the tables. */
export interface LoadedConcept extends Concept {
  /** Every code above. */
  ancestors: readonly string[];
}

/** How one release format is read. */
export interface Release {
  /** The code system's canonical URL, unless the command names another. */
  system: string;
  name: string;
  /** Property name to R4 property type. */
  properties: Readonly<Record<string, string>>;
  /** Concepts in the file's order. Throws BrokenFile. */
  concepts(text: AsyncIterable<string>): AsyncGenerator<LoadedConcept>;
}

/** A concept without a hierarchy; empty property values are left out. */
export function flatConcept(
  code: string,
  display: string,
  properties: Readonly<Record<string, string | undefined>>,
): LoadedConcept {
  const kept = Object.entries(properties).flatMap(([name, value]) => (value ? [[name, [value]]] : []));
  return {
    code,
    display,
    parents: [],
    ancestors: [],
    properties: Object.fromEntries(kept),
    designations: [],
    active: true,
    abstract: false,
  };
}
