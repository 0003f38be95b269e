import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Change, Written } from '../types.ts';
import { nextInstant, runChecks, runEffects, versionRow, type WriteContext, write } from './context.ts';

/**
 * Writes version 1 of a new resource. Source: FHIR R4, http.html#create. Errors: `conflict` when the id is taken (by a deleted
 * resource too: only an update brings one back), and whatever a check refuses. `isNew`: nobody else can have the id.
 */
export async function create(
  context: WriteContext,
  resource: Resource,
  options: { id?: string; isNew?: boolean; method?: 'POST' | 'PUT' } = {},
): Promise<Result<Written>> {
  const { id = newId(), isNew = options.id === undefined, method = 'POST' } = options;
  if (!isNew && (await context.held.get(resource.resourceType, id))) {
    return fail('conflict', `A ${resource.resourceType} with this id exists already.`, { code: 'duplicate' });
  }
  const lastUpdated = nextInstant(context);
  const made = versionRow(context, resource, { id, version: 1, lastUpdated, method }, 'created');
  if (!made.ok) return made;
  const { after, ...row } = made.value;
  // A PUT names its id itself, and others may have pointed to that before it was there.
  const isOurs = isNew && method === 'POST';
  const change: Change = { type: resource.resourceType, id, outcome: 'created', after, ...(isOurs && { isNew: true }) };
  const allowed = await runChecks(context, change);
  if (!allowed.ok) return allowed;
  await write(context, { ...row, isOurs });
  const followed = await runEffects(context, { ...change, stored: row.stored, patients: row.index.patients });
  return followed.ok ? ok({ outcome: 'created', stored: row.stored }) : followed;
}
