import type { WhoIsWho } from '../../access/policy/who-decides.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { currentOf, resourceOf } from '../stored.ts';

/** What of a child decides who may share and with whom; undefined for a child that is not here. All of it, whoever asks: it is not told. */
export interface ChildRecords extends WhoIsWho {
  id: string;
  birthDate?: unknown;
}

export async function childRecords(reader: Reader, id: string): Promise<ChildRecords | undefined> {
  const patient = currentOf(await reader.read('Patient', id));
  if (!patient) return undefined;
  const found = await reader.recordsOf([id], ['RelatedPerson', 'Consent', 'Flag']);
  const all = found.map(({ stored }) => resourceOf(stored));
  const of = (type: string): Resource[] => all.filter(({ resourceType }) => resourceType === type);
  return {
    id,
    patient,
    birthDate: patient.birthDate,
    relatedPersons: of('RelatedPerson'),
    consents: of('Consent'),
    flags: of('Flag'),
  };
}
