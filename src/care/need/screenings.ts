import { ofType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { dayOf } from './stages.ts';

/** LOINC codes of answers that show that a family was asked: the same as in the measure's list (ValueSet social-needs-screening). */
export const screeningCodes: ReadonlySet<string> = new Set([
  '88121-9',
  '88122-7',
  '88123-5',
  '88124-3',
  '71802-3',
  '96778-6',
  '93030-5',
  '96779-4',
]);

const final: ReadonlySet<string> = new Set(['final', 'amended', 'corrected']);

/** The days on which one of the codes was answered. What was declined is no answer. */
export function daysAnswered(records: readonly Resource[], codes: ReadonlySet<string> = screeningCodes): string[] {
  const days = ofType(records, 'Observation').flatMap((observation) =>
    isOfCode(observation, codes) && hasAnswer(observation) ? (dayOf(effectiveOf(observation)) ?? []) : [],
  );
  return [...new Set(days)].sort();
}

function isOfCode({ code }: r4.Observation, codes: ReadonlySet<string>): boolean {
  return (code.coding ?? []).some((one) => one.system === 'http://loinc.org' && codes.has(one.code ?? ''));
}

function hasAnswer(observation: r4.Observation): boolean {
  const { status, dataAbsentReason, component = [] } = observation;
  const hasValue = (one: object) => Object.keys(one).some((key) => /^_?value[A-Z]/.test(key));
  return final.has(status) && dataAbsentReason === undefined && (hasValue(observation) || component.some(hasValue));
}

function effectiveOf(observation: r4.Observation): string | undefined {
  const { effectiveDateTime, effectiveInstant, effectivePeriod } = observation;
  return effectiveDateTime ?? effectiveInstant ?? effectivePeriod?.start;
}
