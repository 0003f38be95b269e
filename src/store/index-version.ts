/**
 * The way in which the search index is formed. Count it up with every change to what is written to `resource.tokens`, `self`,
 * `sort_values`, `patient_id` or the side tables for a resource that is there already: extraction (`fhir/search/extract.ts` and what
 * it calls), the definitions it reads, hashing (`search/token.ts`), rows (`index-row.ts`). At the next start every
 * resource is indexed anew before the server says that it is ready (`reindex/bring-up-to-date.ts`).
 */
export const indexVersion = 14;
