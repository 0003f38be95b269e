import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { allOf, byReference } from './query.ts';

export type Role = Resource & r4.PractitionerRole;

/**
 * In which role a care manager serves a program: the role that an enrollment names, else the one by which the person it names serves this program.
 * Undefined when there is none, or several and nobody could say which.
 */
export async function roleOf(reader: Reader, manager: string, programId: string): Promise<Role | undefined> {
  const roleId = localId({ reference: manager }, 'PractitionerRole');
  if (roleId !== undefined) {
    const named = currentOf(await reader.read('PractitionerRole', roleId));
    return isOfType(named, 'PractitionerRole') ? named : undefined;
  }
  if (!manager.startsWith('Practitioner/')) return undefined;
  const found = await allOf(reader, 'PractitionerRole', [byReference('practitioner', manager)], seesAll);
  if (!found.ok) return undefined;
  const serving = found.value.filter(
    (one): one is Role =>
      isOfType(one, 'PractitionerRole') &&
      one.active !== false &&
      (one.healthcareService ?? []).some((service) => localId(service, 'HealthcareService') === programId),
  );
  return serving.length === 1 ? serving[0] : undefined;
}
