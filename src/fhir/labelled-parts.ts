import type { Resource, r4 } from './types.ts';

/**
 * Privacy labels within a record: DS4P's extension on any element. In the lists below the smallest item around such a label is a part of
 * its own, which a record can be told without; anywhere else it says what the record as a whole is.
 */

/** HL7 DS4P 1.0.0, StructureDefinition extension-inline-sec-label. */
export const inlineLabelUrl =
  'http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label';

/** The list of a type whose items are parts; within an item it has the same name. */
const lists: ReadonlyMap<string, string> = new Map([
  ['CarePlan', 'activity'],
  ['QuestionnaireResponse', 'item'],
]);

/** Types that have parts. */
export const typesWithParts: ReadonlySet<string> = new Set(lists.keys());

type Json = Record<string, unknown>;

function isNode(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** True for the extension that is an inline label. */
export function isInlineLabel(value: unknown): value is Json {
  return isNode(value) && value.url === inlineLabelUrl;
}

function hasInlineLabel(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasInlineLabel);
  if (!isNode(value)) return false;
  if (value.url === inlineLabelUrl) return true;
  for (const name in value) if (typeof value[name] === 'object' && hasInlineLabel(value[name])) return true;
  return false;
}

/** Inline labels anywhere in a value, but for what stands in properties of the name `but`. */
export function inlineLabelsIn(value: unknown, but?: string): r4.Coding[] {
  if (Array.isArray(value)) return value.flatMap((one) => inlineLabelsIn(one, but));
  if (!isNode(value)) return [];
  const own = isInlineLabel(value) && isNode(value.valueCoding) ? [value.valueCoding as r4.Coding] : [];
  return [
    ...own,
    ...Object.entries(value).flatMap(([name, inner]) => (name === but ? [] : inlineLabelsIn(inner, but))),
  ];
}

/** The labels of an item itself, not of items within it. */
export function labelsOfItem(type: string, item: Json): r4.Coding[] {
  return inlineLabelsIn(item, lists.get(type));
}

/** Labels that are on no part: they say what the record as a whole is. */
export function labelsOutsideParts(resource: Resource): r4.Coding[] {
  const name = lists.get(resource.resourceType);
  // What is contained may have a list of the same name, of which nothing is a part here.
  return Object.entries(resource).flatMap(([key, inner]) => (key === name ? [] : inlineLabelsIn(inner)));
}

/**
 * The record with each item of its list as `change` gives it, outer ones first; undefined takes it out, and what is within it is not asked
 * about. The same object when nothing is changed.
 */
export function withItems(resource: Resource, change: (item: Json) => Json | undefined): Resource {
  const name = lists.get(resource.resourceType);
  if (name === undefined) return resource;
  const own: unknown = resource[name];
  if (!Array.isArray(own)) return resource;
  const items = itemsOf(own, name, change);
  if (items === own) return resource;
  const { [name]: _items, ...rest } = resource;
  return items.length === 0 ? { ...rest, resourceType: resource.resourceType } : { ...resource, [name]: items };
}

function itemsOf(list: readonly unknown[], name: string, change: (item: Json) => Json | undefined): readonly unknown[] {
  const items = list.flatMap((item) => {
    if (!isNode(item)) return [item];
    const changed = change(item);
    return changed === undefined ? [] : [within(changed, name, change)];
  });
  return items.length === list.length && items.every((item, at) => item === list[at]) ? list : items;
}

/** What stands in an item, with the items within it changed. */
function within(value: Json, name: string, change: (item: Json) => Json | undefined): Json {
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const next = key === name && Array.isArray(inner) ? itemsOf(inner, name, change) : deeper(inner, name, change);
    const isGone = next !== inner && isEmpty(next);
    return isGone ? [] : [[key, next]];
  });
  const isSame = entries.length === Object.keys(value).length && entries.every(([key, inner]) => inner === value[key]);
  return isSame ? value : Object.fromEntries(entries);
}

function deeper(value: unknown, name: string, change: (item: Json) => Json | undefined): unknown {
  if (isNode(value)) return within(value, name, change);
  if (!Array.isArray(value)) return value;
  const some = value.map((one) => deeper(one, name, change));
  if (some.every((one, at) => one === value[at])) return value;
  return some.filter((one, at) => one === value[at] || !isEmpty(one));
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isNode(value) && Object.keys(value).length === 0;
}

/**
 * The record without those of its labelled parts for which `goes` holds, without what is contained for these alone, and without the text
 * about the whole. `goes` is asked about a part without the labelled parts within it, which are asked about by themselves when it stays. The
 * same object when nothing goes.
 */
export function withoutParts(resource: Resource, goes: (part: object) => boolean): Resource {
  const type = resource.resourceType;
  // Asked of every record that is written: nearly none has any.
  if (!hasInlineLabel(resource[lists.get(type) ?? ''])) return resource;
  const gone: unknown[] = [];
  const all = withItems(resource, (item) => {
    if (labelsOfItem(type, item).length === 0 || !goes(bare(type, item))) return item;
    gone.push(item);
    return undefined;
  });
  if (all === resource) return resource;
  const { text: _text, ...rest } = all;
  return withoutContained({ ...rest, resourceType: type }, gone);
}

/** An item without the labelled ones within it. */
function bare(type: string, item: Json): Json {
  const name = lists.get(type) ?? '';
  return within(item, name, (inner) => (labelsOfItem(type, inner).length === 0 ? inner : undefined));
}

/** What is contained for parts that are gone goes with them. */
function withoutContained(resource: Resource, gone: readonly unknown[]): Resource {
  const { contained, ...rest } = resource;
  if (!Array.isArray(contained)) return resource;
  const byId = new Map(
    contained.flatMap((one: unknown) => (isNode(one) ? [[`#${String(one.id)}`, one] as const] : [])),
  );
  const [needed, unneeded] = [rest, gone].map((from) => reached(from, byId));
  const kept = contained.filter((one: unknown) => {
    const id = isNode(one) ? `#${String(one.id)}` : '';
    return needed?.has(id) || !unneeded?.has(id);
  });
  if (kept.length === contained.length) return resource;
  return kept.length === 0 ? { ...rest, resourceType: resource.resourceType } : { ...resource, contained: kept };
}

/** Which contained resources a value leads to, over others of them too. */
function reached(value: unknown, byId: ReadonlyMap<string, Json>): Set<string> {
  const found = new Set<string>();
  const visit = (one: unknown): void => {
    if (typeof one === 'string') {
      const target = byId.get(one);
      if (!target || found.has(one)) return;
      found.add(one);
      visit(target);
    } else if (Array.isArray(one)) for (const item of one) visit(item);
    else if (isNode(one)) for (const inner of Object.values(one)) visit(inner);
  };
  visit(value);
  return found;
}
