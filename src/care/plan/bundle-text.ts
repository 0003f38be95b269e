import { stableId } from '../../base/ids.ts';
import { stringifyJson } from '../../fhir/json.ts';
import type { PlanView } from '../../fhir/plan-view.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Written } from '../../module.ts';

/** A document Bundle, whose first entry is its Composition (FHIR R4, documents.html). */
export type BundleResource = r4.Bundle & Resource;

/** A document as it is sent, all but what its moment changes. */
export interface BundleText {
  bundle: BundleResource;
  /** What follows the Composition's date: the rest of it, and the entries after it. */
  rest: Written;
}

export function bundleText({ entry = [], ...bundle }: BundleResource): BundleText {
  const [first, ...others] = entry;
  const { resourceType: _type, id: _id, date: _date, ...composition } = { ...first?.resource } as Resource;
  const json = `${stringifyJson(composition).slice(1)}${['}', ...others.map((one) => stringifyJson(one))].join(',')}]}`;
  return { bundle: bundle as BundleResource, rest: { json, bytes: Buffer.from(json) } };
}

/** The document at a moment: its date, and what identifies it (a new document at each moment). */
export function datedText({ bundle, rest }: BundleText, view: PlanView, now: Date): Written {
  const id = stableId('plan-composition', view.reference, now.toISOString());
  const composition = stringifyJson({ resourceType: 'Composition', id, date: now.toISOString() });
  const whole = stringifyJson({
    ...bundle,
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${stableId('plan-bundle', id)}` },
    timestamp: now.toISOString(),
  });
  const head = `${whole.slice(0, -1)},"entry":[{"fullUrl":"urn:uuid:${id}","resource":${composition.slice(0, -1)},`;
  return { json: head + rest.json, bytes: Buffer.concat([Buffer.from(head), rest.bytes]) };
}
