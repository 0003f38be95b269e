import type * as r4 from 'fhir/r4.js';

/** FHIR R4 types for our code. Named FHIR types come from here, so that one definition source serves the whole house. */
export type { r4 };

/**
 * Any R4 resource as it crosses a border: the type is known, everything else has to be looked at before use.
 * A decimal whose digits JavaScript would change (1.10) is held as a `JSON.rawJSON` object; see `json.ts`.
 */
export interface Resource {
  resourceType: string;
  id?: string;
  meta?: r4.Meta;
  [element: string]: unknown;
}
