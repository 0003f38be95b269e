import type { r4 } from '../../fhir/types.ts';

export type Status = r4.EpisodeOfCare['status'];

/**
 * Every legal move of an enrollment (decision D11). An end is an end: who comes back is enrolled anew, in an episode of its own, so that no
 * month is counted twice. Who was enrolled ends as finished, who never was as cancelled.
 */
const table: Partial<Record<Status, readonly Status[]>> = {
  planned: ['waitlist', 'active', 'cancelled'],
  waitlist: ['active', 'cancelled'],
  active: ['onhold', 'finished'],
  onhold: ['active', 'finished'],
};

export function movesFrom(from: Status): readonly Status[] {
  const own = table[from] ?? [];
  return from === 'entered-in-error' ? [] : [...own, 'entered-in-error'];
}

/** Why an enrollment stands where it stands, by status (CodeSystem/enrollment-reason). A status that is not here has no reason. */
export const reasonsFor: Partial<Record<Status, readonly string[]>> = {
  onhold: ['family-asked', 'in-hospital', 'away', 'no-contact', 'other'],
  finished: [
    ...['graduated', 'lost-to-follow-up', 'withdrew', 'consent-ended', 'moved-away', 'transferred', 'aged-out', 'died'],
    'other',
  ],
  cancelled: ['declined', 'not-eligible', 'unable-to-reach', 'moved-away', 'transferred', 'died', 'duplicate', 'other'],
};

/** Reasons that say nothing without words. */
export const needWords: ReadonlySet<string> = new Set(['declined', 'withdrew', 'lost-to-follow-up', 'other']);

/** Cancelled for one of these, the child is no longer among those who could be enrolled. */
export const leavesPool: ReadonlySet<string> = new Set([
  'not-eligible',
  'moved-away',
  'transferred',
  'died',
  'duplicate',
]);
