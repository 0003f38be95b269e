import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { currentOf } from '../stored.ts';
import { isCurrent, isPrimaryCare } from './participants.ts';
import { teamId } from './team-content.ts';

/** On a shared plan: why it is active although the child has no primary care clinician, in a person's words. */
export const noPrimaryCareUrl = `${canonicalBase}/StructureDefinition/no-primary-care-reason`;

/**
 * Who the child's primary care clinicians are: whoever the care team names in that role now, else whom the Patient names. References; empty when
 * nobody is known.
 */
export function primaryCareOf(patient: Resource | undefined, team: Resource | undefined): r4.Reference[] {
  if (isOfType(team, 'CareTeam') && !isMirror(team) && (team.status ?? 'active') === 'active') {
    const named = (team.participant ?? []).filter((one) => isPrimaryCare(one) && isCurrent(one));
    const members = named.flatMap(({ member }) => (member === undefined ? [] : [member]));
    if (members.length > 0) return members;
  }
  return isOfType(patient, 'Patient') ? (patient.generalPractitioner ?? []) : [];
}

/** The same, read. Undefined when the child is not here. */
export async function readPrimaryCare(reader: Reader, patientId: string): Promise<r4.Reference[] | undefined> {
  const patient = currentOf(await reader.read('Patient', patientId));
  if (patient === undefined) return undefined;
  return primaryCareOf(patient, currentOf(await reader.read('CareTeam', teamId(patientId))));
}

/** What a plan that Careweave composes says of itself when nobody is known: nobody decided it, and everybody who opens the plan sees it. */
const nobodyKnown = 'Composed without one: no primary care clinician is known.';

/**
 * The extensions of a composed plan: says that no primary care clinician is known, until one is; a person's own reason stays as it is. Pure; the
 * same list when there is nothing to change.
 */
export function withPrimaryCareNote(
  extension: readonly r4.Extension[] | undefined,
  clinicians: readonly r4.Reference[],
): readonly r4.Extension[] | undefined {
  const isOurs = ({ url, valueString }: r4.Extension) => url === noPrimaryCareUrl && valueString === nobodyKnown;
  if (clinicians.length === 0) {
    if (extension?.some(({ url }) => url === noPrimaryCareUrl)) return extension;
    return [...(extension ?? []), { url: noPrimaryCareUrl, valueString: nobodyKnown }];
  }
  return extension?.some(isOurs) ? extension.filter((one) => !isOurs(one)) : extension;
}
