import { authorize, toldTo } from '../../access/decide.ts';
import { fail, type Result } from '../../base/errors.ts';
import type { Reader } from '../../store/types.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interaction } from '../fhir-request.ts';
import { notFound, viewResponse } from './read.ts';

/** `GET [base]/[type]/[id]/_history/[version]`. */
export const vread: Interaction = (request, context) => vreadIn(context.store, request, context);

/** The version as the store or, within a Bundle, the transaction has it. */
export async function vreadIn(
  reader: Reader,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<FhirResponse>> {
  const { type = '', id = '', version = '' } = request;
  const visible = authorize(context.principal, type, 'r');
  if (!visible.ok) return visible;
  if (!/^[1-9]\d{0,8}$/.test(version)) return notFound(type);
  // The record first, in one statement, so that what is hidden takes the same path as what never was (TH-60).
  const current = await reader.readSeen(type, id, toldTo(context.principal, visible.value));
  if (!current) return notFound(type);
  const isCurrent = current.version === Number(version);
  const stored = isCurrent ? current : await reader.readVersion(type, id, Number(version));
  if (!stored || !(isCurrent || (await reader.sees(visible.value, stored)))) return notFound(type);
  if (stored.deleted) return fail('gone', `This version marks the deletion of the ${type}.`);
  return viewResponse(stored, request, context);
}
