import type { Principal } from '../../access/types.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { voiceFor } from '../oneself.ts';
import { currentOf } from '../stored.ts';

const personTypes = '(Patient|RelatedPerson|Practitioner|PractitionerRole|Organization)';
const person = new RegExp(`^${personTypes}/[A-Za-z0-9.-]{1,64}$`);

export const isPerson = (reference: string | undefined): reference is string => person.test(reference ?? '');
export const isFamily = (reference: string | undefined) => /^(Patient|RelatedPerson)\//.test(reference ?? '');
export const isClinician = (reference: string | undefined) => /^Practitioner(Role)?\//.test(reference ?? '');

/** As whom the person behind the caller speaks about this child; a machine is nobody, and so is who is nobody to the child. */
export async function speakerOf(
  { kind, fhirUser }: Principal,
  child: string,
  reader: Reader,
): Promise<string | undefined> {
  return kind === 'user' && fhirUser !== undefined ? voiceFor(fhirUser, child, reader) : undefined;
}

/** A reference with the person's name beside it, so that an opinion keeps its name when the person's record is gone. */
export async function named(reader: Reader, reference: string): Promise<r4.Reference> {
  const [type = '', id = ''] = reference.split('/');
  const name = nameOf(currentOf(await reader.read(type, id)));
  return { reference, ...(name !== undefined && { display: name }) };
}

function nameOf(resource: Resource | undefined): string | undefined {
  if (isOfType(resource, 'Organization')) return resource.name;
  const isHuman =
    isOfType(resource, 'Practitioner') || isOfType(resource, 'RelatedPerson') || isOfType(resource, 'Patient');
  const name = isHuman ? resource.name?.[0] : undefined;
  const text = name?.text ?? [...(name?.given ?? []), name?.family].filter(Boolean).join(' ');
  return text ? text : undefined;
}
