import type { r4 } from '../../../fhir/types.ts';

/** A MeasureReport as the page shows it: what the report says and nothing that it does not. */

export interface Count {
  code: string;
  /** Absent: the report does not show it. */
  count?: number;
}

export interface Rate {
  label: string;
  counts: readonly Count[];
  /** Absent: nothing to count, or not shown; see `isHidden`. */
  score?: number;
  unit?: string;
  /** Of how many, and the 95 % limits. */
  of?: number;
  low?: number;
  high?: number;
  /** Fewer than 30: it says little. */
  isSmall: boolean;
  /** Something of it is kept back. */
  isHidden: boolean;
}

export interface GroupRates extends Rate {
  id: string;
  isProportion: boolean;
  isLessBetter: boolean;
  stratifiers: readonly { id: string; label: string; strata: readonly Rate[] }[];
}

type Group = r4.MeasureReportGroup;
type Part = Pick<Group, 'population' | 'measureScore'>;

/** `labels`: of the groups, by id, as the Measure words them. */
export function groupsOf(report: r4.MeasureReport, labels: ReadonlyMap<string, string>): GroupRates[] {
  return (report.group ?? []).map((group) => {
    const id = group.id ?? '';
    return {
      ...rateOf(group, labels.get(id) ?? group.code?.text ?? id),
      id,
      isProportion: codeIn(group, '.scoring') === 'proportion',
      isLessBetter: codeIn(group, '.improvementNotation') === 'decrease',
      stratifiers: (group.stratifier ?? []).map((stratifier) => ({
        id: stratifier.id ?? '',
        label: wordsOf(stratifier.code?.[0]) ?? stratifier.id ?? '',
        strata: (stratifier.stratum ?? []).map((stratum) => rateOf(stratum, stratumLabel(stratum))),
      })),
    };
  });
}

function rateOf({ population = [], measureScore }: Part, label: string): Rate {
  const counts = population.map(({ code, count }) => ({
    code: code?.coding?.[0]?.code ?? '',
    ...(count !== undefined && { count }),
  }));
  const basis = measureScore?.extension?.find(({ url }) => url.endsWith('/measure-score-basis'))?.extension ?? [];
  const number = (name: string) => basis.find(({ url }) => url === name)?.valueDecimal;
  const [of, low, high] = [number('of'), number('low'), number('high')];
  return {
    label,
    counts,
    ...(measureScore?.value !== undefined && { score: measureScore.value }),
    ...(measureScore?.unit !== undefined && { unit: measureScore.unit }),
    ...(of !== undefined && { of }),
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
    isSmall: basis.some(({ url, valueBoolean }) => url === 'smallDenominator' && valueBoolean === true),
    isHidden: counts.some(({ count }) => count === undefined),
  };
}

function codeIn({ extension = [] }: Group, ending: string): string | undefined {
  return extension.find(({ url }) => url.endsWith(ending))?.valueCodeableConcept?.coding?.[0]?.code;
}

function stratumLabel({ value, component = [] }: r4.MeasureReportGroupStratifierStratum): string {
  return wordsOf(value) ?? component.map((each) => wordsOf(each.value) ?? '').join(', ');
}

function wordsOf(concept: r4.CodeableConcept | undefined): string | undefined {
  const [coding] = concept?.coding ?? [];
  return concept?.text ?? coding?.display ?? coding?.code;
}
