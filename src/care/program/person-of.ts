import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { roleOf } from './role-of.ts';

export interface Person {
  name?: string;
  phone?: string;
}

/** Name and telephone of a care manager in a program, as far as they are here. The number of the role comes first. */
export async function personOf(reader: Reader, manager: string, programId: string): Promise<Person | undefined> {
  const role = await roleOf(reader, manager, programId);
  const id = localId(role?.practitioner ?? { reference: manager }, 'Practitioner');
  const person = id === undefined ? undefined : currentOf(await reader.read('Practitioner', id));
  return told(role, isOfType(person, 'Practitioner') ? person : undefined);
}

/** The same of resources that are read already. */
export function told(role: r4.PractitionerRole | undefined, person: r4.Practitioner | undefined): Person | undefined {
  if (role === undefined && person === undefined) return undefined;
  const name = nameOf(person) ?? role?.practitioner?.display;
  const phone = phoneOf(role?.telecom) ?? phoneOf(person?.telecom);
  return { ...(name !== undefined && { name }), ...(phone !== undefined && { phone }) };
}

function nameOf(person: (Resource & r4.Practitioner) | r4.Practitioner | undefined): string | undefined {
  const [first] = person?.name ?? [];
  if (first === undefined) return undefined;
  const parts = [...(first.prefix ?? []), ...(first.given ?? []), first.family].filter((part) => part !== undefined);
  return first.text ?? (parts.length > 0 ? parts.join(' ') : undefined);
}

function phoneOf(telecom: readonly r4.ContactPoint[] | undefined): string | undefined {
  return telecom?.find(({ system, value }) => (system === 'phone' || system === 'sms') && value !== undefined)?.value;
}
