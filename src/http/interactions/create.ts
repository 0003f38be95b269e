import { may } from '../../access/decide.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx, Visibility } from '../../store/types.ts';
import type { FhirContext, FhirResponse, Interaction } from '../fhir-request.ts';
import { transactToLast } from './last-version.ts';
import {
  checkedAlone,
  heardFrom,
  keepWithin,
  matchOne,
  mayWrite,
  readableResponse,
  withRemarks,
} from './write-steps.ts';

/** `POST [base]/[type]`, with If-None-Exist a conditional create. */
export const create: Interaction = async (request, context) => {
  const { type = '', ifNoneExist } = request;
  const visible = mayWrite(type, 'c', context);
  if (!visible.ok) return visible;
  const checked = await checkedAlone(request.body, type, context);
  if (!checked.ok) return checked;
  const { resource, remarks } = checked.value;
  return transactToLast(context, async (tx) => {
    if (ifNoneExist !== undefined) {
      const match = await matchOne(tx, type, ifNoneExist, context, conditionLetter(type, context));
      if (!match.ok) return match;
      if (match.value) return ok(await readableResponse(tx, { outcome: 'unchanged', stored: match.value }, context));
    }
    return withRemarks(await createIn(tx, resource, context), remarks);
  });
};

/** What a conditional create looks for its match with: searching where the token may, else creating alone. */
export function conditionLetter(type: string, { principal }: FhirContext): 's' | 'c' {
  return may(principal, type, 's') ? 's' : 'c';
}

/**
 * Creates within a transaction. `id`: a new one, made beforehand because other entries of a Bundle refer to it. `visible`: what `mayWrite`
 * has answered for this type.
 */
export async function createIn(
  tx: Tx,
  resource: Resource,
  context: FhirContext,
  { id, visible = mayWrite(resource.resourceType, 'c', context) }: { id?: string; visible?: Result<Visibility> } = {},
): Promise<Result<FhirResponse>> {
  if (!visible.ok) return visible;
  const heard = heardFrom(context, resource);
  if (!heard.ok) return heard;
  const written = await tx.create(heard.value, id === undefined ? {} : { id, isNew: true });
  if (!written.ok) return written;
  const kept = await keepWithin(tx, visible.value, written.value);
  // Who may create may be somebody who reads nothing of the kind, not even this.
  return kept.ok ? ok(await readableResponse(tx, kept.value, context)) : kept;
}
