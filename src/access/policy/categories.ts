import { inlineLabelsIn, inlineLabelUrl } from '../../fhir/labelled-parts.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Inheritance } from '../../store/categories.ts';
import { bareCode, type Policy } from './compile.ts';

/**
 * What a record is by itself: the bits of its labels, those within it too, and of what the policy's rules say about its codes, its
 * questionnaire and its type. Contained resources count as part of it. What it inherits from other records is added by the store. Pure.
 */
export function categoriesOf(resource: Resource, policy: Policy): bigint {
  let found = policy.types.get(resource.resourceType) ?? 0n;
  for (const { system = '', code = '' } of resource.meta?.security ?? []) {
    found |= policy.labels.get(`${system}|${code}`) ?? 0n;
  }
  found |= ofContent(resource, policy);
  const others = found & ~policy.onlyAlone;
  return others === 0n ? found : others;
}

/** What a record is by itself by any of several policies. */
export function categoriesBy(policies: readonly Policy[]): (resource: Resource) => bigint {
  return (resource) => policies.reduce((found, policy) => found | categoriesOf(resource, policy), 0n);
}

/** From what records inherit by any of several policies. */
export function inheritanceBy(policies: readonly Policy[]): Inheritance {
  const union: Record<string, string[]> = {};
  for (const [type, params] of policies.flatMap(({ document }) => Object.entries(document.inherits)))
    union[type] = [...new Set([...(union[type] ?? []), ...params])];
  return union;
}

/** The bits of a resource's labels alone: what a writer without the privacy role cannot take away. */
export function isSensitiveLabel(policy: Policy, system: string | undefined, code: string | undefined): boolean {
  return policy.labels.has(`${system ?? ''}|${code ?? ''}`);
}

/** Every coding anywhere but in meta, which says something about the record and not about the person. */
function ofContent(value: unknown, policy: Policy): bigint {
  let found = 0n;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') found |= ofContent(item, policy);
    return found;
  }
  if (!isObject(value)) return found;
  const { system, code, questionnaire, url } = value;
  if (typeof system === 'string' && typeof code === 'string') found |= ofCode(system, code, policy);
  if (typeof questionnaire === 'string') found |= ofQuestionnaire(questionnaire, policy);
  if (url === inlineLabelUrl) found |= ofLabel(value.valueCoding, policy);
  for (const name in value) {
    const inner = value[name];
    if (typeof inner !== 'object' || inner === null) continue;
    if (name === 'meta') found |= ofInnerLabels(inner, policy);
    else found |= ofContent(inner, policy);
  }
  return found;
}

/** Labels of the record itself are read by the caller; reading them here as well finds those of contained resources too. */
function ofInnerLabels(meta: object, policy: Policy): bigint {
  const security = 'security' in meta && Array.isArray(meta.security) ? meta.security : [];
  let found = 0n;
  for (const label of [...security, ...inlineLabelsIn(meta)]) found |= ofLabel(label, policy);
  return found;
}

function ofLabel(label: unknown, policy: Policy): bigint {
  if (!isObject(label)) return 0n;
  return policy.labels.get(`${String(label.system ?? '')}|${String(label.code ?? '')}`) ?? 0n;
}

function ofCode(system: string, code: string, policy: Policy): bigint {
  const rules = policy.codes.get(system);
  if (!rules) return 0n;
  let found = rules.single.get(code) ?? 0n;
  if (rules.prefixes.size === 0) return found;
  const bare = bareCode(code);
  for (const { start, bits } of rules.prefixes.get(bare.charAt(0)) ?? []) if (bare.startsWith(start)) found |= bits;
  return found;
}

function ofQuestionnaire(canonical: string, policy: Policy): bigint {
  const url = canonical.split('|', 1)[0] ?? '';
  let found = policy.questionnaires.exact.get(url) ?? 0n;
  for (const { end, bits } of policy.questionnaires.ends) if (url.endsWith(end)) found |= bits;
  return found;
}
