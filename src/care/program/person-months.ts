import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Operation, OperationParameters } from '../../module.ts';
import { seenTarget } from './ask.ts';
import { type Enrollment, statusOn } from './enrollment.ts';
import { leavesPool } from './moves.ts';
import { seenEnrollments } from './seen-enrollments.ts';

/** What a child is to a program on a day. Control: could have been enrolled, and was not. */
export type Standing = 'none' | 'control' | 'treated' | 'on-hold' | 'ended';

interface PersonMonth {
  /** YYYY-MM */
  month: string;
  /** As on the first day of the month. */
  state: Standing;
  days: Readonly<Record<Standing, number>>;
}

const dayMs = 24 * 3_600_000;
const rank: readonly Standing[] = ['none', 'ended', 'control', 'on-hold', 'treated'];

/**
 * The months of one child in one program, from the first in which it was eligible to the one of `today`, which counts only its days so far. Pure. A
 * declined child stays control: it could still be enrolled; an earlier enrollment says nothing any more once a later one has begun.
 */
export function personMonths(
  enrollments: readonly Enrollment[],
  { start, end, today }: { start: string; end: string; today: string },
): PersonMonth[] {
  const months: PersonMonth[] = [];
  for (let month = start; month <= end; month = nextMonth(month)) {
    const first = `${month}-01`;
    if (first > today) break;
    const days: Record<Standing, number> = { none: 0, control: 0, treated: 0, 'on-hold': 0, ended: 0 };
    for (let day = first; day.startsWith(month) && day <= today; day = nextDay(day))
      days[standingOn(enrollments, day)] += 1;
    const state = standingOn(enrollments, first);
    if (days.control + days.treated + days['on-hold'] + days.ended > 0) months.push({ month, state, days });
  }
  return months;
}

function standingOn(enrollments: readonly Enrollment[], day: string): Standing {
  const found = enrollments.map((one, index) => {
    const next = enrollments.slice(index + 1).some(({ eligibleFrom = '' }) => eligibleFrom <= day);
    return standing(one, day, next);
  });
  return rank.findLast((each) => found.includes(each)) ?? 'none';
}

function standing(one: Enrollment, day: string, hasNext: boolean): Standing {
  if (one.eligibleFrom === undefined || day < one.eligibleFrom) return 'none';
  const status = statusOn(one, day);
  if (status === 'active') return 'treated';
  if (status === 'onhold') return 'on-hold';
  if (status === 'planned' || status === 'waitlist') return 'control';
  if (status === 'cancelled') return hasNext || leavesPool.has(one.reason ?? '') ? 'none' : 'control';
  // The last day of an enrollment is a day of it.
  if (status === 'finished' && day === one.endedOn) return 'treated';
  return 'ended';
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
}

function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}

/**
 * `GET HealthcareService/[id]/$person-months?start=&end=`: for each child of a program and each month whether it was control or treated, for
 * comparing the enrolled with those who were eligible and not yet enrolled (S0.4).
 */
export function personMonthsOperation(clock: Clock): Operation {
  return {
    name: 'person-months',
    definition: `${canonicalBase}/OperationDefinition/person-months`,
    level: 'instance',
    resourceType: 'HealthcareService',
    affectsState: false,
    parameters: ['start', 'end'],
    requires: [
      ['HealthcareService', 'r'],
      ['EpisodeOfCare', 'rs'],
    ],
    async handle(request) {
      const program = await seenTarget(request, 'program');
      if (!program.ok) return program;
      const today = clock.now().toISOString().slice(0, 10);
      const start = monthAsked(request.parameters, 'start');
      const end = monthAsked(request.parameters, 'end');
      if (!start.ok) return start;
      if (!end.ok) return end;
      const enrollments = await seenEnrollments(request, { programIds: [request.id ?? ''] });
      if (!enrollments.ok) return enrollments;
      const byChild = Map.groupBy(enrollments.value, ({ patientId }) => patientId);
      const parameter: r4.ParametersParameter[] = [];
      for (const [patientId, own] of byChild) {
        const from =
          start.value ??
          own
            .map(({ eligibleFrom = '' }) => eligibleFrom)
            .sort()[0]
            ?.slice(0, 7) ??
          '';
        const to = end.value ?? today.slice(0, 7);
        const rows = personMonths(own, { start: from, end: to, today });
        parameter.push(...rows.map((row) => ({ name: 'personMonth', part: partsOf(patientId, row) })));
        if (parameter.length > limits.care.personMonthsMax) {
          return fail(
            'too-large',
            `These are more than ${limits.care.personMonthsMax} months: ask for fewer with start and end.`,
          );
        }
      }
      return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
    },
  };
}

function partsOf(patientId: string, { month, state, days }: PersonMonth): r4.ParametersParameter[] {
  return [
    { name: 'patient', valueReference: { reference: `Patient/${patientId}` } },
    { name: 'month', valueDate: month },
    { name: 'state', valueCode: state },
    { name: 'controlDays', valueInteger: days.control },
    { name: 'treatedDays', valueInteger: days.treated },
    { name: 'onHoldDays', valueInteger: days['on-hold'] },
  ];
}

function monthAsked(parameters: OperationParameters, name: string): Result<string | undefined> {
  const text = parameters.text(name);
  if (text === undefined || /^(19|20|21)\d\d-(0[1-9]|1[0-2])$/.test(text)) return ok(text);
  return fail('invalid', `${name} has to be a month, as 2026-02.`, { code: 'value' });
}
