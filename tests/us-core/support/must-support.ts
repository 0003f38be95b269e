/**
 * Which of a profile's must-support elements, slices, datatypes and reference targets are shown by at least one of the resources. Reads the
 * published snapshot by itself; knows of slices what US Core's profiles use: patterns, fixed children, a choice's type, an extension's URL.
 */
type Json = any;

/** Names of what no resource shows; empty when all is there. */
export function notShown(profile: Json, resources: readonly Json[]): string[] {
  const elements: Json[] = profile.snapshot.element;
  const missing: string[] = [];
  for (const element of elements.filter(({ mustSupport }) => mustSupport === true)) {
    const found = resources.flatMap((resource) => valuesAt(elements, element.id, resource));
    if (found.length === 0) missing.push(element.id);
    for (const type of element.type ?? []) {
      if (marked(type) && !found.some(({ key }) => isOfType(key, element.path, type.code)))
        missing.push(`${element.id} as ${type.code}`);
      for (const [at, target] of (type.targetProfile ?? []).entries()) {
        const isAsked = marked(type._targetProfile?.[at]) || type.targetProfile.length === 1;
        if (isAsked && !found.some(({ value }) => pointsAt(value, target))) missing.push(`${element.id} to ${target}`);
      }
    }
  }
  return missing;
}

/** US Core marks the types and targets that count with an extension. */
function marked(type: Json): boolean {
  return (type?.extension ?? []).some(
    ({ url, valueBoolean }: Json) => url.endsWith('type-must-support') && valueBoolean,
  );
}

interface Found {
  /** The JSON property that holds it, e.g. `valueQuantity`. */
  key: string;
  value: Json;
}

/** The values at an element id such as `Observation.component:systolic.value[x].code`. */
function valuesAt(elements: readonly Json[], id: string, resource: Json): Found[] {
  let found: Found[] = [{ key: '', value: resource }];
  const steps = id.split('.').slice(1);
  for (const [at, step] of steps.entries()) {
    const [name = '', slice] = step.split(':');
    const stepId = [id.split('.')[0], ...steps.slice(0, at + 1)].join('.');
    found = found.flatMap(({ value }) => childrenOf(value, name));
    if (slice !== undefined) found = found.filter((one) => isInSlice(elements, stepId, slice, one));
  }
  return found;
}

function childrenOf(value: Json, name: string): Found[] {
  if (typeof value !== 'object' || value === null) return [];
  const isChoice = name.endsWith('[x]');
  const stem = name.replace('[x]', '');
  const keys = Object.keys(value).filter((key) => (isChoice ? key.startsWith(stem) && key !== stem : key === name));
  return keys.flatMap((key) => [value[key]].flat().map((child: Json) => ({ key, value: child })));
}

function isInSlice(elements: readonly Json[], sliceId: string, slice: string, { key, value }: Found): boolean {
  if (key === slice) return true;
  if (sliceId.includes('[x]:')) return false;
  if (key === 'extension') {
    const url = elements.find(({ id }) => id === `${sliceId}.url`)?.fixedUri;
    return value.url === (url ?? elements.find(({ id }) => id === sliceId)?.type?.[0]?.profile?.[0] ?? slice);
  }
  // What is fixed at or below the slice has to be there; a slice that only has a value set takes anything.
  const fixed = elements.filter(({ id }) => id === sliceId || id.startsWith(`${sliceId}.`));
  return fixed.every((element) => {
    const expected = Object.entries(element).find(([name]) => /^(fixed|pattern)/.test(name))?.[1];
    if (expected === undefined) return true;
    const inner = element.id.slice(sliceId.length + 1);
    const values = inner === '' ? [value] : below(value, inner.split('.'));
    return (values.length === 0 && inner.includes('value[x]')) || values.some((one) => contains(one, expected));
  });
}

function below(value: Json, names: readonly string[]): Json[] {
  let found: Json[] = [value];
  for (const name of names) found = found.flatMap((one: Json) => childrenOf(one, name).map((child) => child.value));
  return found;
}

/** Everything that the pattern says, the value says. */
function contains(value: Json, pattern: Json): boolean {
  if (Array.isArray(pattern))
    return pattern.every((one) => [value].flat().some((candidate) => contains(candidate, one)));
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  return Object.entries(pattern).every(([name, inner]) => contains(value?.[name], inner));
}

function isOfType(key: string, path: string, type: string): boolean {
  if (!path.endsWith('[x]')) return true;
  const stem = path.split('.').at(-1)?.replace('[x]', '') ?? '';
  return key === `${stem}${type.charAt(0).toUpperCase()}${type.slice(1)}`;
}

/** By the resource type at the end of the profile's name, as US Core names its profiles. */
function pointsAt(value: Json, profile: string): boolean {
  const name = profile.split('/').at(-1)?.replace('us-core-', '').toLowerCase() ?? '';
  return typeof value?.reference === 'string' && value.reference.split('/')[0].toLowerCase() === name;
}
