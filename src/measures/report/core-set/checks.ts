import { nested } from './categories.ts';
import type { CoreSetRow } from './rows.ts';

/** What is said of all rows. */
export interface CoreSetHead {
  start: string;
  end: string;
  dataSource?: string;
  deliverySystem?: string;
  population?: string;
  deviations?: string;
}

/** One thing that the reporting application would refuse. */
export interface CoreSetProblem {
  measure?: string;
  rate?: string;
  stratum?: string;
  text: string;
}

/** Every problem of a worksheet, not only the first. */
export function checkCoreSet(rows: readonly CoreSetRow[], head: CoreSetHead): CoreSetProblem[] {
  const problems: CoreSetProblem[] = [];
  if (head.dataSource === undefined || head.dataSource.trim() === '')
    problems.push({ text: 'The data source is not said.' });
  if (head.start > head.end) problems.push({ text: 'The first day is after the last.' });
  if (rows.length === 0) problems.push({ text: 'There is no rate to report.' });
  for (const row of rows) problems.push(...checkRow(row));
  for (const [measure, own] of byText(rows, ({ measure: name }) => name)) {
    const whole = own.filter(({ stratifier }) => stratifier === undefined);
    if (!whole.some(({ rate }) => rate !== undefined)) {
      problems.push({ measure, text: 'No rate is complete: there is none with a denominator.' });
    }
    problems.push(
      ...checkDenominators(whole),
      ...checkTotals(own),
      ...checkStrata(own),
      ...checkNesting(measure, whole),
    );
  }
  return problems;
}

function placeOf({ measure, rateId, stratifier, stratum }: CoreSetRow): Omit<CoreSetProblem, 'text'> {
  return { measure, rate: rateId, ...(stratifier !== undefined && { stratum: `${stratifier}: ${stratum}` }) };
}

function checkRow(row: CoreSetRow): CoreSetProblem[] {
  const { numerator, denominator, rate, isInverted } = row;
  const problem = (text: string) => ({ ...placeOf(row), text });
  const problems: CoreSetProblem[] = [];
  if (![numerator, denominator].every((count) => Number.isInteger(count) && count >= 0)) {
    problems.push(problem('Numerator and denominator have to be whole numbers, 0 or more.'));
  }
  if (numerator > denominator) problems.push(problem('The numerator is greater than the denominator.'));
  if (rate === undefined) return problems;
  const share = isInverted ? 1 - rate : rate;
  if (Math.abs(share) < 1e-12 !== (numerator === 0)) {
    problems.push(
      problem(
        isInverted
          ? 'The rate has to be 1 where the numerator is 0, and only there.'
          : 'The rate has to be 0 where the numerator is 0, and only there.',
      ),
    );
  }
  if (denominator > 0 && Math.abs(share - numerator / denominator) > 1e-9) {
    const formula = isInverted ? '1 less the numerator by the denominator' : 'the numerator by the denominator';
    problems.push(problem(`The rate is not ${formula}.`));
  }
  return problems;
}

/** Vaccines, components and time spans that count the same children have one denominator. */
function checkDenominators(rows: readonly CoreSetRow[]): CoreSetProblem[] {
  return [...byText(rows, ({ denominatorKey }) => denominatorKey).values()].flatMap(([first, ...others]) =>
    others
      .filter(({ denominator }) => denominator !== first?.denominator)
      .map((row) => ({ ...placeOf(row), text: `The denominator has to be that of ${first?.rateId}.` })),
  );
}

/** A total is the sum of its age bands, also within each stratum. */
function checkTotals(rows: readonly CoreSetRow[]): CoreSetProblem[] {
  return rows
    .filter(({ totalOf }) => totalOf.length > 0)
    .flatMap((total) => {
      const parts = rows.filter(
        (row) =>
          total.totalOf.includes(row.rateId) && row.stratifier === total.stratifier && row.stratum === total.stratum,
      );
      return (['numerator', 'denominator'] as const)
        .filter((side) => parts.reduce((sum, part) => sum + part[side], 0) !== total[side])
        .map((side) => ({ ...placeOf(total), text: `The ${side} of the total is not the sum of those of its parts.` }));
    });
}

/** Strata are parts of their rate: together they are never more. */
function checkStrata(rows: readonly CoreSetRow[]): CoreSetProblem[] {
  const whole = new Map(rows.filter(({ stratifier }) => stratifier === undefined).map((row) => [row.rateId, row]));
  const strata = rows.filter(({ stratifier }) => stratifier !== undefined);
  return [...byText(strata, ({ rateId, stratifier }) => JSON.stringify([rateId, stratifier])).values()].flatMap(
    (own) => {
      const [first] = own;
      const rate = first && whole.get(first.rateId);
      if (!first || !rate) return [];
      return (['numerator', 'denominator'] as const)
        .filter((side) => own.reduce((sum, row) => sum + row[side], 0) > rate[side])
        .map((side) => ({
          ...placeOf(rate),
          text: `The strata by ${first.stratifier} have a greater ${side} together than the rate.`,
        }));
    },
  );
}

/** Who has all vaccines of a combination has each of them. */
function checkNesting(measure: string, rows: readonly CoreSetRow[]): CoreSetProblem[] {
  const byId = new Map(rows.map((row) => [row.rateId, row]));
  return (nested[measure] ?? []).flatMap(([lower, higher]) => {
    const [low, high] = [byId.get(lower), byId.get(higher)];
    if (low?.rate === undefined || high?.rate === undefined || low.rate <= high.rate) return [];
    return [{ ...placeOf(low), text: `The rate is above that of ${higher}, which it cannot be.` }];
  });
}

function byText<T>(items: readonly T[], textOf: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(textOf(item), [...(found.get(textOf(item)) ?? []), item]);
  return found;
}

/** One line for people. */
export function problemText({ measure, rate, stratum, text }: CoreSetProblem): string {
  const place = [measure, rate, stratum].filter((part) => part !== undefined).join(', ');
  return place === '' ? text : `${place}: ${text}`;
}
