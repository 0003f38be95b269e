/** Single codes in everyday use, and plainly invented names: what the benchmark's children are made of. */
const loinc = 'http://loinc.org';
const snomed = 'http://snomed.info/sct';
const ucum = 'http://unitsofmeasure.org';

export const concept = (system: string, code: string, text: string) => ({ coding: [{ system, code }], text });
export const quantity = (value: number, code: string) => ({ value, unit: code, system: ucum, code });

/** What is measured at a visit: code, unit, least value, and how many tenths above it. */
export const vitals = [
  { code: concept(loinc, '8302-2', 'Body height'), unit: 'cm', least: 50, tenths: 1200 },
  { code: concept(loinc, '29463-7', 'Body weight'), unit: 'kg', least: 3, tenths: 600 },
  { code: concept(loinc, '8867-4', 'Heart rate'), unit: '/min', least: 60, tenths: 800 },
  { code: concept(loinc, '8310-5', 'Body temperature'), unit: 'Cel', least: 36, tenths: 35 },
] as const;

export const hemoglobin = concept(loinc, '718-7', 'Hemoglobin');
export const lead = concept(loinc, '5671-3', 'Lead in blood');

export const problems = [
  concept(snomed, '195967001', 'Asthma'),
  concept(snomed, '65363002', 'Otitis media'),
  concept(snomed, '24079001', 'Atopic dermatitis'),
  concept(snomed, '43878008', 'Streptococcal sore throat'),
  concept(snomed, '414916001', 'Obesity'),
] as const;

export const vaccines = ['10', '20', '21', '03', '133', '116', '83', '140'] as const;
export const medications = ['308189', '745679', '997488'] as const;
export const families = [
  'Thistledown',
  'Merriweather',
  'Fennimore',
  'Holloway',
  'Starling',
  'Ironwood',
  'Moss',
] as const;
export const givens = ['Wren', 'Theo', 'Hazel', 'Beau', 'Inez', 'Lev', 'Juniper', 'Milo', 'Odell', 'Pilar'] as const;
export const hl7 = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
export { snomed };
