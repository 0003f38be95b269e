import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJsonStrict } from '../../fhir/json.ts';
import { type Patch, parsePatch } from '../../fhir/patch/parse.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import type { FhirContext, FhirResponse, Interaction } from '../fhir-request.ts';
import { versionOfIfMatch } from '../versions.ts';
import { transactToLast } from './last-version.ts';
import { notFound } from './read.ts';
import {
  checkedAlone,
  criteriaOf,
  heardFrom,
  keepWithin,
  matchOne,
  mayReplace,
  mayWrite,
  readableResponse,
  withRemarks,
} from './write-steps.ts';

/** `PATCH [base]/[type]/[id]`, or `PATCH [base]/[type]?criteria` (FHIR R4, http.html#patch): no match is 404, several are 412. */
export const patch: Interaction = async (request, context) => {
  const { type = '', id } = request;
  const allowed = mayWrite(type, 'u', context);
  if (!allowed.ok) return allowed;
  const change = parsePatch(request.body, context.definitions.schema());
  if (!change.ok) return change;
  const ifMatch = versionOfIfMatch(request.ifMatch);
  if (!ifMatch.ok) return ifMatch;
  return transactToLast(context, async (tx) => {
    const target = id === undefined ? await patchTarget(tx, type, criteriaOf(request.query), context) : ok(id);
    return target.ok ? patchIn(tx, type, target.value, change.value, context, ifMatch.value) : target;
  });
};

/** The id that a conditional patch changes. */
export async function patchTarget(
  tx: Tx,
  type: string,
  criteria: string,
  context: FhirContext,
): Promise<Result<string>> {
  const match = await matchOne(tx, type, criteria, context);
  if (!match.ok) return match;
  return match.value ? ok(match.value.id) : fail('not-found', `No ${type} matches the criteria.`);
}

/**
 * Patches within a transaction. A version that came in between our read and our write is no reason to refuse a caller who
 * named none: the refused write has locked the row, so the second try reads what nobody else can change any more.
 */
export async function patchIn(
  tx: Tx,
  type: string,
  id: string,
  change: Patch,
  context: FhirContext,
  ifMatch?: number,
): Promise<Result<FhirResponse>> {
  const first = await tryPatch(tx, type, id, change, context, ifMatch);
  if (first.ok || ifMatch !== undefined || first.error.kind !== 'precondition') return first;
  return tryPatch(tx, type, id, change, context, undefined);
}

async function tryPatch(
  tx: Tx,
  type: string,
  id: string,
  change: Patch,
  context: FhirContext,
  ifMatch: number | undefined,
): Promise<Result<FhirResponse>> {
  const may = await mayReplace(tx, type, id, 'u', context);
  if (!may.ok) return may;
  const { visible, current } = may.value;
  if (!current) return notFound(type);
  if (ifMatch !== undefined && ifMatch !== current.version)
    return fail('precondition', `The ${type} has changed since the version you named.`);
  if (current.deleted) return fail('gone', `This ${type} was deleted.`);
  const before = parseJsonStrict(current.json);
  if (!before.ok) return before;
  const kept = before.value as Resource;
  // Who says it in other words patches what it was told.
  const patched = change(context.speaker?.types.has(type) ? context.speaker.tell(kept) : kept);
  if (!patched.ok) return patched;
  const checked = await checkedAlone(patched.value, type, context, tx);
  if (!checked.ok) return checked;
  const heard = heardFrom(context, checked.value.resource, current);
  if (!heard.ok) return heard;
  const written = await tx.update({ ...heard.value, id }, { ifMatch: current.version });
  if (!written.ok) return written;
  const within = await keepWithin(tx, visible, written.value);
  return within.ok ? withRemarks(ok(await readableResponse(tx, within.value, context)), checked.value.remarks) : within;
}

/**
 * The patch of a Bundle entry: a Parameters resource, or a Binary that holds a JSON Patch (FHIR R4, http.html#patch,
 * "PATCH in batch and transaction"). Anything else is left as it is, for `parsePatch` to refuse.
 */
export function patchOfEntry(resource: Resource | undefined): unknown {
  if (resource?.resourceType !== 'Binary' || typeof resource.data !== 'string') return resource;
  if (!/^application\/json-patch\+json\b/.test(String(resource.contentType))) return resource;
  const parsed = parseJsonStrict(Buffer.from(resource.data, 'base64').toString('utf8'));
  return parsed.ok ? parsed.value : undefined;
}
