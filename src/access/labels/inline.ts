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
  const { meta: { security = [], ...meta } = {}, ...rest } = resource;
  const left = security.filter((label) => !goes(label));
  // Extensions are taken out of a resource: a resource is left.
  const others = without(rest, (one) => isObject(one.valueCoding) && goes(one.valueCoding)) as Omit<Resource, 'meta'>;
  return {
    ...others,
    resourceType: resource.resourceType,
    meta: { ...meta, ...(left.length > 0 && { security: left }) },
  };
}

/** Without inline labels: all, or those for which `goes` holds. What had nothing else in it goes too. The same object where there are none. */
export function without(value: unknown, goes: (label: Json) => boolean = () => true): unknown {
  if (Array.isArray(value)) {
    const left = value.flatMap((one) => {
      if (isInlineLabel(one) && goes(one)) return [];
      const inner = without(one, goes);
      return inner === undefined ? [] : [inner];
    });
    if (left.length === value.length && left.every((one, at) => one === value[at])) return value;
    return left.length === 0 ? undefined : left;
  }
  if (!isObject(value) || JSON.isRawJSON(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, without(inner, goes)] as const);
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
  const inParts = keepInParts(before, after, holds);
  const there = new Set(labelsOutsideParts(after).map(labelKey));
  const onWhole = new Set((after.meta?.security ?? []).map(labelKey));
  const lost = unique(labelsOutsideParts(before).filter(holds)).filter(
    (label) => !there.has(labelKey(label)) && !onWhole.has(labelKey(label)),
  );
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

/** How an item is known again, the surest first. */
const sameBy: readonly ((one: Item, other: Item) => boolean)[] = [
  ({ id }, other) => id !== undefined && id === other.id,
  ({ says }, other) => says === other.says,
];

function keepInParts(before: Resource, after: Resource, holds: (label: Label) => boolean): Resource {
  const missing = new Set(itemsIn(before, holds));
  if ([...missing].every(({ labels }) => labels.length === 0)) return after;
  const left = new Set(itemsIn(after, holds));
  const given = new Map<Json, Label[]>();
  const give = (one: Item, to: Item) => given.set(to.item, [...(given.get(to.item) ?? []), ...lacking(to, one.labels)]);
  for (const isSame of sameBy) {
    for (const one of missing) {
      const same = [...left].find((other) => isSame(one, other));
      if (!same) continue;
      missing.delete(one);
      left.delete(same);
      give(one, same);
    }
  }
  for (const one of missing) {
    if (one.labels.length === 0) continue;
    const alike = [...left].filter(({ linkId }) => linkId !== undefined && linkId === one.linkId);
    const others = alike.length > 0 ? alike : [...left];
    const likely = others.find((other) => lacking(other, one.labels).length === 0);
    // Changed, and sent back with its labels.
    if (likely) left.delete(likely);
    else for (const other of others) give(one, other);
  }
  return withItems(after, (item) => withLabels(item, unique(given.get(item) ?? [])));
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
      labels: labelsOfItem(resource.resourceType, item).filter(holds),
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
  const byKey = new Map(labels.map((label) => [labelKey(label), label]));
  return [...byKey.values()];
}
