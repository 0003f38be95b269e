import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';

/** The one goal of the child that `focus` names. Of another child's goal no more is said than of one that is not there. */
export async function goalAbout(
  { focus }: { focus?: r4.Reference | readonly r4.Reference[] },
  child: r4.Reference | undefined,
  reader: Reader,
): Promise<(Resource & r4.Goal) | undefined> {
  const ids = [focus ?? []].flat().flatMap((one) => localId(one, 'Goal') ?? []);
  const [id] = ids;
  const goal = id === undefined || ids.length > 1 ? undefined : currentOf(await reader.read('Goal', id));
  const patient = localId(child, 'Patient');
  return isOfType(goal, 'Goal') && patient !== undefined && localId(goal.subject, 'Patient') === patient
    ? goal
    : undefined;
}
