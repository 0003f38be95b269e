import { isOfType } from '../fhir/of-type.ts';
import type { Actor, Reader } from '../store/types.ts';
import { localId } from './local-id.ts';
import { currentOf } from './stored.ts';

/** True when the reference (`Type/id`) is of the person who writes; a role of a practitioner is the practitioner, and a Person whom it stands for. */
export async function isOneself(who: string, { kind, id }: Actor, reader: Reader): Promise<boolean> {
  if (kind !== 'user') return false;
  if (who === id) return true;
  if (id.startsWith('Person/')) return (await standsFor(id, reader)).includes(who);
  if (!who.startsWith('PractitionerRole/')) return false;
  const role = currentOf(await reader.read('PractitionerRole', who.slice('PractitionerRole/'.length)));
  const practitioner = isOfType(role, 'PractitionerRole') ? localId(role.practitioner, 'Practitioner') : undefined;
  return practitioner !== undefined && id === `Practitioner/${practitioner}`;
}

/**
 * As whom a person speaks about a child: somebody with one account for several children (a Person) is the RelatedPerson of this one. Undefined for a Person who is
 * nobody to this child.
 */
export async function voiceFor(fhirUser: string, child: string, reader: Reader): Promise<string | undefined> {
  if (!fhirUser.startsWith('Person/')) return fhirUser;
  for (const who of await standsFor(fhirUser, reader)) if (await isOfChild(who, child, reader)) return who;
  return undefined;
}

/** A caregiver of the child, or the child; somebody of a clinic is of every child. Undefined when there is nobody of this name. */
export async function isOfChild(who: string, child: string, reader: Reader): Promise<boolean> {
  const [type = '', id = ''] = who.split('/');
  const person = currentOf(await reader.read(type, id));
  if (isOfType(person, 'RelatedPerson')) return localId(person.patient, 'Patient') === child;
  if (isOfType(person, 'Patient')) return person.id === child;
  return person !== undefined;
}

async function standsFor(person: string, reader: Reader): Promise<string[]> {
  const found = currentOf(await reader.read('Person', person.slice('Person/'.length)));
  if (!isOfType(found, 'Person')) return [];
  return (found.link ?? []).flatMap(({ target }) => target?.reference?.split('/_history/')[0] ?? []);
}
