import type { Resource, r4 } from '../../fhir/types.ts';
import { tallyOf } from '../counts.ts';
import type { SubjectResult } from '../types.ts';
import { createReport, type ReportContext, reportGroups } from './measure-report.ts';

/** On an evaluatedResource: the group that counted it. Source: Da Vinci DEQM, criteriaReference. */
const criteriaReference = 'http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-criteriaReference';

/** One child's report: membership of every population as 0 or 1, and the records that were counted. */
export function individualReport(context: ReportContext, patientId: string, result: SubjectResult): Resource {
  const byGroup = new Map(result.groups.map((group) => [group.group, group]));
  const groupsOf = new Map<string, string[]>();
  for (const { group, evidence } of result.groups) {
    for (const reference of evidence) groupsOf.set(reference, [...(groupsOf.get(reference) ?? []), group]);
  }
  const counted = [...groupsOf]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reference, groups]): r4.Reference => {
      return { reference, extension: groups.map((group) => ({ url: criteriaReference, valueString: group })) };
    });
  const subject = { reference: `Patient/${patientId}` };
  return createReport(context, 'individual', {
    subject,
    group: reportGroups(context.measure, (group) => tallyOf(group, byGroup.get(group.id)?.units ?? [])),
    evaluatedResource: [subject, ...counted],
  });
}
