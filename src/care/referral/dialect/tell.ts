import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import { stateOf } from '../canonical-state.ts';
import { fulfillsReferral } from '../states.ts';
import { type Spoken, saysState, told } from './words.ts';

/** HL7 SDOH Clinical Care 3.0.0. */
export const gravityTask =
  'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement';

/** A record as a dialect says it; what is no referral's Task, and one that says two states at once, stays as it is. */
export function tell(dialect: Spoken, resource: Resource): Resource {
  if (!isOfType(resource, 'Task') || !fulfillsReferral(resource)) return resource;
  const state = stateOf(resource);
  if (state === undefined) return resource;
  const words = told(dialect, state);
  const foreign = (resource.businessStatus?.coding ?? []).filter((coding) => !saysState(coding));
  const coding = [...words.coding, ...foreign];
  const text = resource.businessStatus?.text ?? words.text;
  const { businessStatus: _kept, ...rest } = resource;
  const businessStatus = { ...(coding.length > 0 && { coding }), ...(text !== undefined && { text }) };
  const said = {
    ...rest,
    status: words.status,
    ...((coding.length > 0 || text !== undefined) && { businessStatus }),
  };
  return dialect === 'gravity' && isWholeForGravity(resource) ? claiming(said, gravityTask) : said;
}

/** The guide asks for these; without one of them the profile is not claimed. */
function isWholeForGravity({ intent, code, focus, for: child, requester, owner, authoredOn }: r4.Task): boolean {
  return (
    intent === 'order' && [code, focus, child, requester, owner, authoredOn].every((element) => element !== undefined)
  );
}

function claiming<R extends Resource & r4.Task>(task: R, profile: string): R {
  const profiles = task.meta?.profile ?? [];
  return profiles.includes(profile) ? task : { ...task, meta: { ...task.meta, profile: [...profiles, profile] } };
}
