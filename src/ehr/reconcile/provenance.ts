import type { Resource } from '../../fhir/types.ts';
import type { Stored } from '../../store/types.ts';

const participant = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** One version that a run wrote, and the raw body it was made from. */
export interface Applied {
  stored: Stored;
  created: boolean;
  ehrId: string;
  rawHash: string;
}

/**
 * One Provenance for all versions that a run wrote for one patient (FHIR R4, provenance). Following `entity` leads to the raw
 * body of each: system `urn:careweave:raw`, value `<site>/<Type>/<id at the site>/<content hash>`.
 */
export function sliceProvenance(
  applied: readonly Applied[],
  context: { siteId: string; siteName: string; runId: string; recorded: Date },
): Resource {
  const code = applied.every((each) => each.created) ? 'CREATE' : 'UPDATE';
  const agent = (type: string, system: string, value: string, display: string) => ({
    type: { coding: [{ system: participant, code: type }] },
    who: { identifier: { system, value }, display },
  });
  return {
    resourceType: 'Provenance',
    target: applied.map(({ stored }) => ({ reference: `${stored.type}/${stored.id}/_history/${stored.version}` })),
    recorded: context.recorded.toISOString(),
    activity: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation', code }] },
    agent: [
      agent('author', 'urn:careweave:site', context.siteId, context.siteName),
      agent('assembler', 'urn:careweave:ehr-run', context.runId, 'Careweave'),
    ],
    entity: applied.map((each) => ({
      role: 'source',
      what: {
        identifier: {
          system: 'urn:careweave:raw',
          value: `${context.siteId}/${each.stored.type}/${each.ehrId}/${each.rawHash}`,
        },
      },
    })),
  };
}
