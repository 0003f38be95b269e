import { ok, type Result } from '../../base/errors.ts';
import type { Tx } from '../../store/types.ts';
import type { FhirContext, FhirResponse, Interaction } from '../fhir-request.ts';
import { etagOf, versionOfIfMatch } from '../versions.ts';
import { criteriaOf, matchOne, mayReplace, mayWrite } from './write-steps.ts';

/**
 * `DELETE [base]/[type]/[id]`, or `DELETE [base]/[type]?criteria` for the one match: several are 412 (FHIR R4,
 * http.html#delete). Deleting what is gone already, or never was, answers 204 as well.
 */
export const remove: Interaction = async (request, context) => {
  const { type = '', id } = request;
  const allowed = mayWrite(type, 'd', context);
  if (!allowed.ok) return allowed;
  const ifMatch = versionOfIfMatch(request.ifMatch);
  if (!ifMatch.ok) return ifMatch;
  return context.store.transact(context.actor, async (tx) => {
    if (id !== undefined) return deleteIn(tx, type, id, context, ifMatch.value);
    const match = await matchOne(tx, type, criteriaOf(request.query), context);
    if (!match.ok) return match;
    return match.value ? deleteIn(tx, type, match.value.id, context, ifMatch.value) : ok({ status: 204, write: true });
  });
};

/** Deletes within a transaction. */
export async function deleteIn(
  tx: Tx,
  type: string,
  id: string,
  context: FhirContext,
  ifMatch?: number,
): Promise<Result<FhirResponse>> {
  const may = await mayReplace(tx, type, id, 'd', context);
  if (!may.ok) return may;
  const written = await tx.delete(type, id, ifMatch === undefined ? {} : { ifMatch });
  if (!written.ok) return written;
  return ok(
    written.value ? { status: 204, etag: etagOf(written.value.stored), write: true } : { status: 204, write: true },
  );
}
