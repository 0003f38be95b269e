import { stableId } from '../../base/ids.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

/** One resource that a response was made into. */
export interface Extracted {
  /** `urn:uuid:…`, the same whenever this is extracted from this response. */
  fullUrl: string;
  resource: Resource;
  request: r4.BundleEntryRequest;
}

export const extractedSystem = `${canonicalBase}/extracted`;

/** What makes two extractions of one response give the same resources. A response that is not kept here yet is known by its content. */
export function responseKey(response: r4.QuestionnaireResponse): string {
  return response.id ?? stableId('response', stringifyJson(response));
}

/** The id that the resource has where the server keeps it by itself, e.g. `extractedId('r1', 'observation', 'food/risk')`. */
export function extractedId(responseId: string, ...parts: string[]): string {
  return stableId('extracted', responseId, ...parts);
}

/** The labels of the response stand on all that is made of it. */
export function withLabels(resource: Resource, { meta }: r4.QuestionnaireResponse): Resource {
  const labels = meta?.security ?? [];
  if (labels.length === 0) return resource;
  const own = resource.meta?.security ?? [];
  const missing = labels.filter(({ system, code }) => !own.some((one) => one.system === system && one.code === code));
  return { ...resource, meta: { ...resource.meta, security: [...own, ...missing] } };
}
