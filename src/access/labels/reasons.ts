import { inlineLabelsIn } from '../../fhir/labelled-parts.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { categoriesOf } from '../policy/categories.ts';
import type { Policy } from '../policy/compile.ts';

/** Why a record is of a category by itself. */
export interface Reason {
  category: string;
  by: 'its label' | 'a label within it' | 'a code in it' | 'its questionnaire' | 'its type';
  label?: r4.Coding;
}

/** Every reason once. Asks the rules themselves about each part, so that it cannot say otherwise than they decide. */
export function reasonsOf(resource: Resource, policy: Policy): Reason[] {
  const found: Reason[] = [];
  const add = (bits: bigint, by: Reason['by'], label?: r4.Coding) => {
    for (const { name } of policy.document.categories) {
      if ((bits & (policy.bits.get(name) ?? 0n)) === 0n) continue;
      if (label || !found.some((one) => one.category === name && one.by === by))
        found.push({ category: name, by, ...(label && { label }) });
    }
  };
  const ofPart = (part: object) => categoriesOf({ resourceType: 'Basic', ...part }, policy);
  for (const label of resource.meta?.security ?? []) add(ofPart({ meta: { security: [label] } }), 'its label', label);
  for (const label of inlineLabelsIn(resource))
    add(ofPart({ meta: { security: [label] } }), 'a label within it', label);
  add(policy.types.get(resource.resourceType) ?? 0n, 'its type');
  eachPart({ ...resource, meta: undefined }, (part) => {
    const { system, code, questionnaire } = part;
    if (typeof system === 'string' && typeof code === 'string')
      add(ofPart({ code: { coding: [{ system, code }] } }), 'a code in it');
    if (typeof questionnaire === 'string') add(ofPart({ questionnaire }), 'its questionnaire');
  });
  return found;
}

function eachPart(value: unknown, visit: (part: Record<string, unknown>) => void): void {
  if (Array.isArray(value)) for (const item of value) eachPart(item, visit);
  else if (isObject(value) && !JSON.isRawJSON(value)) {
    visit(value);
    for (const inner of Object.values(value)) eachPart(inner, visit);
  }
}
