import { limits } from '../base/limits.ts';
import { stringifyJson } from '../fhir/json.ts';
import { inlineLabelUrl, withoutParts } from '../fhir/labelled-parts.ts';
import type { Resource, r4 } from '../fhir/types.ts';
import { ownCategories } from './categories.ts';
import { parseContent } from './content.ts';
import type { StoreParts } from './parts.ts';
import type { Query } from './rows.ts';
import type { Partly, Stored, Visibility } from './types.ts';
import { grantsOn, visibleSql } from './visibility.ts';

const observationValue = 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue';

/**
 * A record as a visibility that shows it, perhaps in part, lets it be told: without those of its labelled parts that are hidden. A part is told
 * when the record would be shown if it were of the part's categories as well. The same object when nothing is taken out.
 */
export async function toldInPart(
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  stored: Stored,
): Promise<Stored> {
  if (visibility.kind === 'all' || !visibility.partly?.types.has(stored.type)) return stored;
  if (stored.deleted || !stored.json.includes(inlineLabelUrl)) return stored;
  const resource = parseContent(stored.json);
  const bitsOf = partBits(parts, resource);
  const told = new Map<bigint, boolean>();
  withoutParts(resource, (part) => {
    told.set(bitsOf(part), false);
    return false;
  });
  for (const bits of told.keys())
    told.set(
      bits,
      await isTold(query, parts, visibility, stored, { bits, isAsked: told.size <= limits.access.partsAsked }),
    );
  const gone: bigint[] = [];
  const left = withoutParts(resource, (part) => {
    const bits = bitsOf(part);
    if (told.get(bits)) return false;
    gone.push(bits);
    return true;
  });
  return left === resource ? stored : { ...stored, json: stringifyJson(marked(left, gone, visibility.partly)) };
}

/** The categories of a part. What the record has by its parts, and none of them has by itself, is counted to each. */
function partBits({ categorize }: StoreParts, resource: Resource): (part: object) => bigint {
  const { own, rest } = ownCategories(categorize, resource);
  const by = (part: object) => categorize?.({ resourceType: 'Basic', part }) ?? 0n;
  let known = rest;
  withoutParts(resource, (part) => {
    known |= by(part);
    return false;
  });
  return (part) => by(part) | (own & ~known);
}

/** `isAsked`: the database may be asked which of the grants show the record. */
async function isTold(
  query: Query,
  parts: StoreParts,
  visibility: Extract<Visibility, { kind: 'limited' }>,
  { type, id, version }: Stored,
  { bits, isAsked }: { bits: bigint; isAsked: boolean },
): Promise<boolean> {
  const shows = ({ hides = 0n }: { hides?: bigint }) => (hides & bits) === 0n;
  const all = grantsOn(parts.definitions, visibility.grants, type);
  // The record is shown by one of them.
  if (all.every(shows)) return true;
  if (!isAsked || !all.some(shows)) return false;
  const values: unknown[] = [type, id, version];
  const left = { ...visibility, grants: visibility.grants.filter(shows) };
  const visible = visibleSql(parts.definitions, left, type, (value, as) => `$${values.push(value)}::${as}`);
  if (typeof visible !== 'string') return visible === undefined;
  const text = `SELECT 1 FROM resource r WHERE r.type = $1 AND r.id = $2 AND r.version = $3 AND ${visible}`;
  return (await query(text, values, parts.shapeName?.(text))).length > 0;
}

/** Says of a record that something was taken out, as far as its reader may know. */
function marked(resource: Resource, gone: readonly bigint[], { marksSubsetted, letsKnow }: Partly): Resource {
  if (!marksSubsetted) return resource;
  const { tag = [], security = [], ...meta } = resource.meta ?? {};
  const says = (code: string): r4.Coding => ({ system: observationValue, code });
  const isKnown = gone.some((bits) => bits !== 0n && (bits & ~letsKnow) === 0n);
  const labels = isKnown ? [...security, says('REDACTED')] : security;
  return {
    ...resource,
    meta: { ...meta, ...(labels.length > 0 && { security: labels }), tag: [...tag, says('SUBSETTED')] },
  };
}
