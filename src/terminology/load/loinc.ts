import { recordsOf } from './csv.ts';
import { flatConcept, type Release } from './release.ts';
import { BrokenFile } from './text-file.ts';

/** The columns that become properties, by the names LOINC gives them in FHIR. */
const columns = [
  'COMPONENT',
  'PROPERTY',
  'TIME_ASPCT',
  'SYSTEM',
  'SCALE_TYP',
  'METHOD_TYP',
  'CLASS',
  'STATUS',
  'ORDER_OBS',
] as const;

/** LOINC's table (Loinc.csv), found by its column names. The multi-axial hierarchy is another file and is not read. */
export const loinc: Release = {
  system: 'http://loinc.org',
  name: 'LOINC',
  properties: Object.fromEntries(columns.map((name) => [name, 'string'])),
  async *concepts(text) {
    let places: ReadonlyMap<string, number> | undefined;
    for await (const { fields, number } of recordsOf(text)) {
      if (!places) {
        places = new Map(fields.map((name, index) => [name.trim(), index]));
        const missing = ['LOINC_NUM', 'LONG_COMMON_NAME', 'STATUS'].find((name) => !places?.has(name));
        if (missing !== undefined) throw new BrokenFile(`the column ${missing} is missing.`, number);
        continue;
      }
      if (fields.length !== places.size) throw new BrokenFile(`not ${places.size} fields.`, number);
      const value = (name: string) => fields[places?.get(name) ?? -1] ?? '';
      const code = value('LOINC_NUM');
      const display = value('LONG_COMMON_NAME');
      if (!/^\d{1,8}-\d$/.test(code)) throw new BrokenFile('not a LOINC code.', number);
      if (display === '') throw new BrokenFile('there is no LONG_COMMON_NAME.', number);
      const concept = flatConcept(code, display, Object.fromEntries(columns.map((name) => [name, value(name)])));
      concept.active = value('STATUS') !== 'DEPRECATED';
      if (value('SHORTNAME') !== '') concept.designations = [{ value: value('SHORTNAME') }];
      yield concept;
    }
  },
};
