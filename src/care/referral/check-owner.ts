import { ok, type Result } from '../../base/errors.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { type Reader, seesAll } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { foundBy, where } from '../found.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-sent-is-fixed';
const rolesMax = 50;

/**
 * Who was asked may pass a referral on to a colleague, and not to another organization: whoever sent it has not agreed to that one being told (decision
 * D9). Somebody else is asked by a new Task ($reroute).
 */
export const concludeOwner = concludeWritten(rule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task') || !isOfType(before, 'Task')) return ok(undefined);
  if (!fulfillsReferral(before) || before.status === 'draft' || after.status === 'entered-in-error')
    return ok(undefined);
  const [was, is] = [before.owner?.reference, after.owner?.reference];
  if (was === undefined || was === is) return ok(undefined);
  const organizations = await behind(was, tx);
  if (!organizations.ok) return organizations;
  const others = is === undefined ? ok(new Set<string>()) : await behind(is, tx);
  if (!others.ok) return others;
  if ([...organizations.value].some((one) => others.value.has(one))) return ok(undefined);
  const text =
    'After a referral is sent its owner changes within one organization only. Somebody else is asked by a new Task ($reroute).';
  return refuse(rule, text, 'Task.owner');
});

/** The organizations that an owner is, or works for now. */
export async function behind(reference: string, reader: Reader): Promise<Result<Set<string>>> {
  const [type = '', id = ''] = reference.split('/');
  if (type === 'Organization') return ok(new Set([reference]));
  const found = await named(type, id, reader);
  return found.ok ? ok(new Set(found.value.flatMap((one) => one?.reference ?? []))) : found;
}

async function named(type: string, id: string, reader: Reader): Promise<Result<(r4.Reference | undefined)[]>> {
  if (type === 'Practitioner') {
    const filters = [where('PractitionerRole', 'practitioner', 'reference', { kind: 'reference', type, id })];
    const roles = await foundBy(reader, { type: 'PractitionerRole', filters, count: rolesMax }, seesAll);
    return roles.ok
      ? ok(
          ofType(roles.value.resources, 'PractitionerRole').flatMap(({ active, organization }) =>
            active === false ? [] : [organization],
          ),
        )
      : roles;
  }
  const owner = currentOf(await reader.read(type, id));
  if (isOfType(owner, 'PractitionerRole')) return ok([owner.organization]);
  if (isOfType(owner, 'HealthcareService')) return ok([owner.providedBy]);
  return ok(isOfType(owner, 'CareTeam') ? (owner.managingOrganization ?? []) : []);
}
