import { ofType } from '../of-type.ts';
import type { Resource, r4 } from '../types.ts';
import { compareText, type Index, localReference, referenceOf } from './index-of.ts';
import type { Attribution } from './section-types.ts';
import { dateOf, sourceOf } from './source.ts';
import { isFamily, speakerOf } from './speaker.ts';

/** Who wrote records down, by `Type/id`: what their newest Provenances say. */
export type Writers = ReadonlyMap<string, { who?: r4.Reference; forWhom?: r4.Reference; when: string }>;

/** Identifies this server itself, which every person here writes for: that says nothing. */
const serverSystem = 'urn:ietf:rfc:3986';

export function writersOf(resources: readonly Resource[]): Writers {
  const writers = new Map<string, { who?: r4.Reference; forWhom?: r4.Reference; when: string }>();
  for (const provenance of ofType(resources, 'Provenance').sort((a, b) => compareText(a.recorded, b.recorded))) {
    const author = provenance.agent?.find(({ who }) => who?.reference !== undefined);
    const forWhom = provenance.agent?.find(({ onBehalfOf }) => onBehalfOf && !isServer(onBehalfOf))?.onBehalfOf;
    const said = { ...(author?.who && { who: author.who }), ...(forWhom && { forWhom }), when: provenance.recorded };
    for (const target of provenance.target ?? []) writers.set(localReference(target) ?? '', said);
  }
  return writers;
}

function isServer({ identifier }: r4.Reference): boolean {
  return identifier?.system === serverSystem;
}

/**
 * Who says so, when, and for whom: the speaker a record names (its asserter, requester, the family member whose words they are), the hospital it
 * came from, and, of what was written here, who wrote it and on whose behalf.
 */
export function attributionOf(resource: Resource, index: Index, writers: Writers): Attribution {
  const source = sourceOf(resource, index);
  const written = writers.get(referenceOf(resource));
  const writer = source.kind === 'hospital' ? undefined : index.nameOf(written?.who);
  const speaker = speakerOf(resource);
  const spoken = index.nameOf(speaker);
  const who = source.kind === 'here' && spoken === undefined ? (writer ?? source.label) : source.label;
  const kind = source.kind === 'here' && isFamily(speaker) ? 'family' : source.kind;
  const said: Attribution = { kind, who };
  if (source.site !== undefined) said.site = source.site;
  const when = dateOf(resource) ?? written?.when;
  if (when !== undefined) said.when = when;
  if (writer !== undefined && writer !== who) said.writtenBy = writer;
  const forWhom = index.nameOf(written?.forWhom);
  if (forWhom !== undefined && forWhom !== who && source.kind !== 'hospital') said.forWhom = forWhom;
  return said;
}
