import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Command, CommandInput } from '../../module.ts';
import type { Period } from '../types.ts';
import { dayOf } from './day.ts';
import { nextChildren } from './evaluate-population.ts';
import type { Prepared, PreparedMeasure } from './prepared.ts';
import { statusOf } from './status.ts';
import { evaluateAll } from './sweep-job.ts';
import { noteVerification } from './verification-log.ts';
import { logDifferences, type Verification, verifyChildren } from './verify.ts';
import { yearOfDay } from './year.ts';

const options = {
  measure: { kind: 'text', help: 'name of one measure; all of them unless given' },
  period: { kind: 'text', help: 'calendar year, such as 2026; this one unless given' },
} as const;

/** `measures list|evaluate|verify|status`. */
export function currencyCommands(prepared: () => Prepared, zone: string): Command[] {
  return [
    {
      name: 'measures list',
      summary: 'Lists the measures that can run.',
      async run({ print }) {
        for (const { name, measure, types } of prepared().measures)
          print(
            `${name}  ${measure.resource.title ?? ''}  (${measure.groups.length} groups; reads ${types.join(', ')})`,
          );
        return ok(undefined);
      },
    },
    {
      name: 'measures evaluate',
      summary: 'Brings the answers of all children up to date.',
      options,
      run: (input) => evaluate(input, prepared(), zone),
    },
    {
      name: 'measures verify',
      summary: 'Computes kept answers once more from the records, and repairs and counts those that differ.',
      options: { ...options, all: { kind: 'flag', help: 'every child, not a sample' } },
      run: (input) => verify(input, prepared(), zone),
    },
    {
      name: 'measures status',
      summary: 'Says for each measure how many answers are current, failed and pending.',
      async run({ store, clock, print }) {
        const status = await statusOf(store, prepared().measures, { now: clock.now(), zone });
        print(`${status.children} children; the longest wait is ${Math.round(status.secondsBehind)} s`);
        for (const { measure, current, failed, pending } of status.measures)
          print(`${measure}  current ${current}  failed ${failed}  pending ${pending}`);
        return ok(undefined);
      },
    },
  ];
}

function chosen({ text, clock }: CommandInput, { measures }: Prepared, zone: string) {
  const [name, year] = [text('measure'), text('period')];
  const some: readonly PreparedMeasure[] = name === undefined ? measures : measures.filter((one) => one.name === name);
  if (some.length === 0) return fail('not-found', 'There is no measure of this name; see "measures list".');
  if (year !== undefined && !/^[1-9]\d{3}$/.test(year))
    return fail('invalid', '--period has to be a calendar year, such as 2026: answers are kept for these only.');
  const period: Period = yearOfDay(year ?? dayOf(clock.now(), zone));
  return ok({ measures: some, period });
}

async function evaluate(input: CommandInput, prepared: Prepared, zone: string): Promise<Result<void>> {
  const asked = chosen(input, prepared, zone);
  if (!asked.ok) return asked;
  const { store, clock } = input;
  const progress = (children: number) => input.progress(`${children} children`);
  const swept = await evaluateAll(asked.value.measures, { store, clock, zone, period: asked.value.period, progress });
  if (!swept.ok) return swept;
  input.print(`evaluated ${swept.value.evaluated} answers; ${swept.value.failed} could not be evaluated`);
  return ok(undefined);
}

async function verify(input: CommandInput, prepared: Prepared, zone: string): Promise<Result<void>> {
  const asked = chosen(input, prepared, zone);
  if (!asked.ok) return asked;
  const { store, clock, log } = input;
  const { measures, period } = asked.value;
  const found: Verification = { checked: 0, differing: new Map() };
  const most = input.flag('all') ? Number.POSITIVE_INFINITY : limits.measures.verifiedChildren;
  let after = '';
  let looked = 0;
  while (looked < most) {
    const ids = await nextChildren(store, after, limits.measures.subjectsPerBatch);
    const last = ids.at(-1);
    if (last === undefined) break;
    await verifyChildren({ store, clock, zone }, measures, period, ids, found);
    after = last;
    looked += ids.length;
    input.progress(`${looked} children`);
  }
  logDifferences(log, found);
  await noteVerification(store, found, clock.now());
  const differing = [...found.differing.values()].reduce((sum, n) => sum + n, 0);
  input.print(`checked ${found.checked} answers of ${looked} children; ${differing} differed and were repaired`);
  for (const [measure, answers] of found.differing) input.print(`${measure}  ${answers}`);
  return differing === 0 ? ok(undefined) : fail('conflict', 'Kept answers differed from what the records say.');
}
