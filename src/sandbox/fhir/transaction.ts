import type { Response } from 'express';
import { newId } from '../../base/ids.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Hospital } from '../hospital.ts';
import { resourcesFrom } from '../load/bundle-ids.ts';
import type { Grant } from '../oauth/grants.ts';
import { scopesAllow } from '../oauth/scopes.ts';
import { refuse, sendResource } from './answer.ts';
import type { Refusal } from './write-rules.ts';

interface RequestLine {
  method?: unknown;
  ifNoneExist?: unknown;
}

function requestLines(bundle: Resource): RequestLine[] {
  const entries: unknown[] = Array.isArray(bundle.entry) ? bundle.entry : [];
  return entries.map((entry) => {
    const line = typeof entry === 'object' && entry !== null && 'request' in entry ? entry.request : undefined;
    return typeof line === 'object' && line !== null ? line : {};
  });
}

function refusalOf(
  hospital: Hospital,
  grant: Grant,
  bundle: Resource,
  resources: readonly Resource[],
): Refusal | undefined {
  const lines = requestLines(bundle);
  if (bundle.resourceType !== 'Bundle' || bundle.type !== 'transaction') {
    return { status: 400, code: 'invalid', text: 'The body must be a transaction Bundle.' };
  }
  if (
    lines.length !== resources.length ||
    lines.some((line) => line.method !== 'POST' || line.ifNoneExist !== undefined)
  ) {
    return { status: 422, code: 'not-supported', text: 'A transaction may hold unconditional POST entries only.' };
  }
  const covered = resources.every(({ resourceType }) => scopesAllow(grant.scopes, resourceType, 'create'));
  if (!covered || grant.patient !== undefined) {
    return { status: 403, code: 'forbidden', text: 'The scopes of the access token do not allow this.' };
  }
  const index = resources.findIndex((resource) => {
    const offered = hospital.offered.interactions(resource.resourceType).includes('create');
    return !offered || hospital.chart.problems(resource) !== undefined;
  });
  if (index < 0) return undefined;
  return { status: 422, code: 'structure', text: `Entry ${index} is not valid; nothing was stored.` };
}

/**
 * A transaction of new resources, by our own code: every entry is checked before the first is stored, so it is all or nothing,
 * which the router's is not, and every form of fullUrl is resolved.
 */
export async function transaction(
  hospital: Hospital,
  grant: Grant,
  bundle: Resource,
  response: Response,
): Promise<void> {
  const resources = resourcesFrom(hospital.id, [{ label: newId(), bundle }]);
  const refusal = refusalOf(hospital, grant, bundle, resources);
  if (refusal) return refuse(response, refusal.status, refusal.code, refusal.text);
  const lastUpdated = hospital.clock.now().toISOString();
  const entry: object[] = [];
  for (const resource of resources) {
    const stored = { ...resource, meta: { ...resource.meta, versionId: '1', lastUpdated } };
    await hospital.chart.seed(stored);
    hospital.journal.wrote(stored);
    const location = `${hospital.base}/${resource.resourceType}/${resource.id}`;
    entry.push({ response: { status: '201 Created', location, etag: 'W/"1"', lastModified: lastUpdated } });
  }
  await hospital.refreshRoster();
  sendResource(response, 200, { resourceType: 'Bundle', type: 'transaction-response', entry });
}
