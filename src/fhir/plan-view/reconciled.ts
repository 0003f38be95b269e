import { canonicalBase } from '../shared-plan.ts';
import type { Resource, r4 } from '../types.ts';
import { localReference } from './index-of.ts';

/** On a record of ours: the records it stands for, which somebody found to be the same (decision D19). */
export const reconciledFromUrl = `${canonicalBase}/StructureDefinition/reconciled-from`;

/** `Type/id` of the records that this one stands for. */
export function reconciledFrom(resource: Resource): string[] {
  const extensions: r4.Extension[] = Array.isArray(resource.extension) ? resource.extension : [];
  return extensions
    .filter(({ url }) => url === reconciledFromUrl)
    .map(({ valueReference }) => localReference(valueReference))
    .filter((reference) => reference !== undefined);
}
