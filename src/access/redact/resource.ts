import { isInlineLabel } from '../../fhir/labelled-parts.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { without } from '../labels/inline.ts';
import { placeTypes } from '../policy/whereabouts.ts';
import type { RedactionRule } from '../types.ts';
import { formerElements, isFormerDetail } from './former.ts';
import { localTarget, type Targets } from './references.ts';
import { placeElements } from './whereabouts.ts';

/** What decides how one record is told. */
export interface Telling {
  rule: RedactionRule;
  targets: Targets;
  /** Nothing of where the patient is. */
  withoutPlaces: boolean;
  /** `YYYY-MM-DD`: details that ended before are former ones. */
  today: string;
  baseUrl: string;
}

type Json = Record<string, unknown>;

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const plainConfidentiality: ReadonlySet<unknown> = new Set(['U', 'L', 'M', 'N', 'R', 'V']);
const subsetted = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** Elements whose references say what somebody has: without a target that can be seen, their words go too. */
export const telling: ReadonlySet<string> = new Set([
  'addresses',
  'basedOn',
  'condition',
  'detail',
  'encounter',
  'entry',
  'evidence',
  'focus',
  'outcomeReference',
  'partOf',
  'reasonReference',
  'reference',
  'result',
  'supportingInfo',
  'supportingInformation',
  'target',
]);

/** The resource as this viewer is told it; the same object when nothing is taken out. */
export function redactResource(resource: Json, how: Telling): Json {
  const { rule } = how;
  const removed = new Set(rule.removes.get(String(resource.resourceType)) ?? []);
  const kept: Json = {};
  let changed = false;
  for (const [name, value] of Object.entries(resource)) {
    const bare = name.startsWith('_') ? name.slice(1) : name;
    if (removed.has(bare) || (name === 'text' && rule.dropsNarrative)) {
      changed = true;
      continue;
    }
    const pruned =
      name === 'contained' ? containedOf(value, how) : name === 'meta' ? value : prune(bare, value, how, bare !== name);
    if (pruned !== value) changed = true;
    if (pruned !== undefined) kept[name] = pruned;
  }
  const meta = metaOf(resource.meta, how, changed);
  if (!changed && meta === resource.meta) return resource;
  // What was written about the whole may tell what was taken out.
  if (changed) delete kept.text;
  if (meta === undefined) delete kept.meta;
  else if (isObject(meta) && !('meta' in kept)) return withMeta(kept, meta);
  else kept.meta = meta;
  return kept;
}

function withMeta({ resourceType, id, ...rest }: Json, meta: Json): Json {
  return { resourceType, ...(id !== undefined && { id }), meta, ...rest };
}

function containedOf(value: unknown, how: Telling): unknown {
  if (!Array.isArray(value)) return value;
  const inner = value.map((one) =>
    isObject(one) ? redactResource(one, { ...how, rule: { ...how.rule, marksSubsetted: false } }) : one,
  );
  return inner.some((one, at) => one !== value[at]) ? inner : value;
}

function metaOf(meta: unknown, { rule, withoutPlaces }: Telling, changed: boolean): unknown {
  const before: Json = isObject(meta) ? meta : {};
  const unlabelled = rule.stripsLabels ? without(before) : before;
  const after: Json = { ...(isObject(unlabelled) && unlabelled) };
  if (rule.hidesVersions) {
    delete after.versionId;
    delete after.lastUpdated;
  }
  if (withoutPlaces) delete after.source;
  if (rule.stripsLabels && Array.isArray(after.security)) {
    const plain = after.security.filter(
      (label) => isObject(label) && label.system === confidentiality && plainConfidentiality.has(label.code),
    );
    if (plain.length < after.security.length) after.security = plain;
    if (plain.length === 0) delete after.security;
  }
  const tags: unknown[] = Array.isArray(after.tag) ? after.tag : [];
  const isMarked = tags.some((tag) => isObject(tag) && tag.code === subsetted.code);
  if (rule.marksSubsetted && changed && !isMarked) after.tag = [...tags, subsetted];
  const names = Object.keys(after);
  if (names.length === 0) return undefined;
  const same = names.length === Object.keys(before).length && names.every((name) => after[name] === before[name]);
  return same ? meta : after;
}

