import { authorize } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import type { FhirContext, FhirResponse, Interaction } from '../fhir-request.ts';
import { versionOfIfMatch } from '../versions.ts';
import { transactToLast } from './last-version.ts';
import {
  checkedAlone,
  criteriaOf,
  heardFrom,
  keepWithin,
  matchOne,
  mayReplace,
  withRemarks,
  writtenResponse,
} from './write-steps.ts';

/** `PUT [base]/[type]/[id]` (also as create), or `PUT [base]/[type]?criteria` (conditional update). */
export const update: Interaction = async (request, context) => {
  const { type = '', id } = request;
  const visible = authorize(context.principal, type, 'u');
  if (!visible.ok) return visible;
  const checked = await checkedAlone(request.body, type, context);
  if (!checked.ok) return checked;
  const { resource, remarks } = checked.value;
  const unless = writeUnless(request);
  if (!unless.ok) return unless;
  return transactToLast(context, async (tx) => {
    const target =
      id === undefined ? await conditionalTarget(tx, request.query, resource, context) : sameId(resource, id);
    if (!target.ok) return target;
    return withRemarks(await updateIn(tx, { ...resource, id: target.value }, context, unless.value), remarks);
  });
};

/** What a write must find, or not find; otherwise it is refused with 412. */
export interface WriteUnless {
  ifMatch?: number;
  ifAbsent?: boolean;
}

/** Reads If-Match, and If-None-Match: * ("only when there is none yet"). */
export function writeUnless(headers: { ifMatch?: string; ifNoneMatch?: string }): Result<WriteUnless> {
  const ifMatch = versionOfIfMatch(headers.ifMatch);
  if (!ifMatch.ok) return ifMatch;
  if (headers.ifNoneMatch !== undefined && headers.ifNoneMatch.trim() !== '*')
    return fail('precondition', 'A write takes If-None-Match: * only.');
  return ok({
    ...(ifMatch.value !== undefined && { ifMatch: ifMatch.value }),
    ...(headers.ifNoneMatch !== undefined && { ifAbsent: true }),
  });
}

/** Updates within a transaction. What the caller may not see cannot be overwritten. */
export async function updateIn(
  tx: Tx,
  resource: Resource & { id: string },
  context: FhirContext,
  unless: WriteUnless,
): Promise<Result<FhirResponse>> {
  const may = await mayReplace(tx, resource.resourceType, resource.id, 'u', context);
  if (!may.ok) return may;
  const heard = heardFrom(context, resource, may.value.current);
  if (!heard.ok) return heard;
  const known = unlessChanged(resource, unless, may.value.current !== undefined, context);
  if (!known.ok) return known;
  const written = await tx.update(heard.value, known.value);
  if (!written.ok) return written;
  const kept = await keepWithin(tx, may.value.visible, written.value);
  return kept.ok ? ok(writtenResponse(kept.value, context)) : kept;
}

/**
 * Of what several people edit at once (`Module.editedByMany`) a person says which version they have read: by If-Match, or by the version that their
 * copy says it is. Without either nobody could tell whose words would be lost.
 */
function unlessChanged(
  resource: Resource,
  unless: WriteUnless,
  isThere: boolean,
  { principal, editedByMany = [] }: FhirContext,
): Result<WriteUnless> {
  const isGuarded = isThere && principal.kind === 'user' && editedByMany.some((holds) => holds(resource));
  if (!isGuarded || unless.ifMatch !== undefined) return ok(unless);
  const version = resource.meta?.versionId ?? '';
  if (/^[1-9]\d{0,8}$/.test(version)) return ok({ ...unless, ifMatch: Number(version) });
  const text = `Several people edit this ${resource.resourceType}. Say which version you have read: by If-Match, or by its meta.versionId.`;
  return fail('precondition', text);
}

function sameId(resource: Resource, id: string): Result<string> {
  if (resource.id === id) return ok(id);
  return fail('invalid', 'The id in the body must be the id in the URL.', {
    code: 'value',
    expression: [`${resource.resourceType}.id`],
  });
}

/** The id a conditional update writes to: the one match, else the id in the body, else a new one (FHIR R4, http.html#cond-update). */
export async function conditionalTarget(
  tx: Tx,
  query: readonly (readonly [string, string])[],
  resource: Resource,
  context: FhirContext,
): Promise<Result<string>> {
  const match = await matchOne(tx, resource.resourceType, criteriaOf(query), context);
  if (!match.ok) return match;
  if (!match.value) return ok(resource.id ?? newId());
  if (resource.id !== undefined && resource.id !== match.value.id) {
    return fail('invalid', 'The id in the body is not the id of the resource that matches the criteria.', {
      code: 'value',
    });
  }
  return ok(match.value.id);
}
