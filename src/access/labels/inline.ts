import { limits } from '../../base/limits.ts';
import {
  inlineLabelUrl,
  isInlineLabel,
  labelsOfItem,
  labelsOutsideParts,
  withItems,
} from '../../fhir/labelled-parts.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import { type Label, labelKey } from './label.ts';

type Json = Record<string, unknown>;

/** The record without the labels for which `goes` holds, wherever they stand. */
export function withoutLabels(resource: Resource, goes: (label: Label) => boolean): Resource {
  // Extensions are taken out of a resource: a resource is left.
  const others = without(resource, (one) => isObject(one.valueCoding) && goes(one.valueCoding)) as Resource;
  const { security = [], ...meta } = others.meta ?? {};
  const left = security.filter((label) => !goes(label));
  return { ...others, meta: { ...meta, ...(left.length > 0 && { security: left }) } };
}

/**
 * Without inline labels: all, or those for which `goes` holds. What had nothing else in it goes too, but for the place of one that belongs to a
 * primitive by its place (`isBeside`). The same object where there are none.
 */
export function without(value: unknown, goes: (label: Json) => boolean = () => true, isBeside = false): unknown {
  if (Array.isArray(value)) {
    const left = value.flatMap((one) => {
      if (isInlineLabel(one) && goes(one)) return [];
      const inner = without(one, goes);
      return inner !== undefined ? [inner] : isBeside ? [null] : [];
    });
    if (left.length === value.length && left.every((one, at) => one === value[at])) return value;
    return left.every((one) => one === null) ? undefined : left;
  }
  if (!isObject(value) || JSON.isRawJSON(value)) return value;
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, without(inner, goes, name.startsWith('_'))] as const,
  );
  if (entries.every(([name, inner]) => inner === value[name])) return value;
  const left = entries.filter(([, inner]) => inner !== undefined);
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/**
 * The new version with the labels within the one before that `holds` says must stay. A part is known again by its id, by its place in its form
 * (linkId), or by what it says. Of one that is not known again the labels go to what is new beside it, since that may be the same in
 * other words; where nothing is new, it was taken out. A label that was on no part is put on the record itself, which is as much hidden by it.
 */
export function keepInline(before: Resource, after: Resource, holds: (label: Label) => boolean): Resource {
  const { inParts, unplaced } = keepInParts(before, after, holds);
  const there = new Set(labelsOutsideParts(after).map(labelKey));
  const onWhole = new Set((after.meta?.security ?? []).map(labelKey));
  const outside = labelsOutsideParts(before).filter((label) => holds(label) && !there.has(labelKey(label)));
  const lost = unique([...outside, ...unplaced]).filter((label) => !onWhole.has(labelKey(label)));
  if (lost.length === 0) return inParts;
  const security = [...(inParts.meta?.security ?? []), ...lost.map(({ system, code }) => codingOf({ system, code }))];
  return { ...inParts, meta: { ...inParts.meta, security } };
}

interface Item {
  item: Json;
  id?: string;
  linkId?: string;
  /** Without its labels. */
  says: string;
  labels: readonly Label[];
}

/** By what an item is known again, the surest first. */
const sameBy: readonly ((one: Item) => string | undefined)[] = [({ id }) => id, ({ says }) => says];

/** `unplaced`: labels of so many parts that are not known again, beside so many new ones, that nobody can tell where they belong. */
function keepInParts(
  before: Resource,
  after: Resource,
  holds: (label: Label) => boolean,
): { inParts: Resource; unplaced: readonly Label[] } {
  const missing = new Set(itemsIn(before, holds));
  if ([...missing].every(({ labels }) => labels.length === 0)) return { inParts: after, unplaced: [] };
  const left = new Set(itemsIn(after, holds));
  const given = new Map<Json, Label[]>();
  const give = ({ labels }: Item, to: Item) => {
    const all = given.get(to.item) ?? [];
    given.set(to.item, all);
    all.push(...lacking(to, labels));
  };
  for (const nameOf of sameBy) {
    const byName = Map.groupBy(left, nameOf);
    for (const one of missing) {
      const name = nameOf(one);
      const same = name === undefined ? undefined : byName.get(name)?.shift();
      if (!same) continue;
      missing.delete(one);
      left.delete(same);
      give(one, same);
    }
  }
  const lost = [...missing].filter(({ labels }) => labels.length > 0);
  const isTooMany = lost.length * left.size > limits.access.labelledParts;
  if (!isTooMany) giveToNew(lost, left, give);
  return {
    inParts: withItems(after, (item) => withLabels(item, unique(given.get(item) ?? []))),
    unplaced: isTooMany ? lost.flatMap(({ labels }) => labels) : [],
  };
}

/** Labels of parts that are not known again go to what is new: first to what has the same place in the form. */
function giveToNew(lost: readonly Item[], left: Set<Item>, give: (one: Item, to: Item) => void): void {
  for (const one of lost) {
    const alike = [...left].filter(({ linkId }) => linkId !== undefined && linkId === one.linkId);
    const others = alike.length > 0 ? alike : [...left];
    const likely = others.find((other) => lacking(other, one.labels).length === 0);
    // Changed, and sent back with its labels.
    if (likely) left.delete(likely);
    else for (const other of others) give(one, other);
  }
}

/** All items of a record, the outer ones first, with the labels on them that must stay. */
function itemsIn(resource: Resource, holds: (label: Label) => boolean): Item[] {
  const found: Item[] = [];
  withItems(resource, (item) => {
    const { id, linkId } = item;
    found.push({
      item,
      ...(typeof id === 'string' && { id }),
      ...(typeof linkId === 'string' && { linkId }),
      says: wordsOf(item),
      labels: unique(labelsOfItem(resource.resourceType, item).filter(holds)),
    });
    return item;
  });
  return found;
}

/** The same text for the same content, whatever the order of its fields. */
function wordsOf(item: Json): string {
  const { id: _id, ...rest } = item;
  return JSON.stringify(inOrder(without(rest) ?? {}));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value) || JSON.isRawJSON(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, inOrder(inner)]),
  );
}

function lacking({ labels }: Item, wanted: readonly Label[]): Label[] {
  const has = new Set(labels.map(labelKey));
  return wanted.filter((label) => !has.has(labelKey(label)));
}

function withLabels(item: Json, labels: readonly Label[]): Json {
  if (labels.length === 0) return item;
  const more = labels.map(({ system, code }) => ({ url: inlineLabelUrl, valueCoding: codingOf({ system, code }) }));
  return { ...item, extension: [...(Array.isArray(item.extension) ? item.extension : []), ...more] };
}

function codingOf({ system, code }: Label): { system?: string; code?: string } {
  return { ...(system !== undefined && { system }), ...(code !== undefined && { code }) };
}

function unique(labels: readonly Label[]): Label[] {
  if (labels.length < 2) return [...labels];
  const byKey = new Map(labels.map((label) => [labelKey(label), label]));
  return [...byKey.values()];
}
