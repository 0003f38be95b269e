import { stableId } from '../../base/ids.ts';
import { stringifyJson } from '../../fhir/json.ts';
import type { PlanView } from '../../fhir/plan-view.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

/** A document Bundle, whose first entry is its Composition (FHIR R4, documents.html). */
export type BundleResource = r4.Bundle & Resource;

/** A document as text, all but what its moment changes. */
export interface BundleText {
  bundle: BundleResource;
  composition: Resource;
  /** The entries after the Composition, with the comma before each. */
  rest: string;
}

export function bundleText({ entry = [], ...bundle }: BundleResource): BundleText {
  const [first, ...others] = entry;
  return {
    bundle: bundle as BundleResource,
    composition: first?.resource as Resource,
    rest: others.map((one) => `,${stringifyJson(one)}`).join(''),
  };
}

/** The document at a moment: its date, and what identifies it (a new document at each moment). */
export function datedText({ bundle, composition, rest }: BundleText, view: PlanView, now: Date): string {
  const id = stableId('plan-composition', view.reference, now.toISOString());
  const first = { fullUrl: `urn:uuid:${id}`, resource: { ...composition, id, date: now.toISOString() } };
  const head = stringifyJson({
    ...bundle,
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${stableId('plan-bundle', id)}` },
    timestamp: now.toISOString(),
  });
  return `${head.slice(0, -1)},"entry":[${stringifyJson(first)}${rest}]}`;
}
