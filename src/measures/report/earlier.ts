import type { r4 } from '../../fhir/types.ts';
import { codeStratum, joinStrata, type Stratum, unknownStratum } from '../stratum.ts';
import type { GroupDefinition } from '../types.ts';
import { type GroupCounts, type Splitting, severalValues } from './add-up.ts';
import { cellOf, rowOf } from './cell-names.ts';

/** The counts that an earlier report printed, by the cell of the present one that tells the same. */
export function earlierCounts(
  counts: readonly GroupCounts[],
  report: r4.MeasureReport,
): { id: string; count: number }[] {
  return (report.group ?? []).flatMap((group, place) => {
    const now = counts.find((each) => each.group.id === group.id) ?? counts[place];
    if (!now) return [];
    const all = printed(now.group, group.population, rowOf());
    const strata = (group.stratifier ?? []).flatMap((stratifier, index) => {
      const by = (now.split.find((each) => each.by.id === stratifier.id) ?? now.split[index])?.by;
      return (stratifier.stratum ?? []).flatMap((stratum) =>
        by ? printed(now.group, stratum.population, rowOf(by.id, stratumOf(by, stratum))) : [],
      );
    });
    return [...all, ...strata];
  });
}

function printed(
  group: GroupDefinition,
  populations: readonly (r4.MeasureReportGroupPopulation & { id?: string })[] = [],
  row: string,
): { id: string; count: number }[] {
  return populations.flatMap(({ id, code, count }) => {
    const known = group.populations.find(
      (population) => population.id === id || population.code === code?.coding?.[0]?.code,
    );
    return known && count !== undefined ? [{ id: cellOf(group, known, row), count }] : [];
  });
}

function stratumOf(by: Splitting, { value, component }: r4.MeasureReportGroupStratifierStratum): Stratum {
  if (by.components.length <= 1) return textOf(value);
  return joinStrata((component ?? []).map((part) => textOf(part.value)));
}

/** As `conceptOf` wrote it. */
function textOf(value: r4.CodeableConcept | undefined): Stratum {
  const [coding] = value?.coding ?? [];
  if (coding?.code === 'UNK' || value === undefined) return unknownStratum;
  if (coding?.code !== undefined) return codeStratum(coding.system, coding.code);
  return value.text === 'Several' ? severalValues : (value.text ?? unknownStratum);
}
