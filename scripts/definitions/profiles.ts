import type { Terminology } from './required-codes.ts';
import type { Structure } from './structures.ts';
import { listConcepts } from './value-sets.ts';

export interface Profile extends Omit<Structure, 'snapshot'> {
  id: string;
  version?: string;
  derivation?: string;
  baseDefinition?: string;
  context?: object[];
  snapshot?: { element: ProfileElement[] };
  differential?: { element: ProfileElement[] };
}

interface Bound {
  binding?: { strength: string; valueSet?: string };
}

interface ProfileElement extends Bound {
  [property: string]: unknown;
  constraint?: { key: string; severity: string; human: string; expression?: string }[];
  type?: { code: string; profile?: string[]; targetProfile?: string[] }[];
}

const kept =
  /^(id|path|sliceName|slicing|min|max|contentReference|maxLength|isModifier|fixed[A-Z]\w*|pattern[A-Z]\w*|m(?:in|ax)Value\w*)$/;

/** A profile or extension definition without texts, mappings and examples. */
export function compactProfile(profile: Profile): object {
  const { url, version, name, type, kind, baseDefinition, derivation, context } = profile;
  const elements = (profile.snapshot ?? profile.differential)?.element.map(compactElement) ?? [];
  return {
    ...{ resourceType: 'StructureDefinition', url, version, name, type, kind, baseDefinition, derivation, context },
    [profile.snapshot ? 'snapshot' : 'differential']: { element: elements },
  };
}

/** URLs of the profiles of each resource type. */
export function resourceProfiles(profiles: readonly Profile[]): Record<string, string[]> {
  const byType: Record<string, string[]> = {};
  for (const { kind, type, url } of profiles) {
    if (kind !== 'resource') continue;
    byType[type] = [...(byType[type] ?? []), url].sort();
  }
  return byType;
}

function compactElement(element: ProfileElement): object {
  const { type, binding, constraint } = element;
  return {
    ...Object.fromEntries(Object.entries(element).filter(([property]) => kept.test(property))),
    type: type?.map(({ code, profile, targetProfile }) => ({ code, profile, targetProfile })),
    // The other strengths are advice, and not checked.
    binding: /^(required|extensible)$/.test(binding?.strength ?? '')
      ? { strength: binding?.strength, valueSet: binding?.valueSet }
      : undefined,
    constraint: constraint
      ?.filter(({ key }) => key !== 'ele-1')
      .map(({ key, severity, human, expression }) => ({ key, severity, human, expression })),
  };
}

/** Value sets bound as `required` anywhere, as far as they are plain lists: codes by URL and code system. */
export function requiredValueSets(
  structures: readonly (Structure | Profile)[],
  terminology: readonly Terminology[],
): Record<string, Record<string, string[]>> {
  const elements = structures.flatMap((structure): Bound[] => {
    const differential = 'differential' in structure ? structure.differential : undefined;
    return (structure.snapshot ?? differential)?.element ?? [];
  });
  const urls = new Set(
    elements.flatMap(({ binding }) =>
      binding?.strength === 'required' ? [binding.valueSet?.split('|')[0] ?? ''] : [],
    ),
  );
  const byUrl = new Map(terminology.map((resource) => [`${resource.resourceType} ${resource.url}`, resource]));
  const found: Record<string, Record<string, string[]>> = {};
  for (const url of [...urls].sort()) {
    const listed = listConcepts(byUrl, url);
    if (listed) found[url] = Object.fromEntries([...listed].map(([system, codes]) => [system, [...codes].sort()]));
  }
  return found;
}
