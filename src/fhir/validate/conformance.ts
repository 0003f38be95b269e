import type { Issue } from '../../base/errors.ts';
import { isObject } from '../search/walk-path.ts';
import { isInContext } from './extension-context.ts';
import { checkProfile, type ProfileLookup } from './profile-check.ts';
import type { ProfileRules } from './profile-rules.ts';
import type { Binding } from './schema.ts';
import type { InvariantTask, StructureCheck, Walked } from './structure.ts';
import { meetsBinding, meetsExtensible } from './value-sets.ts';

/**
 * Everything beyond the base structure: the profiles that resources claim in `meta.profile`, those `asked` for of the outer
 * resource, extensions against their definitions, and bindings to value sets. A claimed profile that is not known is a warning
 * (anyone may claim any), an asked one is an error.
 */
export function checkConformance(walked: Walked, asked: readonly string[], lookup: ProfileLookup): StructureCheck {
  const issues: Issue[] = [];
  const invariants: InvariantTask[] = [];
  const take = (check: StructureCheck) => {
    issues.push(...check.issues);
    invariants.push(...check.invariants);
  };
  for (const [at, found] of walked.resources.entries()) {
    const places = at === 0 ? new Map(asked.map((url) => [url, found.path])) : new Map<string, string>();
    for (const [position, url] of claimsOf(found.value).entries()) {
      if (url !== '' && !places.has(url)) places.set(url, `${found.path}.meta.profile[${position}]`);
    }
    for (const [url, path] of places) {
      const rules = lookup.rules(url);
      const problem = unusable(rules, found.value.resourceType);
      const isAsked = at === 0 && asked.includes(url);
      if (problem) issues.push({ ...problem, ...(isAsked ? { severity: 'error' } : {}), expression: [path] });
      if (!rules || problem) continue;
      if (rules.isPartial) issues.push({ ...partly, expression: [path] });
      take(checkProfile(rules, found.value, rules.type, found, lookup));
    }
  }
  for (const { path, value, binding } of walked.bound) {
    const found = bindingIssue(binding, value, lookup);
    if (found) issues.push({ ...found, expression: [path] });
  }
  for (const extension of walked.extensions) take(checkExtension(extension, lookup));
  return { issues, invariants };
}

/** Bindings of the base definitions. Without anyone to ask, what is not listed is passed over. */
function bindingIssue({ valueSet, isRequired }: Binding, value: unknown, lookup: ProfileLookup): Issue | undefined {
  const isMet = isRequired ? meetsBinding : meetsExtensible;
  const answer = isMet(value, valueSet, lookup.inValueSet);
  if (answer === true) return undefined;
  if (answer === undefined) {
    const text = `The value set ${valueSet} is not loaded, or not whole: the code was not checked.`;
    return lookup.isAsked ? { code: 'not-found', severity: 'information', text } : undefined;
  }
  if (isRequired) {
    return { code: 'code-invalid', text: 'FHIR R4 requires a code of a given value set here, and this is none.' };
  }
  const text = `FHIR R4 wants a code of the value set ${valueSet} here, unless none of them applies.`;
  return { code: 'code-invalid', severity: 'warning', text };
}

const partly: Issue = {
  code: 'not-supported',
  severity: 'warning',
  text: 'Parts of this profile are beyond what is checked here.',
};

function claimsOf({ meta }: Record<string, unknown>): string[] {
  const claims = isObject(meta) && Array.isArray(meta.profile) ? meta.profile : [];
  // What is no text is wrong by the base definition; its place in the list has to stay.
  return claims.map((url) => (typeof url === 'string' ? url : ''));
}

function unusable(rules: ProfileRules | undefined, type: unknown): Issue | undefined {
  if (!rules) {
    const text =
      'This profile, or one that it derives from, is not loaded here: the resource was not checked against it.';
    return { code: 'not-found', severity: 'warning', text };
  }
  if (rules.type === type || rules.type === 'Resource' || rules.type === 'DomainResource') return undefined;
  return { code: 'structure', text: `${rules.name} is a profile of another resource type.` };
}

/** An extension whose definition is known stands where that allows and holds what that says. Others may be anything. */
function checkExtension(found: Walked['extensions'][number], lookup: ProfileLookup): StructureCheck {
  const { value, path, owner, isModifier } = found;
  // Inside of an extension, parts have names of their own instead of URLs.
  const rules = typeof value.url === 'string' && value.url.includes(':') ? lookup.rules(value.url) : undefined;
  if (rules?.type !== 'Extension') return { issues: [], invariants: [] };
  const check = checkProfile(rules, value, 'Extension', found, lookup);
  const add = (text: string) => check.issues.push({ code: 'extension', text, expression: [path] });
  if (rules.contexts && !isInContext(rules.url, rules.contexts, owner))
    add(`The extension ${rules.name} must not stand here.`);
  if (rules.isModifier !== isModifier) {
    add(`The extension ${rules.name} belongs into ${rules.isModifier ? 'modifierExtension' : 'extension'}.`);
  }
  return check;
}
