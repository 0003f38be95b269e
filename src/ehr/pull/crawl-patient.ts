import type { Resource } from '../../fhir/types.ts';
import { type EhrFailure, endsRun } from '../transport/failure.ts';
import { type CrawlContext, crawlType } from './crawl-type.ts';
import { readTargets, type SharedTargets } from './read-targets.ts';

/** Everything a site holds for one patient: the unit that is kept and applied at once. */
export interface Slice {
  patientId: string;
  resources: Resource[];
  /** Types whose search ended properly: only of these does absence mean anything. */
  completeTypes: string[];
}

export type SliceResult = { ok: true; slice: Slice } | { ok: false; failure: EhrFailure };

/** Never pulled unless a site's data says so: reading makes AuditEvents, so no run would ever be the last. */
const offByDefault: ReadonlySet<string> = new Set(['AuditEvent']);

/** The types of a site that are searched for each patient, in name order. */
function crawledTypes(context: Pick<CrawlContext, 'site' | 'capability'>): string[] {
  return Object.keys(context.capability).filter((type) => {
    if (type === 'Patient' || context.capability[type]?.searchBy === undefined) return false;
    const wanted = context.site.types[type]?.pull ?? (offByDefault.has(type) ? 'off' : 'crawl');
    return wanted === 'crawl';
  });
}

/**
 * Crawls one patient. A refused type is a warning and the others go on; what ends a run (`endsRun`) ends the slice unfinished,
 * and a Patient that cannot be read ends this slice only.
 */
export async function crawlPatient(
  context: CrawlContext,
  patientId: string,
  shared: SharedTargets,
): Promise<SliceResult> {
  const patient = await context.client.read('Patient', patientId);
  if (!patient.ok) return { ok: false, failure: patient.failure };
  if (patient.value.resource?.resourceType !== 'Patient' || patient.value.resource.id !== patientId) {
    return { ok: false, failure: { class: 'malformed' } };
  }
  const types = crawledTypes(context);
  const searches = await Promise.all(types.map((type) => crawlType(context, type, patientId)));
  const ended = searches.map((found) => found.failure).find(endsRun);
  if (ended) return { ok: false, failure: ended };
  const resources = [patient.value.resource, ...searches.flatMap((found) => [...found.resources.values()])];
  const targets = await readTargets(context, resources, shared);
  return {
    ok: true,
    slice: {
      patientId,
      resources: [...resources, ...targets],
      completeTypes: ['Patient', ...types.filter((_type, index) => searches[index]?.complete)],
    },
  };
}
