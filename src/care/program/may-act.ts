import { partnerNames } from '../../access/policy/acts-for.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../fhir/types.ts';
import { type Actor, type Reader, seesAll } from '../../store/types.ts';
import { currentOf } from '../stored.ts';
import { dayOf } from './enrollment.ts';
import { allowedOn, type PolicyAct } from './policies.ts';
import { allOf, byReference } from './query.ts';

/**
 * Whether somebody may do this in the program today, as its policies have it. A person may who is named, in a role that is named, or works for an
 * organization that is named; a partner's system as the partner; systems of the house, which stand for all of its people, always.
 */
export async function mayAct(
  reader: Reader,
  actor: Actor,
  service: Resource | undefined,
  act: PolicyAct,
  now: Date,
): Promise<boolean> {
  const today = now.toISOString().slice(0, 10);
  const { who } = allowedOn(service, act, today);
  if (who === 'anybody' || actor.kind === 'system') return true;
  if (actor.kind === 'client') {
    const partner = await partnerNames(reader, actor, now);
    return partner === undefined || who.some((one) => partner.has(one));
  }
  const names = await namesOf(reader, actor.id, today);
  return who.some((one) => names.has(one));
}

/** A person, their roles of today, and for whom they work in these. */
async function namesOf(reader: Reader, person: string, today: string): Promise<ReadonlySet<string>> {
  const [type = '', id = ''] = person.split('/');
  const names = new Set([person]);
  const own = type === 'PractitionerRole' ? currentOf(await reader.read(type, id)) : undefined;
  const all =
    type === 'Practitioner'
      ? await allOf(reader, 'PractitionerRole', [byReference('practitioner', person)], seesAll)
      : undefined;
  for (const role of [...(own ? [own] : []), ...(all?.ok ? all.value : [])]) {
    if (!isOfType(role, 'PractitionerRole') || role.active === false) continue;
    if ((dayOf(role.period?.start) ?? today) > today || (dayOf(role.period?.end) ?? today) < today) continue;
    names.add(`PractitionerRole/${role.id}`);
    const employer = localReference(role.organization);
    if (employer !== undefined) names.add(employer);
  }
  return names;
}
