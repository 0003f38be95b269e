import { isOfType } from '../../../fhir/of-type.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Reader } from '../../../store/types.ts';
import { localId } from '../../local-id.ts';
import { roleOf } from '../../program/role-of.ts';
import { functionIn, type StaffFunction, scopeOfWorkUrl } from './effort-of.ts';

const programUrl = `${canonicalBase}/StructureDefinition/care-program`;

/** What somebody is in an episode, as far as it has been said. */
export interface StaffRole {
  function?: StaffFunction;
  /** The activities that are this role's work; undefined: nobody has said. */
  scope?: ReadonlySet<string>;
}

/** By the role that is named, or the one in which the person serves the program of the episode. */
export async function staffRoleOf(reader: Reader, who: string, episode: Resource | undefined): Promise<StaffRole> {
  const extension = isOfType(episode, 'EpisodeOfCare') ? (episode.extension ?? []) : [];
  const program = extension.find(({ url }) => url === programUrl)?.valueReference;
  const role = await roleOf(reader, who, localId(program, 'HealthcareService') ?? '');
  if (role === undefined) return {};
  const does = functionIn(role.code ?? []);
  const scope = scopeOf(role);
  return { ...(does && { function: does }), ...(scope.size > 0 && { scope }) };
}

function scopeOf({ extension = [] }: r4.PractitionerRole): ReadonlySet<string> {
  return new Set(extension.flatMap(({ url, valueCode }) => (url === scopeOfWorkUrl && valueCode ? [valueCode] : [])));
}
