import type { r4 } from '../fhir/types.ts';

/**
 * How a stratum or the value of a supplemental data element is written in a result, so that equal values are equal text and SQL can group
 * by it: a code as `system|code`, anything else as its text, `''` for unknown, and of several components a JSON array of these.
 */
export type Stratum = string;

export const unknownStratum: Stratum = '';

export function codeStratum(system: string | undefined, code: string): Stratum {
  return `${system ?? ''}|${code}`;
}

/** Of several components, in their order. One stands for itself. */
export function joinStrata(parts: readonly Stratum[]): Stratum {
  return parts.length === 1 ? (parts[0] ?? unknownStratum) : JSON.stringify(parts);
}

/** The parts of a stratum of a stratifier with this many components. */
export function splitStratum(stratum: Stratum, components: number): Stratum[] {
  if (components === 1) return [stratum];
  const parts: unknown = stratum === unknownStratum ? [] : JSON.parse(stratum);
  return Array.isArray(parts) ? parts.map(String) : [];
}

/** As FHIR tells it in a report. Undefined for unknown, which each report words itself. */
export function conceptOfStratum(part: Stratum): r4.CodeableConcept | undefined {
  if (part === unknownStratum) return undefined;
  const [, system, code] = /^((?:[a-z][a-z0-9+.-]*:[^|\s]+)?)\|([^|]+)$/i.exec(part) ?? [];
  if (code === undefined) return { text: part };
  return { coding: [{ ...(system && { system }), code }] };
}
