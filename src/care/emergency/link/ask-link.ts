import { visibilityOf } from '../../../access/decide.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import type { OperationRequest } from '../../../module.ts';
import type { Visibility } from '../../../store/types.ts';
import { currentOf } from '../../stored.ts';
import { readState } from '../state-row.ts';

export interface AskedLink {
  patientId: string;
  /** Who asks, `Practitioner/…` and so on. */
  person: string;
}

const noPlan = fail('not-found', 'There is no such emergency plan here.');

/**
 * Links are for people who see the emergency plan: themselves, not by a glass that they broke (`readsAs` says what they see without it). For anybody
 * else there is no such plan.
 */
export async function askLink(
  { id = '', principal, store }: OperationRequest,
  readsAs: (person: string) => Promise<Visibility>,
): Promise<Result<AskedLink>> {
  const { kind, fhirUser } = principal;
  if (kind !== 'user' || fhirUser === undefined) return noPlan;
  const state = await readState(store, id);
  if (!state) return noPlan;
  for (const seen of [visibilityOf(principal, 'r'), await readsAs(fhirUser)]) {
    if (currentOf(await store.readSeen('Patient', id, seen)) === undefined) return noPlan;
    if (currentOf(await store.readSeen('CarePlan', state.planId, seen)) === undefined) return noPlan;
  }
  return ok({ patientId: id, person: fhirUser });
}
