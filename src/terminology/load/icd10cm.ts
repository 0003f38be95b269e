import { flatConcept, type Release } from './release.ts';
import { BrokenFile, linesOf } from './text-file.ts';

/**
 * ICD-10-CM, the order file of CMS and NCHS (icd10cm_order_YYYY.txt), fixed width: 1–5 order number, 7–13 code without its dot,
 * 15 whether the code is valid for billing, 17–76 short and from 78 long description. A code's parent is the longest code
 * of the file that begins it; the file's order has every parent before its children.
 */
export const icd10cm: Release = {
  system: 'http://hl7.org/fhir/sid/icd-10-cm',
  name: 'ICD-10-CM',
  properties: { billable: 'boolean' },
  async *concepts(text) {
    let above: string[] = [];
    for await (const { line, number } of linesOf(text)) {
      const code = line.slice(6, 13).trim();
      const billable = line.charAt(14);
      const display = line.slice(77).trim() || line.slice(16, 76).trim();
      if (!/^\d{5} [A-Z][A-Z0-9]{2,6} *[01] /.test(line) || !/^[01]$/.test(billable) || display === '') {
        throw new BrokenFile('not a record of the ICD-10-CM order file.', number);
      }
      above = above.filter((one) => code.startsWith(one) && code !== one);
      const concept = flatConcept(dotted(code), display, { billable: String(billable === '1') });
      concept.ancestors = above.map(dotted);
      concept.parents = concept.ancestors.slice(-1);
      above.push(code);
      yield concept;
    }
  },
};

function dotted(code: string): string {
  return code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code;
}
