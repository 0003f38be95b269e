import type { CarePart } from '../parts.ts';
import { type FollowEnd, followConsentEnds } from './end-job.ts';
import { keepConsentEnds } from './keep-ends.ts';

/** What ends when the time of a consent is over. `follows`: what the rooms above do then. */
export function consentEndPart(follows: readonly FollowEnd[], zone: string): CarePart {
  return { conclusions: [keepConsentEnds(zone)], jobs: [followConsentEnds(follows, zone)] };
}
