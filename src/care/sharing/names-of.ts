import { isOfType } from '../../fhir/of-type.ts';
import type { Reader } from '../../store/types.ts';
import { currentOf } from '../stored.ts';

/** Somebody of a family, and whom a Person stands for: one record for each child. */
export async function namesOf(reader: Reader, fhirUser: string): Promise<ReadonlySet<string>> {
  const [type = '', id = ''] = fhirUser.split('/');
  const person = type === 'Person' ? currentOf(await reader.read('Person', id)) : undefined;
  const links = isOfType(person, 'Person') && person.active !== false ? (person.link ?? []) : [];
  return new Set([fhirUser, ...links.flatMap(({ target }) => target.reference ?? [])]);
}
