import type { Resource, r4 } from '../../fhir/types.ts';
import { tallyOf } from '../counts.ts';
import type { SubjectResult } from '../types.ts';
import { createReport, type ReportContext, reportGroups } from './measure-report.ts';
import { narrativeOf } from './narrative.ts';
import { supplementalOf } from './supplemental.ts';

/** On an evaluatedResource: the group that counted it. Source: FHIR extensions, cqf-criteriaReference. */
export const criteriaReference = 'http://hl7.org/fhir/StructureDefinition/cqf-criteriaReference';

/**
 * One child's report: membership of every population, as 0 or 1 where children are counted, the strata it is in, the records that were
 * counted, and its supplemental data.
 */
export function individualReport(
  context: ReportContext,
  patientId: string,
  result: SubjectResult,
  remarks: readonly string[] = [],
): Resource {
  const { measure } = context;
  const byGroup = new Map(result.groups.map((group) => [group.group, group]));
  const counts = measure.groups.map((group) => {
    const units = byGroup.get(group.id)?.units ?? [];
    const split = group.stratifiers.map((by) => {
      const strata = [...new Set(units.flatMap(({ strata }) => strata[by.id] ?? []))].sort();
      return {
        by,
        strata: strata.map((stratum) => {
          const inside = units.filter((unit) => unit.strata[by.id] === stratum);
          return { stratum, tally: tallyOf(group, inside) };
        }),
      };
    });
    return { group, tally: tallyOf(group, units), split };
  });
  const subject = { reference: `Patient/${patientId}` };
  return createReport(context, 'individual', {
    text: narrativeOf(context, counts, undefined, remarks),
    ...supplementalOf(measure, patientId, result.supplemental),
    subject,
    group: reportGroups(measure, counts),
    evaluatedResource: [subject, ...countedResources(result)],
  });
}

/** In the order of their references, each with the groups that counted it. */
function countedResources({ groups }: SubjectResult): r4.Reference[] {
  const groupsOf = new Map<string, string[]>();
  for (const { group, evidence } of groups) {
    for (const reference of evidence) groupsOf.set(reference, [...(groupsOf.get(reference) ?? []), group]);
  }
  return [...groupsOf]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reference, named]) => ({
      extension: named.map((group) => ({ url: criteriaReference, valueString: group })),
      reference,
    }));
}
