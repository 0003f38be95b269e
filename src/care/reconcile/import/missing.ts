import { type CareError, ok, type Result } from '../../../base/errors.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { OperationRequest } from '../../../module.ts';
import type { Converted } from './converted.ts';

export const importedPlanProfile = `${canonicalBase}/StructureDefinition/imported-plan`;

/** The plan as one that says of itself that it meets our profile. */
export function claiming(plan: Resource): Resource {
  return { ...plan, meta: { ...plan.meta, profile: [importedPlanProfile] } };
}

/** What our profile asks for and the plan does not have, in sentences; no element of it is made up. */
export async function missingOf(
  { plan, planUrl }: Pick<Converted, 'plan' | 'planUrl'>,
  request: Pick<OperationRequest, 'check'>,
): Promise<Result<string[]>> {
  const asked = request.check
    ? await request.check({ ...claiming(plan), id: planUrl.slice('urn:uuid:'.length) })
    : ok(undefined);
  if (asked.ok) return ok([]);
  return asked.error.kind === 'unprocessable' ? ok(sentences(asked.error)) : asked;
}

function sentences({ issues }: CareError): string[] {
  return [...new Set(issues.map(({ text, expression = [] }) => [...expression, text].join(': ')))];
}
