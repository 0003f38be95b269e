import { flatConcept, type Release } from './release.ts';
import { BrokenFile, linesOf } from './text-file.ts';

/** Vaccines no longer given still stand in children's records: they are inactive, not unknown. */
const inactive: ReadonlySet<string> = new Set(['Inactive', 'Never Active']);

/**
 * CDC's CVX vaccine codes, the pipe-delimited flat file: code, short description, full name, notes, status, non-vaccine, last updated.
 * Fields are padded with blanks; the file may be UTF-16.
 */
export const cvx: Release = {
  system: 'http://hl7.org/fhir/sid/cvx',
  name: 'CVX',
  properties: { VaccineStatus: 'string', NonVaccine: 'boolean', Notes: 'string', LastUpdated: 'string' },
  async *concepts(text) {
    for await (const { line, number } of linesOf(text)) {
      const fields = line.split('|').map((field) => field.trim());
      const [code = '', display = '', fullName = '', notes, status = '', nonVaccine = '', lastUpdated] = fields;
      if (fields.length !== 7 || !/^\d{2,3}$/.test(code) || display === '') {
        throw new BrokenFile('not a CVX record of seven fields.', number);
      }
      const concept = flatConcept(code, display, {
        VaccineStatus: status,
        NonVaccine: nonVaccine.toLowerCase(),
        Notes: notes,
        LastUpdated: lastUpdated,
      });
      concept.active = !inactive.has(status);
      if (fullName !== '') concept.designations = [{ value: fullName }];
      yield concept;
    }
  },
};
