import { codingsIn, type Json } from './json.ts';

/**
 * Parts of a record that carry a label of their own (PP-34), read once more: an item of an answered form, an activity of a plan. Shares nothing
 * with what takes them out.
 */

const inlineUrl = 'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label';
const listOf: Record<string, string> = { QuestionnaireResponse: 'item', CarePlan: 'activity' };

export interface Parted {
  /** The record as it is without its labelled parts. Labels that are on none of them are labels of the record. */
  rest: Json;
  /** For each of them the record as it would be if it had this part alone, with the part's labels on the whole. */
  parts: { record: Json; part: Json }[];
}

export function partsOf(stored: Json): Parted {
  const list = listOf[stored.resourceType];
  const found: Json[] = [];
  const bare =
    list === undefined || !Array.isArray(stored[list])
      ? stored
      : { ...stored, [list]: keep(stored[list], list, found) };
  const { text: _text, ...told } = bare;
  const rest = labelled(found.length === 0 ? stored : told, inlineIn(bare));
  const parts = found.map((part) => ({ part, record: labelled({ ...rest, [String(list)]: [part] }, inlineIn(part)) }));
  return { rest, parts };
}

/** What is left of a list without the parts in it, however deep they are; these are noted, each without the parts within it. */
function keep(value: any, list: string, found: Json[]): any {
  if (Array.isArray(value)) return value.map((one) => keep(one, list, found));
  if (typeof value !== 'object' || value === null) return value;
  const kept: Json = {};
  for (const [name, inner] of Object.entries(value as Json)) kept[name] = keep(inner, list, found);
  const isItem = 'linkId' in kept || list === 'activity';
  if (!isItem || inlineIn({ ...kept, [list]: undefined }, list).length === 0) return kept;
  found.push(kept);
  return undefined;
}

/** `system|code` of every inline label, but for those in a list within. */
function inlineIn(value: unknown, but?: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => inlineIn(one, but));
  if (typeof value !== 'object' || value === null) return [];
  const { url, valueCoding } = value as Json;
  const own = url === inlineUrl ? codingsIn(valueCoding) : [];
  return [...own, ...Object.entries(value).flatMap(([name, inner]) => (name === but ? [] : inlineIn(inner, but)))];
}

function labelled(record: Json, labels: readonly string[]): Json {
  if (labels.length === 0) return record;
  const more = labels.map((label) => ({ system: label.split('|')[0], code: label.split('|')[1] }));
  return { ...record, meta: { ...record.meta, security: [...(record.meta?.security ?? []), ...more] } };
}

/** A text of the part that is told, and is nowhere else in the record; undefined when there is none. */
export function toldOf(part: Json, rest: Json, told: unknown): string | undefined {
  const [elsewhere, answered] = [new Set(textsIn(rest)), new Set(textsIn(told))];
  const { extension: _labels, ...content } = part;
  return textsIn(content).find((text) => answered.has(text) && !elsewhere.has(text));
}

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(textsIn);
  return typeof value === 'string' && value !== '' ? [value] : [];
}
