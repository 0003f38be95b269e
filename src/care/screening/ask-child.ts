import { visibilityOf } from '../../access/decide.ts';
import type { Interaction } from '../../access/types.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';

const absent = () => fail('not-found', 'There is no such child here.');

/** The child, when the caller sees it. One answer for absent, deleted and not this caller's: nobody learns who is known here. */
export async function childSeen(request: OperationRequest, id: string | undefined): Promise<Result<Resource>> {
  if (id === undefined) return absent();
  const seen = await request.store.readSeen('Patient', id, visibilityOf(request.principal, 'r'));
  const child = currentOf(seen);
  return child ? ok(child) : absent();
}

/** True when the caller may write some record of this type for the child, whatever its labels. */
export function mayWriteFor({ principal }: OperationRequest, type: string, childId: string, by: Interaction): boolean {
  const visible = visibilityOf(principal, by);
  if (visible.kind === 'all') return true;
  return visible.grants.some(
    ({ types, patients, except, having }) =>
      (types === 'any' || types.has(type)) &&
      (patients === undefined || patients.includes(childId)) &&
      !except?.includes(childId) &&
      having === undefined,
  );
}
