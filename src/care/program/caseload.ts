import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Operation, OperationParameters } from '../../module.ts';
import { seenTarget } from './ask.ts';
import { managerOn, statusOn } from './enrollment.ts';
import { type SeenEnrollment, seenEnrollments } from './seen-enrollments.ts';
import { tiers } from './vocabulary.ts';

/** Minutes that a child of each tier takes in a month; `none`: of children without a tier. */
export type Minutes = ReadonlyMap<string, number>;

/** Children and work of one person, or of a program. */
export interface Load {
  children: number;
  onHold: number;
  /** Of the children who are not on hold. */
  minutes: number;
  byTier: ReadonlyMap<string, number>;
}

/** Adds up. Pure: the calculator of S4.36. */
export function loadOf(enrollments: readonly { tier?: string; status: string }[], minutes: Minutes): Load {
  const byTier = new Map<string, number>();
  let onHold = 0;
  for (const { tier = 'none', status } of enrollments) {
    if (status === 'onhold') onHold += 1;
    else byTier.set(tier, (byTier.get(tier) ?? 0) + 1);
  }
  const children = [...byTier.values()].reduce((sum, count) => sum + count, 0);
  const total = [...byTier].reduce((sum, [tier, count]) => sum + count * (minutes.get(tier) ?? 0), 0);
  return { children, onHold, minutes: total, byTier };
}

/** Full-time equivalents, to two decimals. */
export function fullTime(minutes: number, available: number): number {
  return Math.round((minutes / available) * 100) / 100;
}

/**
 * `GET HealthcareService/[id]/$caseload`: the children of a program by care manager and tier, now, and what they take: given minutes a month for each
 * tier (`minutes`, as `high:240`) and the minutes a full-time manager has (`available`), in full-time equivalents.
 */
export function caseloadOperation(clock: Clock): Operation {
  return {
    name: 'caseload',
    definition: `${canonicalBase}/OperationDefinition/caseload`,
    level: 'instance',
    resourceType: 'HealthcareService',
    affectsState: false,
    parameters: ['minutes', 'available'],
    requires: [
      ['HealthcareService', 'r'],
      ['EpisodeOfCare', 'rs'],
    ],
    async handle(request) {
      const program = await seenTarget(request, 'program');
      if (!program.ok) return program;
      const asked = readAsked(request.parameters);
      if (!asked.ok) return asked;
      const found = await seenEnrollments(request, { programIds: [request.id ?? ''] });
      if (!found.ok) return found;
      const today = clock.now().toISOString().slice(0, 10);
      const running = found.value.flatMap((one) => {
        const status = statusOn(one, today);
        return status === 'active' || status === 'onhold' ? [{ ...one, status }] : [];
      });
      const byManager = Map.groupBy(running, (one: SeenEnrollment) => managerOn(one, today) ?? '');
      const managers = [...byManager].map(([manager, own]) => ({
        name: 'manager',
        part: [
          { name: 'who', valueReference: { reference: manager } },
          ...loadParts(loadOf(own, asked.value.minutes), asked.value),
        ],
      }));
      const whole = loadParts(loadOf(running, asked.value.minutes), asked.value);
      return ok({ resourceType: 'Parameters', parameter: [{ name: 'program', part: whole }, ...managers] });
    },
  };
}

interface Asked {
  minutes: Minutes;
  available?: number;
}

function loadParts(load: Load, { minutes, available }: Asked): r4.ParametersParameter[] {
  return [
    { name: 'children', valueInteger: load.children },
    { name: 'onHold', valueInteger: load.onHold },
    ...[...load.byTier].sort().map(([tier, children]) => ({
      name: 'tier',
      part: [
        { name: 'code', valueCode: tier },
        { name: 'children', valueInteger: children },
      ],
    })),
    ...(minutes.size > 0 ? [{ name: 'minutes', valueDecimal: load.minutes }] : []),
    ...(available !== undefined ? [{ name: 'fullTime', valueDecimal: fullTime(load.minutes, available) }] : []),
  ];
}

function readAsked(parameters: OperationParameters): Result<Asked> {
  const minutes = new Map<string, number>();
  for (const text of parameters.texts('minutes').flatMap((one) => one.split(','))) {
    const [, tier = '', number] = /^([a-z]+):(\d{1,5}(?:\.\d+)?)$/.exec(text) ?? [];
    if (number === undefined || !([...tiers, 'none'] as string[]).includes(tier)) {
      return fail(
        'invalid',
        `minutes has to be a tier (${tiers.join(', ')}, none) and its minutes a month, as high:240.`,
        {
          code: 'value',
        },
      );
    }
    minutes.set(tier, Number(number));
  }
  const text = parameters.text('available');
  if (text === undefined) return ok({ minutes });
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    return fail('invalid', 'available has to be the minutes that a full-time manager has in a month, as 7200.', {
      code: 'value',
    });
  }
  if (minutes.size === 0) return fail('invalid', 'available asks for minutes too.', { code: 'required' });
  return ok({ minutes, available: Number(text) });
}
