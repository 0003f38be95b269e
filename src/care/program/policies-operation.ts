import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation } from '../../module.ts';
import { asOf } from './as-of.ts';
import { dayAsked, seenTarget } from './ask.ts';
import { allowedOn, policyActs } from './policies.ts';
import { modelOf } from './program-facts.ts';
import { programPolicyUrl } from './vocabulary.ts';

/**
 * `GET HealthcareService/[id]/$policies?date=`: who may enroll, edit the core and see costs in a program on a day, and by which model it works (D12). What
 * has a period is answered by it, everything else by what was written down on that day.
 */
export function policiesOperation(clock: Clock): Operation {
  return {
    name: 'policies',
    definition: `${canonicalBase}/OperationDefinition/policies`,
    level: 'instance',
    resourceType: 'HealthcareService',
    affectsState: false,
    parameters: ['date'],
    requires: [['HealthcareService', 'r']],
    async handle(request) {
      const target = await seenTarget(request, 'program');
      if (!target.ok) return target;
      const day = dayAsked(request.parameters, 'date', clock.now().toISOString().slice(0, 10));
      if (!day.ok) return day;
      const then = await asOf(request, `HealthcareService/${request.id}`, day.value);
      const program = written(then, target.value.resource);
      const model = modelOf(then);
      const parameter: r4.ParametersParameter[] = [
        { name: 'date', valueDate: day.value },
        ...(model ? [{ name: 'model', valueCode: model }] : []),
      ];
      for (const act of policyActs) {
        const { who, isDefault } = allowedOn(program, act, day.value);
        const named = who === 'anybody' ? [] : who.map((reference) => ({ name: 'who', valueReference: { reference } }));
        const basis = { name: 'stated', valueBoolean: !isDefault };
        const part = [{ name: 'act', valueCode: act }, basis, { name: 'anybody', valueBoolean: who === 'anybody' }];
        parameter.push({ name: 'policy', part: [...part, ...named] });
      }
      return ok({ resourceType: 'Parameters', parameter });
    },
  };
}

/** The program of that day, with what was said later of periods. */
function written(then: Resource | undefined, now: Resource): Resource | undefined {
  if (!isOfType(then, 'HealthcareService') || !isOfType(now, 'HealthcareService')) return then;
  const hasPeriod = ({ extension = [] }: r4.Extension) => extension.some(({ url }) => url === 'period');
  const others = (then.extension ?? []).filter((one) => one.url !== programPolicyUrl || !hasPeriod(one));
  const dated = (now.extension ?? []).filter((one) => one.url === programPolicyUrl && hasPeriod(one));
  return { ...then, extension: [...others, ...dated] };
}
