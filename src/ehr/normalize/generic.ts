import { mirrorSource } from '../../fhir/mirror.ts';
import type { Resource } from '../../fhir/types.ts';
import { isShape, type Shape, shapes, textOf } from '../shape.ts';
import { repeatsIdentifier } from './identifier-types.ts';
import { type EhrRef, mapShapes, readReference } from './references.ts';

export interface NormalizeContext {
  siteId: string;
  baseUrl: string;
  /** Our own FHIR base: a site that names resources by it speaks of records that are not its own. */
  ourBase: string;
  /** Our id for the resource at hand. */
  id: string;
  /** `Type/id` of ours for a resource of the site; undefined when we do not hold it. */
  resolve(target: EhrRef): string | undefined;
  /** For a Patient: what other sites call the same child, as identifiers to keep. */
  otherIdentifiers?: readonly Shape[];
}

/** The identifier that says how a site calls a resource (system: `<base>/<Type>`). */
export function siteIdentifier(baseUrl: string, target: EhrRef): Shape {
  return { use: 'secondary', system: `${baseUrl}/${target.type}`, value: target.ehrId };
}

/**
 * A site's resource in our form, as a pure function: our id, references through the crosswalk, the site's id as an identifier,
 * `meta.source`. The site's meta.versionId and meta.lastUpdated stay in the raw body only. Nothing else is changed or dropped.
 */
export function normalize(raw: Resource, context: NormalizeContext): Resource {
  const ehrId = textOf(raw.id) ?? '';
  const { meta, ...content } = raw;
  const mapped = mapShapes(content, (shape) => localAttachment(localReference(shape, context), context));
  const { versionId: _version, lastUpdated: _moment, ...kept } = meta ?? {};
  const normalized: Resource = {
    ...(isShape(mapped) ? mapped : {}),
    resourceType: raw.resourceType,
    id: context.id,
    meta: { ...kept, source: mirrorSource(context.siteId, raw.resourceType, ehrId) },
  };
  if (repeatsIdentifier.has(raw.resourceType)) {
    const own = siteIdentifier(context.baseUrl, { type: raw.resourceType, ehrId });
    normalized.identifier = [...shapes(normalized.identifier), own, ...(context.otherIdentifiers ?? [])];
  }
  return normalized;
}

/**
 * A reference to a resource of the site becomes a local one, or, when we do not hold the target, a logical one: the site's
 * name for it as identifier, display kept (FHIR R4, references: Reference.identifier). It never dangles.
 */
function localReference(shape: Shape, context: NormalizeContext): Shape {
  const reference = textOf(shape.reference);
  if (reference === undefined) return shape;
  const { reference: _site, ...rest } = shape;
  // A urn outside its bundle leads nowhere; as an identifier it still says what the site meant.
  if (/^urn:(uuid|oid):/i.test(reference)) {
    return { identifier: { system: 'urn:ietf:rfc:3986', value: reference }, ...rest };
  }
  const target = readReference(reference, context.baseUrl);
  if (target === undefined) return withoutOurs(shape, reference, context.ourBase);
  const ours = context.resolve(target);
  if (ours !== undefined) return { reference: ours, ...rest };
  const { use: _use, ...identifier } = siteIdentifier(context.baseUrl, target);
  return { type: target.type, identifier, ...rest };
}

/**
 * A site links what it sends to its own resources only. By an address of ours it could put a record into the chart of a child
 * that it does not treat, so such a reference becomes a logical one; any other server's stays as it is.
 */
function withoutOurs(shape: Shape, reference: string, ourBase: string): Shape {
  const ours = reference.startsWith(`${ourBase}/`) ? readReference(reference, ourBase) : undefined;
  if (ours === undefined) return shape;
  const { reference: _ours, ...rest } = shape;
  return { type: ours.type, identifier: { system: `${ourBase}/${ours.type}`, value: ours.ehrId }, ...rest };
}

/** An attachment's relative url is relative to the site: made absolute, since `Binary/…` would mean one of ours here. */
function localAttachment(shape: Shape, context: NormalizeContext): Shape {
  const url = textOf(shape.url);
  if (url === undefined || !/^Binary\/[A-Za-z0-9\-.]{1,64}$/.test(url)) return shape;
  return { ...shape, url: `${context.baseUrl}/${url}` };
}
