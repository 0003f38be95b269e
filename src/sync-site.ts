import type { House } from './app.ts';
import type { Result } from './base/errors.ts';
import { careActor } from './care/plan/care-actor.ts';
import type { RunSummary, SyncOptions } from './ehr/index.ts';

/** One sync of one site as the house does it: after each child's data are in, the child's shared plan is composed. */
export function syncSite(
  house: Pick<House, 'ehr' | 'care' | 'store'>,
  siteId: string,
  progress?: SyncOptions['progress'],
): Promise<Result<RunSummary>> {
  const { ehr, care, store } = house;
  const afterPatient = (patientId: string) =>
    store.transact(careActor(`sync-${siteId}`), (tx) => care.composePlan(tx, patientId));
  return ehr.runSync(store, siteId, { afterPatient, ...(progress && { progress }) });
}
