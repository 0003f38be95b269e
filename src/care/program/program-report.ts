import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { localId } from '../local-id.ts';
import { resourceOf } from '../stored.ts';
import { dayAsked, seenTarget } from './ask.ts';
import { isConfirmed, isHandOff } from './hand-off.ts';
import { type IntegrationLevel, integrationLevels } from './program-facts.ts';
import { type SeenEnrollment, seenEnrollments } from './seen-enrollments.ts';

interface Stretch {
  level?: string;
  start: string;
  end: string;
}

const dayMs = 24 * 3_600_000;
const dayAfter = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
const dayBefore = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) - dayMs).toISOString().slice(0, 10);

/**
 * The days from `start` to `end` in stretches of one integration level each; days without one are a stretch of their own. Pure. Where two levels are
 * said for one day, the later one holds.
 */
export function stretchesOf(levels: readonly IntegrationLevel[], start: string, end: string): Stretch[] {
  const edges = levels.flatMap((one) => [one.start ?? start, one.end === undefined ? end : dayAfter(one.end)]);
  const days = [...new Set([start, ...edges.filter((day) => day > start && day <= end)])].sort();
  const found: Stretch[] = [];
  for (const day of days) {
    const level = levels.findLast((one) => (one.start ?? start) <= day && (one.end ?? end) >= day)?.level;
    const last = found.at(-1);
    if (last && last.level === level) continue;
    if (last) last.end = dayBefore(day);
    found.push({ start: day, end, ...(level !== undefined && { level }) });
  }
  return found;
}

/**
 * `GET HealthcareService/[id]/$program-report?start=&end=`: children enrolled between two days and how many of them by a warm hand-off that both
 * parties confirmed (S4.15), split where the integration level of the site changed (S4.20).
 */
export function programReportOperation(clock: Clock): Operation {
  return {
    name: 'program-report',
    definition: `${canonicalBase}/OperationDefinition/program-report`,
    level: 'instance',
    resourceType: 'HealthcareService',
    affectsState: false,
    parameters: ['start', 'end'],
    requires: [
      ['HealthcareService', 'r'],
      ['EpisodeOfCare', 'rs'],
      ['Task', 's'],
    ],
    async handle(request) {
      const target = await seenTarget(request, 'program');
      if (!target.ok) return target;
      const today = clock.now().toISOString().slice(0, 10);
      const start = dayAsked(request.parameters, 'start', `${today.slice(0, 4)}-01-01`);
      const end = dayAsked(request.parameters, 'end', today);
      if (!start.ok) return start;
      if (!end.ok) return end;
      if (start.value > end.value) return fail('invalid', 'start comes before end.', { code: 'value' });
      const found = await seenEnrollments(request, { programIds: [request.id ?? ''] });
      if (!found.ok) return found;
      const begun = found.value.filter(
        ({ enrolledFrom = '' }) => enrolledFrom >= start.value && enrolledFrom <= end.value,
      );
      const handed = await handedOff(request, begun);
      const { resource } = target.value;
      const levels = isOfType(resource, 'HealthcareService') ? integrationLevels(resource) : [];
      const stretches = stretchesOf(levels, start.value, end.value);
      const parameter = stretches.map((one) => ({ name: 'stretch', part: partsOf(one, begun, handed) }));
      return ok({ resourceType: 'Parameters', parameter });
    },
  };
}

/** Ids of enrollments with a completed warm hand-off that the caller may see. */
async function handedOff(
  { store, principal }: OperationRequest,
  begun: readonly SeenEnrollment[],
): Promise<ReadonlySet<string>> {
  const visibility = visibilityOf(principal, 's');
  const children = [...new Set(begun.map(({ patientId }) => patientId))];
  const handed = new Set<string>();
  for (const { stored } of await (store.unwatched ?? store).recordsOf(children, ['Task'])) {
    const task = resourceOf(stored);
    if (!isOfType(task, 'Task') || !isHandOff(task) || task.status !== 'completed' || !isConfirmed(task)) continue;
    const id = localId(task.focus, 'EpisodeOfCare');
    if (id !== undefined && (await store.sees(visibility, stored))) handed.add(id);
  }
  return handed;
}

function partsOf(
  { level, start, end }: Stretch,
  begun: readonly SeenEnrollment[],
  handed: ReadonlySet<string>,
): r4.ParametersParameter[] {
  const within = begun.filter(({ enrolledFrom = '' }) => enrolledFrom >= start && enrolledFrom <= end);
  const warm = within.filter(({ id }) => handed.has(id)).length;
  return [
    ...(level === undefined ? [] : [{ name: 'integrationLevel', valueCode: level }]),
    { name: 'start', valueDate: start },
    { name: 'end', valueDate: end },
    { name: 'enrolled', valueInteger: within.length },
    { name: 'byWarmHandOff', valueInteger: warm },
    // Of nobody there is no share.
    ...(within.length === 0 ? [] : [{ name: 'percent', valueDecimal: Math.round((1000 * warm) / within.length) / 10 }]),
  ];
}
