import type { Resource } from '../../fhir/types.ts';
import { readReference } from '../normalize/references.ts';
import { type Shape, shapes, textOf } from '../shape.ts';
import type { Member } from './slice-members.ts';

/** System of the identifier that everything we write to a site carries. */
export const outboxSystem = 'urn:careweave:outbox';

/** True for what a site sends back of our own writing: it is never taken for something new. */
export function isEcho(raw: Resource): boolean {
  const identifiers = [...shapes(raw.identifier), ...shapes(raw.masterIdentifier)];
  return identifiers.some((identifier) => identifier.system === outboxSystem);
}

/**
 * The members that are not of our own making: neither what a site sends back of our writing, nor the Provenance that it recorded of
 * nothing but that. (Each write there leaves one: taken in, it would make every write-back two changes here.)
 */
export function withoutEchoes(members: readonly Member[], baseUrl: string): Member[] {
  const echoes = new Set(members.flatMap(({ raw, ehrId }) => (isEcho(raw) ? [`${raw.resourceType}/${ehrId}`] : [])));
  const isOfEchoes = (raw: Resource) => {
    const targets = raw.resourceType === 'Provenance' ? shapes(raw.target) : [];
    return targets.length > 0 && targets.every((target) => echoes.has(keyOf(target, baseUrl)));
  };
  return members.filter(({ raw }) => !isEcho(raw) && !isOfEchoes(raw));
}

function keyOf({ reference }: Shape, baseUrl: string): string {
  const target = readReference(textOf(reference) ?? '', baseUrl);
  return target ? `${target.type}/${target.ehrId}` : '';
}
