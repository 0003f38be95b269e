import { isJson, type Leaf } from './leaves.ts';

/**
 * Case, accents and runs of white space do not count (FHIR R4, search.html#string). Punctuation does: leaving it out is a "should",
 * and the names of people are told apart by it.
 */
export function folded(text: string): string {
  const bare = [...text.normalize('NFD')].filter((char) => !/\p{M}/u.test(char)).join('');
  return bare.toLowerCase().split(/\s+/).filter(Boolean).join(' ');
}

/** Elements of type string only: not use, not period. */
const searched: Record<string, string[]> = {
  HumanName: ['text', 'family', 'given', 'prefix', 'suffix'],
  Address: ['text', 'line', 'city', 'district', 'state', 'postalCode', 'country'],
};

export function textsOf({ type, value }: Leaf): string[] {
  if (typeof value === 'string') return [value];
  if (!isJson(value)) return [];
  return (searched[type] ?? []).flatMap((name) =>
    [value[name]].flat().filter((text): text is string => typeof text === 'string'),
  );
}

export function textTest(asked: string, modifier?: string): ((leaf: Leaf) => boolean) | undefined {
  if (modifier === 'exact') return (leaf) => textsOf(leaf).includes(asked);
  const wanted = folded(asked);
  if (wanted === '') return undefined;
  return (leaf) =>
    textsOf(leaf)
      .map(folded)
      .some((text) => (modifier === 'contains' ? text.includes(wanted) : text.startsWith(wanted)));
}

/** `code:text`: a normal string search on what is written beside a code. Source: FHIR R4, search.html#token. */
export function besideTest(asked: string): ((leaf: Leaf) => boolean) | undefined {
  const test = textTest(asked);
  return test && ((leaf) => besideTexts(leaf).some((value) => test({ type: 'string', value })));
}

function besideTexts({ type, value }: Leaf): unknown[] {
  if (!isJson(value)) return [];
  if (type === 'CodeableConcept')
    return [value.text, ...[value.coding ?? []].flat().map((coding) => isJson(coding) && coding.display)];
  if (type === 'Coding') return [value.display];
  return type === 'Identifier' && isJson(value.type) ? [value.type.text] : [];
}
