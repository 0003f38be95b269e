import { fail, ok, type Result } from '../../base/errors.ts';
import { categoryRow } from '../categories.ts';
import { parseContent } from '../content.ts';
import { indexRow } from '../index-row.ts';
import type { Change, Stored, Written } from '../types.ts';
import { nextInstant, runChecks, runEffects, type WriteContext, write } from './context.ts';

/**
 * Writes a version that says "deleted"; the versions before stay readable. Source: FHIR R4, http.html#delete. What is not there is
 * no error: the answer is undefined when it never was, `unchanged` when it is deleted already.
 */
export async function remove(
  context: WriteContext,
  type: string,
  id: string,
  options: { ifMatch?: number } = {},
): Promise<Result<Written | undefined>> {
  const current = await context.held.get(type, id);
  if (options.ifMatch !== undefined && options.ifMatch !== current?.stored.version) {
    return fail('precondition', `The ${type} has changed since the version you named.`);
  }
  if (!current) return ok(undefined);
  const { key, stored: before } = current;
  if (before.deleted) return ok({ outcome: 'unchanged', stored: before });

  const beforeResource = parseContent(before.json);
  const change: Change = { type, id, outcome: 'deleted', before: beforeResource };
  const allowed = await runChecks(context, change);
  if (!allowed.ok) return allowed;
  const lastUpdated = nextInstant(context, before);
  const stored: Stored = {
    type,
    id,
    version: before.version + 1,
    lastUpdated,
    deleted: true,
    method: 'DELETE',
    json: '',
  };
  // Nothing finds it any more; only whose and of which categories it was stays known, so that it has the same readers as before.
  const entries = context.parts.extract(beforeResource);
  const { patients, subjects } = indexRow(beforeResource, entries);
  const { links } = categoryRow(context.parts, beforeResource, entries);
  const categories = { own: 0n, sources: [], links };
  const index = { tokens: links, patients, subjects, strings: [], dates: [], numbers: [], sortValues: '{}' };
  await write(context, { stored, index, categories, outcome: 'deleted', actor: context.tx.actor }, key);
  const followed = await runEffects(context, { ...change, stored, patients });
  return followed.ok ? ok({ outcome: 'deleted', stored }) : followed;
}
