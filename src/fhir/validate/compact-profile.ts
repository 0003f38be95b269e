import type { r4 } from '../types.ts';

const kept =
  /^(id|path|sliceName|slicing|min|max|contentReference|maxLength|isModifier|fixed[A-Z]\w*|pattern[A-Z]\w*|m(?:in|ax)Value\w*)$/;

/** A profile or extension definition as far as validation reads it: without texts, mappings and examples. */
export function compactProfile(profile: r4.StructureDefinition): r4.StructureDefinition {
  const { resourceType, url, version, name, status, abstract, type, kind, baseDefinition, derivation, context } =
    profile;
  const source = profile.snapshot?.element.length ? profile.snapshot : profile.differential;
  const elements = { element: (source?.element ?? []).map(compactElement) };
  const about = { resourceType, url, version, name, status, abstract, type, kind, baseDefinition, derivation, context };
  const defined = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined)) as typeof about;
  return source === profile.differential ? { ...defined, differential: elements } : { ...defined, snapshot: elements };
}

function compactElement(element: r4.ElementDefinition): r4.ElementDefinition {
  const { path, type, binding, constraint } = element;
  const compact: r4.ElementDefinition = {
    ...Object.fromEntries(Object.entries(element).filter(([property]) => kept.test(property))),
    path,
  };
  if (type) compact.type = type.map(({ code, profile, targetProfile }) => ({ code, profile, targetProfile }));
  if (binding) compact.binding = { strength: binding.strength, valueSet: binding.valueSet };
  if (constraint) {
    compact.constraint = constraint
      .filter(({ key }) => key !== 'ele-1')
      .map(({ key, severity, human, expression }) => ({ key, severity, human, expression }));
  }
  return compact;
}
