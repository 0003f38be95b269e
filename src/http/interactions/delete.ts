import { ok, type Result } from '../../base/errors.ts';
import type { Tx } from '../../store/types.ts';
import type { FhirContext, FhirResponse, Interaction } from '../fhir-request.ts';
import { etagOf, versionOfIfMatch } from '../versions.ts';
import { mayReplace } from './write-steps.ts';

/** `DELETE [base]/[type]/[id]`. Deleting what is gone already, or never was, answers 204 as well. */
export const remove: Interaction = async (request, context) => {
  const { type = '', id = '' } = request;
  const ifMatch = versionOfIfMatch(request.ifMatch);
  if (!ifMatch.ok) return ifMatch;
  return context.store.transact(context.actor, (tx) => deleteIn(tx, type, id, context, ifMatch.value));
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
