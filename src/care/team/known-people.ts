import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { currentOf } from '../stored.ts';

/** Whoever works for the house or a partner: that there is such a record is a secret to nobody, so a refusal tells nothing. */
const directory = /^(HealthcareService|Organization|Practitioner|PractitionerRole)\/[A-Za-z0-9.-]{1,64}$/;

/** False for somebody of the directory who never was here, or is here no more. Others are judged by rules of their own. */
export async function isKnown(reader: Pick<Reader, 'read'>, reference: string): Promise<boolean> {
  if (!directory.test(reference)) return true;
  const [type = '', id = ''] = reference.split('/');
  return currentOf(await reader.read(type, id)) !== undefined;
}

/** To whom a Task may be given that the house makes by itself; undefined: to nobody, and the work queue says so. */
export async function whoIsHere(
  reader: Pick<Reader, 'read'>,
  who: r4.Reference | undefined,
): Promise<r4.Reference | undefined> {
  const reference = localReference(who);
  return reference === undefined || (await isKnown(reader, reference)) ? who : undefined;
}
