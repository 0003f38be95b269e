import { isMirror, mirrorSite } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Session } from './smart-launch.ts';

export type Reading =
  | { kind: 'plan'; planId: string; resources: Resource[] }
  | { kind: 'no-plan'; patient?: Resource }
  | Failed;
type Failed = { kind: 'failed'; reason: 'expired' | 'refused' | 'unreachable' };

/** More pages than any child's plan has; a plan longer than this is an error on the page, never a silent cut. */
const maxPages = 50;

/** What the plan's page needs, as one batch: one request instead of nine. */
const searches = (patient: string) => [
  `Patient?_id=${patient}`,
  `CarePlan?patient=${patient}&_include=CarePlan:care-team&_include=CarePlan:activity-reference&_count=200`,
  `Goal?patient=${patient}&_count=200`,
  `Condition?patient=${patient}&_count=200`,
  `ServiceRequest?patient=${patient}&_include=ServiceRequest:requester&_include=ServiceRequest:performer&_count=200`,
  `Task?patient=${patient}&_include=Task:owner&_count=200`,
  `CareTeam?patient=${patient}&_include=CareTeam:participant&_count=200`,
  `RelatedPerson?patient=${patient}&_count=200`,
];

/**
 * Every write leaves Provenance; the page shows of it what each hospital is called. So it asks for one of each, by one of the child's
 * records that the hospital sent. (What is nobody's, a practitioner say, may have come with another child's records.)
 */
const childsOwn = /^(Patient|CarePlan|Goal|Condition|ServiceRequest|Task|CareTeam|RelatedPerson)$/;

function siteSearches(resources: readonly Resource[]): string[] {
  const samples = new Map<string, string>();
  for (const resource of resources) {
    const site = mirrorSite(resource);
    if (site !== undefined && childsOwn.test(resource.resourceType))
      samples.set(site, `${resource.resourceType}/${resource.id}`);
  }
  return [...samples.values()].map((target) => `Provenance?target=${target}&_sort=-recorded&_count=1`);
}

/** Reads a child's plan and its surroundings, following every page. `more`: searches besides, in the same request. */
export async function readPlan(session: Session, more: readonly string[] = []): Promise<Reading> {
  try {
    const resources: Resource[] = [];
    const failed = await readAll(session, [...searches(session.patientId), ...more], resources, true);
    if (failed) return failed;
    const unnamed = await readAll(session, siteSearches(resources), resources, false);
    if (unnamed) return unnamed;
    return found(resources);
  } catch {
    return { kind: 'failed', reason: 'unreachable' };
  }
}

/** Adds what the searches find, as one batch; `whole`: with all their further pages. Answers what went wrong. */
async function readAll(
  session: Session,
  urls: readonly string[],
  resources: Resource[],
  whole: boolean,
): Promise<Failed | undefined> {
  if (urls.length === 0) return undefined;
  const entry = urls.map((url) => ({ request: { method: 'GET', url } }));
  const answer = await send(session, '/fhir', { resourceType: 'Bundle', type: 'batch', entry });
  if (answer.status === 401) return { kind: 'failed', reason: 'expired' };
  if (!answer.ok) return { kind: 'failed', reason: answer.status === 403 ? 'refused' : 'unreachable' };
  const parts: r4.Bundle = await answer.json();
  for (const part of parts.entry ?? []) {
    if (part.response?.status?.startsWith('200') !== true || !isBundle(part.resource)) {
      return { kind: 'failed', reason: part.response?.status?.startsWith('403') ? 'refused' : 'unreachable' };
    }
    if (!whole) take(part.resource, resources);
    else if (!(await addPages(session, part.resource, resources))) return { kind: 'failed', reason: 'unreachable' };
  }
  return undefined;
}

function found(resources: readonly Resource[]): Reading {
  const unique = [
    ...new Map(resources.map((resource) => [`${resource.resourceType}/${resource.id}`, resource])).values(),
  ];
  const plan = unique.find(
    // A hospital may call its own plan what ours is called: that is its plan, and stands among the hospitals' plans.
    (resource) =>
      isOfType(resource, 'CarePlan') && resource.status === 'active' && isSharedPlan(resource) && !isMirror(resource),
  );
  if (plan?.id) return { kind: 'plan', planId: plan.id, resources: unique };
  return { kind: 'no-plan', patient: unique.find(({ resourceType }) => resourceType === 'Patient') };
}

/** Adds a searchset and all its further pages; false when one could not be read. */
async function addPages(session: Session, first: r4.Bundle, into: Resource[]): Promise<boolean> {
  let page: r4.Bundle = first;
  for (let count = 0; count < maxPages; count += 1) {
    take(page, into);
    const next = page.link?.find(({ relation }) => relation === 'next')?.url;
    if (!next) return true;
    const url = new URL(next);
    const answer = await send(session, `${url.pathname}${url.search}`);
    if (!answer.ok) return false;
    page = await answer.json();
  }
  return false;
}

function take(page: r4.Bundle, into: Resource[]): void {
  for (const entry of page.entry ?? []) {
    if (entry.resource && entry.search?.mode !== 'outcome') into.push(entry.resource as unknown as Resource);
  }
}

function isBundle(resource: r4.Resource | undefined): resource is r4.Bundle {
  return resource?.resourceType === 'Bundle';
}

function send(session: Session, path: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${session.accessToken}`,
    Accept: 'application/fhir+json',
  };
  if (!body) return fetch(path, { headers });
  return fetch(path, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
}