/**
 * The value of an element without what is hidden; undefined when nothing is left of it, the value itself when nothing was taken. `isBeside`: it
 * belongs to primitives by its place in the list, so that an empty place stays.
 */
function prune(name: string, value: unknown, how: Telling, isBeside: boolean): unknown {
  if (how.withoutPlaces && placeElements.has(name)) return undefined;
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => {
      const pruned = isObject(item) ? pruneItem(name, item, how) : item;
      return pruned !== undefined ? [pruned] : isBeside ? [null] : [];
    });
    if (items.length === value.length && items.every((item, at) => item === value[at])) return value;
    return items.every((item) => item === null) ? undefined : items;
  }
  if (!isObject(value) || JSON.isRawJSON(value)) return value;
  return isHidden(name, value, how) ? undefined : pruneObject(value, how);
}

/** One of several: it goes as a whole when it holds a reference to what is hidden, because the rest of it would tell. */
function pruneItem(name: string, item: Json, how: Telling): unknown {
  if (isHidden(name, item, how) || isFormer(name, item, how) || isTellingLabel(item, how)) return undefined;
  const holds = Object.entries(item).some(
    ([inner, value]) => holdsHidden(inner, value, how) || (isObject(value) && tellsOfHidden(value, how)),
  );
  return holds ? undefined : pruneObject(item, how);
}

/** PP-33: a label within a record reveals as much as one on it. */
function isTellingLabel(item: Json, { rule }: Telling): boolean {
  return rule.stripsLabels && isInlineLabel(item);
}

function holdsHidden(name: string, value: unknown, how: Telling): boolean {
  return (Array.isArray(value) ? value : [value]).some((one) => isObject(one) && isHidden(name, one, how));
}

/** What is for a hidden reason or goal (the detail of a plan's activity) says in its other words what that is. Who does it may be hidden alone. */
function tellsOfHidden(value: Json, how: Telling): boolean {
  return Object.entries(value).some(
    ([name, inner]) => (telling.has(name) || name === 'goal') && holdsHidden(name, inner, how),
  );
}

function pruneObject(value: Json, how: Telling): unknown {
  const kept: Json = {};
  let changed = false;
  for (const [name, inner] of Object.entries(value)) {
    const pruned = prune(name, inner, how, name.startsWith('_'));
    if (pruned !== inner) changed = true;
    if (pruned !== undefined) kept[name] = pruned;
  }
  if (!changed) return value;
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** True for a Reference that must not be told. */
function isHidden(name: string, value: Json, { rule, targets, withoutPlaces, baseUrl }: Telling): boolean {
  const { reference } = value;
  if (typeof reference !== 'string') {
    // Words in the place of a reference: for families they go where they would say what somebody has.
    return rule.stripsLabels && telling.has(name) && isWordsOnly(value);
  }
  if (reference.startsWith('#')) return false;
  const target = localTarget(reference, baseUrl);
  // Of another server: nobody can say that it is not hidden.
  if (target === undefined) return rule.stripsLabels;
  if (withoutPlaces && placeTypes.has(target.split('/')[0] ?? '')) return true;
  return rule.stripsLabels ? !targets.seen.has(target) : targets.hidden.has(target);
}

function isWordsOnly(value: Json): boolean {
  const names = Object.keys(value);
  return names.length > 0 && names.every((name) => name === 'display' || name === 'identifier' || name === 'type');
}

/** Names, addresses and telecoms of before, and what the young person does not want told. */
function isFormer(name: string, item: Json, { rule, today }: Telling): boolean {
  return rule.dropsFormerDetails && formerElements.includes(name) && isFormerDetail(item, today);
}
