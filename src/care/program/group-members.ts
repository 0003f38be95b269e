import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { localId } from '../local-id.ts';
import { dayAsked, seenTarget } from './ask.ts';
import { attributedTo, belongsOn } from './roster-members.ts';

/** `GET Group/[id]/$members?date=`: who belonged to a Group on a day, with from and until when, and to which practice they were attributed (S0.1). */
export function groupMembersOperation(clock: Clock): Operation {
  return {
    name: 'members',
    definition: `${canonicalBase}/OperationDefinition/members`,
    level: 'instance',
    resourceType: 'Group',
    affectsState: false,
    parameters: ['date'],
    requires: [
      ['Group', 'r'],
      ['Patient', 'rs'],
    ],
    async handle(request) {
      const target = await seenTarget(request, 'Group');
      if (!target.ok) return target;
      const day = dayAsked(request.parameters, 'date', clock.now().toISOString().slice(0, 10));
      if (!day.ok) return day;
      const { resource } = target.value;
      if (!isOfType(resource, 'Group') || resource.actual === false) {
        return fail('unprocessable', 'This Group has no members: it describes a kind of persons.');
      }
      const { store, principal } = request;
      const visibility = visibilityOf(principal, 's');
      const held = (resource.member ?? []).filter((member) => belongsOn(member, day.value));
      const ids = held.map(({ entity }) => localId(entity, 'Patient')).filter((id) => id !== undefined);
      const patients = await store.readMany(ids.map((id) => ({ type: 'Patient', id })));
      const seen = new Set<string>();
      for (const one of patients) if (await store.sees(visibility, one)) seen.add(one.id);
      const shown = held.filter(({ entity }) => seen.has(localId(entity, 'Patient') ?? ''));
      const parameter = shown.map((member) => ({ name: 'member', part: partsOf(member) }));
      return ok({
        resourceType: 'Parameters',
        parameter: [{ name: 'count', valueInteger: shown.length }, ...parameter],
      });
    },
  };
}

function partsOf(member: r4.GroupMember): r4.ParametersParameter[] {
  const practice = attributedTo(member);
  return [
    { name: 'patient', valueReference: { reference: member.entity.reference } },
    ...(member.period === undefined ? [] : [{ name: 'period', valuePeriod: member.period }]),
    ...(practice === undefined ? [] : [{ name: 'attributedTo', valueReference: { reference: practice } }]),
  ];
}
