import { compareText } from '../../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../../fhir/types.ts';
import { type Effort, functions } from './effort-of.ts';

type Parts = r4.ParametersParameter[];

/**
 * Minutes by month: the clinical staff's and the qualified professionals' apart (S1.13), what nobody has said whose they are, each person's and each activity's,
 * and what was no work of the person's role (S4.18). Months are those that are written in the records. Pure.
 */
export function effortSums(efforts: readonly Effort[]): Parts {
  const byMonth = Map.groupBy(efforts, ({ at = '' }) => at.slice(0, 7));
  return [...byMonth]
    .sort(([a], [b]) => compareText(a, b))
    .map(([month, some]) => ({
      name: 'month',
      part: [
        { name: 'month', valueString: month },
        { name: 'minutes', valueDecimal: minutes(some) },
        ...[...functions, undefined].flatMap((one) => {
          const own = some.filter((each) => each.function === one);
          return own.length === 0 ? [] : [{ name: 'function', part: [code(one ?? 'not-said'), ...sums(own)] }];
        }),
        ...grouped(some, ({ who = '' }) => who).map(([reference, own]) => ({
          name: 'staff',
          part: [{ name: 'who', valueReference: { reference } }, ...sums(own)],
        })),
        ...grouped(some, ({ activity }) => activity).map(([activity, own]) => ({
          name: 'activity',
          part: [code(activity), ...sums(own)],
        })),
      ],
    }));
}

function code(valueCode: string): Parts[number] {
  return { name: 'code', valueCode };
}

function sums(efforts: readonly Effort[]): Parts {
  const out = efforts.filter(({ isOutOfScope }) => isOutOfScope);
  return [
    { name: 'count', valueInteger: efforts.length },
    { name: 'minutes', valueDecimal: minutes(efforts) },
    ...(out.length === 0 ? [] : [{ name: 'outOfScope', valueDecimal: minutes(out) }]),
  ];
}

function minutes(efforts: readonly Effort[]): number {
  return Math.round(efforts.reduce((sum, one) => sum + (one.minutes ?? 0), 0) * 100) / 100;
}

function grouped(efforts: readonly Effort[], keyOf: (effort: Effort) => string): [string, Effort[]][] {
  return [...Map.groupBy(efforts, keyOf)].sort(([a], [b]) => compareText(a, b));
}
