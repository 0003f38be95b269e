import { fail, ok, type Result } from '../../base/errors.ts';
import { inlineLabelUrl } from '../../fhir/labelled-parts.ts';
import type { Resource } from '../../fhir/types.ts';
import { parseContent, sameContent } from '../content.ts';
import type { Change, Stored, Written } from '../types.ts';
import { nextInstant, runChecks, runEffects, versionRow, type WriteContext, write } from './context.ts';
import { create } from './create.ts';

const changedMeanwhile = (type: string) =>
  fail('precondition', `The ${type} has changed since the version you named. Read it again and repeat the change.`);

/**
 * Writes the next version of `resource.id`, or its first. Source: FHIR R4, http.html#update and #upsert. Errors: `invalid` without
 * an id, `precondition` when `ifMatch` is not the current version, and whatever a check refuses.
 */
export async function update(
  context: WriteContext,
  resource: Resource,
  options: { ifMatch?: number; ifAbsent?: boolean } = {},
): Promise<Result<Written>> {
  const { resourceType: type, id } = resource;
  if (id === undefined)
    return fail('invalid', 'The resource has no id.', { code: 'required', expression: [`${type}.id`] });
  const current = await context.held.get(type, id);
  if (!current) {
    if (options.ifMatch !== undefined) return changedMeanwhile(type);
    // Another transaction may make it between our look and our insert: ours is then tried again, and sees it.
    return create(context, resource, { id, isNew: true, method: 'PUT' });
  }
  const { key, stored: before } = current;
  if (options.ifAbsent && !before.deleted) return fail('precondition', `This ${type} exists already.`);
  if (options.ifMatch !== undefined && options.ifMatch !== before.version) return changedMeanwhile(type);
  const beforeResource = before.deleted ? undefined : parseContent(before.json);
  const outcome = before.deleted ? 'created' : 'updated';
  const version = {
    id,
    version: before.version + 1,
    lastUpdated: nextInstant(context, before),
    method: 'PUT',
  } as const;
  const kept = await keptLabels(context, before, resource);
  const made = versionRow(context, kept, version, outcome);
  if (!made.ok) return made;
  const { after, ...row } = made.value;
  if (beforeResource && sameContent(beforeResource, after)) return ok({ outcome: 'unchanged', stored: before });

  const change: Change = { type, id, outcome, before: beforeResource, after };
  const allowed = await runChecks(context, change);
  if (!allowed.ok) return allowed;
  await write(context, row, key);
  const followed = await runEffects(context, { ...change, stored: row.stored, patients: row.index.patients });
  return followed.ok ? ok({ outcome, stored: row.stored }) : followed;
}

/** Types that are changed by somebody who is told a part of them. */
const toldInPart: ReadonlySet<string> = new Set(['Consent', 'Task']);

/** What of the version before stays, such as its labels; of a deleted record, those of the last version that said something. */
async function keptLabels({ parts, tx }: WriteContext, before: Stored, resource: Resource): Promise<Resource> {
  if (!parts.keep) return resource;
  const last = before.deleted ? await tx.readVersion(before.type, before.id, before.version - 1) : before;
  if (!last || last.deleted) return resource;
  // Families and partners are told a Task in part, and change a part of it.
  const isLabelled = last.json.includes('"security"') || last.json.includes(inlineLabelUrl);
  const isAsked = isLabelled || (toldInPart.has(last.type) && tx.actor.kind !== 'system');
  if (!isAsked) return resource;
  return parts.keep(parseContent(last.json), resource, tx);
}
