import { mirrorSite } from '../mirror.ts';
import { isOfType } from '../of-type.ts';
import { isObject } from '../search/walk-path.ts';
import type { Resource } from '../types.ts';
import { type Index, localReference, referenceOf } from './index-of.ts';
import { isFamily, speakerOf } from './speaker.ts';
import type { Source } from './types.ts';

const ourName = 'Careweave';

/** Where a value comes from: the site of a mirror, the family member who spoke, or the person who wrote it here. */
export function sourceOf(resource: Resource, index: Index): Source {
  const site = mirrorSite(resource) ?? siteOfConverted(resource, index);
  if (site !== undefined) {
    const place = index.siteName(site) ?? index.recordedBy(referenceOf(resource)) ?? site;
    const who = authorOf(resource, index);
    return { kind: 'hospital', site, label: who === undefined ? place : `${who}, ${place}` };
  }
  if (isOfType(resource, 'Goal') && isFamily(resource.expressedBy)) {
    return { kind: 'family', label: index.nameOf(resource.expressedBy) ?? 'Family' };
  }
  const label = authorOf(resource, index) ?? index.recordedBy(referenceOf(resource)) ?? ourName;
  return { kind: 'here', label };
}

/** A Task made from an activity of a hospital's plan says what the hospital said. */
function siteOfConverted(resource: Resource, index: Index): string | undefined {
  if (!isOfType(resource, 'Task')) return undefined;
  for (const basis of resource.basedOn ?? []) {
    const plan = index.get(localReference(basis));
    if (plan?.resourceType === 'CarePlan') return mirrorSite(plan);
  }
  return undefined;
}

function authorOf(resource: Resource, index: Index): string | undefined {
  if (isOfType(resource, 'Condition')) return index.nameOf(resource.asserter ?? resource.recorder);
  if (isOfType(resource, 'ServiceRequest')) return index.nameOf(resource.requester);
  if (isOfType(resource, 'Task')) return index.nameOf(resource.requester);
  if (isOfType(resource, 'Goal')) return index.nameOf(resource.expressedBy);
  if (isOfType(resource, 'CarePlan')) return index.nameOf(resource.author ?? resource.contributor?.[0]);
  return index.nameOf(speakerOf(resource));
}

/** The date stated in the resource; when it was stored here only if it states none. */
export function dateOf(resource: Resource): string | undefined {
  return statedDate(resource) ?? resource.meta?.lastUpdated;
}

function statedDate(resource: Resource): string | undefined {
  if (isOfType(resource, 'Condition')) {
    return resource.recordedDate ?? resource.onsetDateTime ?? resource.onsetPeriod?.start;
  }
  if (isOfType(resource, 'Goal')) return resource.statusDate ?? resource.startDate;
  if (isOfType(resource, 'Task')) return resource.lastModified ?? resource.authoredOn;
  if (isOfType(resource, 'ServiceRequest')) return resource.authoredOn;
  if (isOfType(resource, 'CarePlan')) return resource.created ?? resource.period?.start;
  return dateElements.map((name) => textAt(resource, name)).find((text) => text !== undefined);
}

/** Where records of the other types say when; in this order. */
const dateElements = [
  ...['recordedDate', 'authoredOn', 'dateAsserted', 'recordedOn', 'effectiveDateTime', 'effectivePeriod.start'],
  ...['performedDateTime', 'performedPeriod.start', 'occurrenceDateTime', 'sent', 'dateTime', 'date', 'issued'],
  ...['period.start'],
];

function textAt(resource: Resource, path: string): string | undefined {
  let value: unknown = resource;
  for (const name of path.split('.')) value = isObject(value) ? value[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
