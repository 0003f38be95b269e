import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import { type EhrRef, eachReference, readReference } from '../normalize/references.ts';
import type { Capability } from '../sites/capability.ts';
import type { CrawlContext } from './crawl-type.ts';

/** What was read by id in this run, so that a practitioner of a thousand children is read once. */
export type SharedTargets = Map<string, Promise<Resource | undefined>>;

/**
 * Reads what the patient's resources refer to but no patient search finds: practitioners, organizations, locations,
 * medications … and what those refer to in turn, for a bounded number of rounds. What is not there is left out;
 * references to it become logical ones.
 */
export async function readTargets(
  context: CrawlContext,
  resources: readonly Resource[],
  shared: SharedTargets,
): Promise<Resource[]> {
  const known = new Set(resources.map((resource) => `${resource.resourceType}/${resource.id}`));
  const read: Resource[] = [];
  let round: readonly Resource[] = resources;
  for (let rounds = 0; rounds < limits.sync.referenceRounds && round.length > 0; rounds += 1) {
    const wanted = newTargets(round, context, known);
    const answers = await Promise.all(wanted.map((target) => readOnce(context, target, shared)));
    round = answers.filter((resource) => resource !== undefined);
    read.push(...round);
  }
  return read;
}

function newTargets(resources: readonly Resource[], context: CrawlContext, known: Set<string>): EhrRef[] {
  const wanted: EhrRef[] = [];
  for (const resource of resources) {
    eachReference(resource, (reference) => {
      const target = readReference(reference, context.site.baseUrl);
      if (!target || known.has(`${target.type}/${target.ehrId}`)) return;
      known.add(`${target.type}/${target.ehrId}`);
      if (isShared(target.type, context.capability)) wanted.push(target);
    });
  }
  return wanted;
}

/** Types that belong to no one patient. A Group lists other children, so it is never taken over. */
function isShared(type: string, capability: Capability): boolean {
  const can = capability[type];
  return can?.read === true && can.searchBy === undefined && type !== 'Patient' && type !== 'Group';
}

function readOnce(context: CrawlContext, target: EhrRef, shared: SharedTargets): Promise<Resource | undefined> {
  const key = `${target.type}/${target.ehrId}`;
  const running = shared.get(key);
  if (running) return running;
  const reading = context.client.read(target.type, target.ehrId).then((answer) => {
    if (!answer.ok) {
      context.warnings.add(`read-${answer.failure.class}`, target.type);
      return undefined;
    }
    const { resource } = answer.value;
    return resource?.resourceType === target.type && resource.id === target.ehrId ? resource : undefined;
  });
  shared.set(key, reading);
  return reading;
}
