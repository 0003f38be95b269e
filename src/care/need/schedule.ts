import { ofType } from '../../fhir/of-type.ts';
import { splitCanonical } from '../../fhir/references.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { itemsOf } from '../screening/items.ts';
import type { Registered } from './register.ts';
import { daysAnswered, screeningCodes } from './screenings.ts';
import { dayOf } from './stages.ts';

/** One form of the schedule (profiles/plan-definitions/social-needs-screening.json). */
export interface Scheduled {
  questionnaire: string;
  everyMonths: number;
  /** Sooner while a need of this domain is open. */
  again?: { domain: string; everyMonths: number };
  /** LOINC codes by which an answer elsewhere shows that the form was answered. */
  codes: ReadonlySet<string>;
}

/** A form of the schedule for one child. */
export interface Screen {
  questionnaire: string;
  last?: string;
  /** The day to ask again; absent when it was never answered: now. */
  due?: string;
  isOverdue: boolean;
}

/** A year holds twelve of them; a timing that is no whole number of months is none of ours. */
const months: Readonly<Record<string, number>> = { mo: 1, a: 12 };

export function scheduleOf(plan: r4.PlanDefinition | undefined, forms: readonly r4.Questionnaire[]): Scheduled[] {
  const asked = new Map(forms.map((form) => [form.url, codesOf(form)]));
  const all = (plan?.action ?? []).flatMap((action) => {
    const questionnaire = action.definitionCanonical;
    const everyMonths = monthsOf(action);
    const codes = asked.get(questionnaire);
    if (questionnaire === undefined || everyMonths === undefined || !codes) return [];
    const inner = (action.action ?? [])[0];
    const domain = inner?.condition?.[0]?.expression?.expression;
    const sooner = inner && monthsOf(inner);
    const again = domain !== undefined && sooner !== undefined && { domain, everyMonths: sooner };
    return [{ questionnaire, everyMonths, codes, ...(again && { again }) }];
  });
  // A short form within a longer one does not answer the longer one; the longer one answers the short one.
  return all.map((one) => ({ ...one, codes: codesBeside(one.codes, all) }));
}

function codesOf(form: r4.Questionnaire): ReadonlySet<string> {
  const codes = itemsOf(form).flatMap(({ code = [] }) => code.flatMap((one) => one.code ?? []));
  return new Set(codes.filter((code) => screeningCodes.has(code)));
}

function codesBeside(codes: ReadonlySet<string>, all: readonly { codes: ReadonlySet<string> }[]): ReadonlySet<string> {
  const shorter = all.filter((one) => one.codes.size < codes.size);
  return new Set([...codes].filter((code) => !shorter.some((one) => one.codes.has(code))));
}

function monthsOf({ timingTiming }: r4.PlanDefinitionAction): number | undefined {
  const { period, periodUnit = '' } = timingTiming?.repeat ?? {};
  const unit = months[periodUnit];
  return period === undefined || unit === undefined ? undefined : period * unit;
}

/**
 * When each form of the schedule is to be asked again: counted from the last day on which it, or a question of it elsewhere, was answered.
 * On the day itself it is due and not yet overdue. `needs`: the register of the same records. Pure.
 */
export function screensOf(
  schedule: readonly Scheduled[],
  records: readonly Resource[],
  needs: readonly Pick<Registered, 'state' | 'domain'>[],
  today: string,
): Screen[] {
  return schedule.map(({ questionnaire, everyMonths, again, codes }) => {
    const responses = ofType(records, 'QuestionnaireResponse').flatMap((response) =>
      (response.status === 'completed' || response.status === 'amended') &&
      splitCanonical(response.questionnaire ?? '').url === questionnaire
        ? (dayOf(response.authored) ?? [])
        : [],
    );
    const observed = codes.size > 0 ? daysAnswered(records, codes) : [];
    const last = [...responses, ...observed]
      .filter((day) => day <= today)
      .sort()
      .at(-1);
    if (last === undefined) return { questionnaire, isOverdue: true };
    const isSooner = again && needs.some(({ state, domain }) => state === 'open' && domain === again.domain);
    const due = addMonths(last, isSooner ? Math.min(again.everyMonths, everyMonths) : everyMonths);
    return { questionnaire, last, due, isOverdue: due < today };
  });
}

/** The same day so many months on, or the last of that month. */
export function addMonths(day: string, count: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 + count, 1));
  const lastDate = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, lastDate));
  return first.toISOString().slice(0, 10);
}
