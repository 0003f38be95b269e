import { visibilityOf } from '../../access/decide.ts';
import { limits } from '../../base/limits.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import type { Asked } from './room.ts';

/** Da Vinci DEQM, care gap remark: of STU5, and of what follows it. */
const remarkUrls: readonly string[] = [
  'http://hl7.org/fhir/us/davinci-deqm/StructureDefinition/extension-careGapRemark',
  'http://hl7.org/fhir/uv/deqm/StructureDefinition/deqm-careGapRemark',
];

/**
 * What somebody remarked on a child's gaps, by group: the extensions of the groups of MeasureReports on the child that are kept here and that the asker
 * may see, for this measure and period. A remark is told and never closes a gap.
 */
export async function gapRemarks(
  { request: { store, principal } }: Asked,
  measure: ReadyMeasure,
  patientId: string,
  period: Period,
): Promise<ReadonlyMap<string, r4.Extension[]>> {
  const remarks = new Map<string, r4.Extension[]>();
  const visibility = visibilityOf(principal, 'r');
  let cursor: string | undefined;
  do {
    const question = { patientId, types: ['MeasureReport'], count: limits.search.maxCount, cursor };
    const page = await store.compartment(question, visibility);
    if (!page.ok) throw new Error('a compartment could not be read', { cause: page.error });
    for (const { json } of page.value.matches) {
      // The store holds only what its type says.
      const report: r4.MeasureReport = JSON.parse(json);
      if (!isOf(report, measure, patientId, period)) continue;
      for (const { id, extension = [] } of report.group ?? []) {
        const found = extension.filter(({ url }) => remarkUrls.includes(url));
        if (id !== undefined && found.length > 0) remarks.set(id, [...(remarks.get(id) ?? []), ...found]);
      }
    }
    cursor = page.value.next;
  } while (cursor !== undefined);
  return remarks;
}

function isOf(
  { type, subject, measure, period }: r4.MeasureReport,
  { resource: { url, version } }: ReadyMeasure,
  patientId: string,
  asked: Period,
): boolean {
  return (
    type === 'individual' &&
    subject?.reference === `Patient/${patientId}` &&
    (measure === url || measure === `${url}|${version}`) &&
    period.start?.slice(0, 10) === asked.start &&
    period.end?.slice(0, 10) === asked.end
  );
}
