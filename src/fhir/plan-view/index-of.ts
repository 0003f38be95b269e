import { siteSystem } from '../mirror.ts';
import { isOfType, ofType } from '../of-type.ts';
import { isSharedPlan } from '../shared-plan.ts';
import type { Resource, r4 } from '../types.ts';

/** Everything the view may look up, by `Type/id`. */
export interface Index {
  all: readonly Resource[];
  ofType(type: string): readonly Resource[];
  get(reference: string | undefined): Resource | undefined;
  /** Who recorded a resource, from the newest Provenance that targets it. */
  recordedBy(reference: string): string | undefined;
  /** A readable name of whoever a reference points to. */
  nameOf(reference: r4.Reference | undefined): string | undefined;
  /** Component and hospital plans that list a goal or an activity. */
  plansListing(reference: string): readonly Resource[];
  /** A site's name, when known from `options.sites` or from the Provenance of what it sent. */
  siteName(siteId: string): string | undefined;
}

export function referenceOf(resource: Pick<Resource, 'resourceType' | 'id'>): string {
  return `${resource.resourceType}/${resource.id ?? ''}`;
}

/** `Type/id`, without a version. */
export function localReference(reference: r4.Reference | undefined): string | undefined {
  return reference?.reference?.split('/_history/')[0];
}

export function indexOf(resources: readonly Resource[], sites: ReadonlyMap<string, string>): Index {
  const byReference = new Map(resources.map((resource) => [referenceOf(resource), resource]));
  const recorders = recordersOf(resources);
  const listings = listingsOf(resources);
  const named = siteNamesOf(resources);
  const byType = Map.groupBy(resources, ({ resourceType }) => resourceType);
  const index: Index = {
    all: resources,
    ofType: (type) => byType.get(type) ?? [],
    get: (reference) => (reference === undefined ? undefined : byReference.get(reference.split('/_history/')[0] ?? '')),
    recordedBy: (reference) => recorders.get(reference),
    nameOf: (reference) => {
      const target = index.get(reference?.reference);
      const { system, value } = reference?.identifier ?? {};
      const site = system === siteSystem && value !== undefined ? index.siteName(value) : undefined;
      return (target && displayName(target, index)) ?? site ?? reference?.display ?? value;
    },
    plansListing: (reference) => listings.get(reference) ?? [],
    siteName: (siteId) => sites.get(siteId) ?? named.get(siteId),
  };
  return index;
}

function recordersOf(resources: readonly Resource[]): Map<string, string> {
  const oldestFirst = ofType(resources, 'Provenance').sort((a, b) => compareText(a.recorded, b.recorded));
  const recorders = new Map<string, string>();
  for (const provenance of oldestFirst) {
    const agent = provenance.agent?.find(({ who }) => who?.display !== undefined)?.who?.display;
    if (agent === undefined) continue;
    for (const target of provenance.target ?? []) {
      const reference = localReference(target);
      if (reference !== undefined) recorders.set(reference, agent);
    }
  }
  return recorders;
}

function siteNamesOf(resources: readonly Resource[]): Map<string, string> {
  const agents = ofType(resources, 'Provenance').flatMap(({ agent }) => agent ?? []);
  return new Map(
    agents.flatMap(({ who }): [string, string][] => {
      const { identifier, display } = who ?? {};
      const isSite = identifier?.system === siteSystem && identifier.value !== undefined && display !== undefined;
      return isSite ? [[identifier.value ?? '', display]] : [];
    }),
  );
}

/** The shared plan itself lists everything, so it says nothing about which problem a thing is for. */
function listingsOf(resources: readonly Resource[]): Map<string, Resource[]> {
  const listings = new Map<string, Resource[]>();
  for (const plan of ofType(resources, 'CarePlan')) {
    if (isSharedPlan(plan)) continue;
    const listed = [...(plan.goal ?? []), ...(plan.activity ?? []).map(({ reference }) => reference)];
    for (const reference of listed.map(localReference)) {
      if (reference !== undefined) listings.set(reference, [...(listings.get(reference) ?? []), plan]);
    }
  }
  return listings;
}

function displayName(resource: Resource, index: Index): string | undefined {
  if (isOfType(resource, 'Organization')) return resource.name;
  if (isOfType(resource, 'CareTeam')) return resource.name;
  if (isOfType(resource, 'Device')) return resource.deviceName?.[0]?.name;
  if (isOfType(resource, 'PractitionerRole')) {
    return (
      index.nameOf(resource.practitioner) ?? index.nameOf(resource.organization) ?? conceptText(resource.code?.[0])
    );
  }
  if (isOfType(resource, 'RelatedPerson')) {
    const relation = conceptText(resource.relationship?.[0]);
    const name = humanName(resource.name);
    return name && relation ? `${name} (${relation.toLowerCase()})` : (name ?? relation);
  }
  if (isOfType(resource, 'Patient') || isOfType(resource, 'Practitioner')) return humanName(resource.name);
  return undefined;
}

export function humanName(names: r4.HumanName[] | undefined): string | undefined {
  const name = names?.find(({ use }) => use === 'official' || use === 'usual') ?? names?.[0];
  if (!name) return undefined;
  const joined = [...(name.prefix ?? []), ...(name.given ?? []), name.family].filter(Boolean).join(' ');
  return name.text ?? (joined || undefined);
}

export function conceptText(concept: r4.CodeableConcept | undefined): string | undefined {
  const coding = concept?.coding?.find(({ display }) => display) ?? concept?.coding?.[0];
  return concept?.text ?? coding?.display ?? coding?.code;
}

/** A fixed order in every environment: by code unit, never by the machine's language. */
export function compareText(a: string | undefined, b: string | undefined): number {
  const left = a ?? '';
  const right = b ?? '';
  return left < right ? -1 : left > right ? 1 : 0;
}
