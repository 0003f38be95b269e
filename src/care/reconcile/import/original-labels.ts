import { categoriesBy } from '../../../access/policy/categories.ts';
import type { Policy } from '../../../access/policy/compile.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { LegacyPlan } from './legacy-plan.ts';

const confidentialitySystem = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/**
 * How the original of a plan is labelled: by all that the policy's rules say of what was read of it, so that it is told to nobody who is not told each line. Where
 * something in it was not read, or there is no policy, nobody knows what it says, and it is restricted: families are told what was taken over.
 */
export function originalLabels(legacy: LegacyPlan, policy: Policy | undefined): r4.Coding[] {
  const { confidentiality, isWhole, plan, records } = legacy;
  if (confidentiality.includes('V')) return [{ system: confidentialitySystem, code: 'V' }];
  const restricted = [{ system: confidentialitySystem, code: 'R' }];
  if (!policy || !isWhole || confidentiality.length > 0) return restricted;
  const categorize = categoriesBy([policy]);
  const resources: Resource[] = [plan, ...records.map(({ resource }) => resource)];
  let open = resources.reduce((found, resource) => found | categorize(resource), 0n);
  const labels: r4.Coding[] = [];
  for (const [name, bits] of policy.labels) {
    if ((bits & open) === 0n || name.endsWith('|')) continue;
    const at = name.lastIndexOf('|');
    labels.push({ system: name.slice(0, at), code: name.slice(at + 1) });
    open &= ~bits;
  }
  // A category that no label says.
  return open === 0n ? labels : restricted;
}
