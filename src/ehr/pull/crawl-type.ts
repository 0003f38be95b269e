import type { Resource } from '../../fhir/types.ts';
import { eachReference, readReference } from '../normalize/references.ts';
import type { Capability } from '../sites/capability.ts';
import type { Site } from '../sites/site.ts';
import type { EhrClient } from '../transport/client.ts';
import { builtInFanOut } from './fan-out.ts';
import { type Found, searchAll } from './search-all.ts';
import type { Warnings } from './warnings.ts';

export interface CrawlContext {
  site: Site;
  client: EhrClient;
  capability: Capability;
  warnings: Warnings;
}

/**
 * Every resource of one type that a site holds for one patient: the plain search first; only when the site answers with the
 * issue code `required`, one search per known combination (US Core's required ones, or the site's own as data).
 */
export async function crawlType(context: CrawlContext, type: string, patientId: string): Promise<Found> {
  const searchBy = context.capability[type]?.searchBy ?? 'patient';
  const patient = { [searchBy]: `Patient/${patientId}` };
  const plain = await searchAll(context.client, type, patient, context.warnings);
  const found = plain.failure?.class === 'required' ? await fanOut(context, type, patient) : plain;
  if (found.failure)
    context.warnings.add(found.failure.class === 'not-granted' ? 'not-granted' : `search-${found.failure.class}`, type);
  return keepPatients(context, type, patientId, found);
}

async function fanOut(context: CrawlContext, type: string, patient: Record<string, string>): Promise<Found> {
  const plan = context.site.types[type]?.fanOut ?? builtInFanOut[type] ?? [];
  const searches = plan.flatMap(({ param, values }) => values.map((value) => ({ ...patient, [param]: value })));
  const answers = await Promise.all(
    searches.map((params) => searchAll(context.client, type, params, context.warnings)),
  );
  const failure = answers.find((answer) => answer.failure)?.failure;
  const merged: Found = { resources: new Map(), complete: searches.length > 0 && failure === undefined };
  for (const answer of answers) for (const [id, resource] of answer.resources) merged.resources.set(id, resource);
  // A value that one site does not know is no failure of the type, as long as another found its way.
  const fatal = answers.find((answer) => answer.failure && isFatal(answer.failure.class))?.failure;
  if (fatal) merged.failure = fatal;
  else if (answers.every((answer) => answer.failure)) merged.failure = failure ?? { class: 'required' };
  else if (failure) context.warnings.add('fan-out-refused', type);
  return merged;
}

function isFatal(failure: string): boolean {
  return failure !== 'refused' && failure !== 'required';
}

/** A site that ignores the patient parameter answers with everybody's data: what does not name the patient is left out. */
function keepPatients(context: CrawlContext, type: string, patientId: string, found: Found): Found {
  for (const [id, resource] of found.resources) {
    if (!isAbout(resource, patientId, context.site.baseUrl)) {
      found.resources.delete(id);
      context.warnings.add('other-patient', type);
    }
  }
  return found;
}

function isAbout(resource: Resource, patientId: string, baseUrl: string): boolean {
  let about = false;
  eachReference(resource, (reference) => {
    const target = readReference(reference, baseUrl);
    if (target?.type === 'Patient' && target.ehrId === patientId) about = true;
  });
  return about;
}
