import { inlineLabelsIn } from '../../fhir/labelled-parts.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';

/** A member of meta.security, as far as it is read here. */
export interface Label {
  system?: string;
  code?: string;
  extension?: unknown;
}

/** On a label: the instant from which it no longer holds. */
export const expiresUrl = `${canonicalBase}/StructureDefinition/label-expires`;

/** The identity of a label is its system and code (FHIR R4, resource.html#Meta). */
export function labelKey({ system = '', code = '' }: Label): string {
  return `${system}|${code}`;
}

/** The labels of a record, those within it too. */
export function labelsIn(resource: Resource): Label[] {
  return [...(resource.meta?.security ?? []), ...inlineLabelsIn(resource)];
}

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** When a label expires, in milliseconds; never, unless it says so once and in a way that leaves no doubt. */
export function expiryOf({ extension }: Label): number {
  const said = Array.isArray(extension) ? extension.filter((one) => isObject(one) && one.url === expiresUrl) : [];
  const [only] = said;
  const at = said.length === 1 && isObject(only) ? only.valueDateTime : undefined;
  const time = typeof at === 'string' && instant.test(at) ? Date.parse(at) : Number.NaN;
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}
