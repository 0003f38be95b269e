import { type CanonicalState, openStates } from '../canonical-state.ts';
import { isLegal } from '../moves.ts';

/** States in which somebody has begun, or agreed to begin. */
const begun: ReadonlySet<CanonicalState> = new Set([
  ...(['active', 'scheduled', 'no-show', 'appointment-cancelled', 'visit-done', 'completed', 'loop-closed'] as const),
]);

/** Parts that never were say nothing. */
function standing(parts: readonly CanonicalState[]): CanonicalState[] {
  return parts.filter((state) => state !== 'entered-in-error' && state !== 'draft');
}

/** True while somebody who was asked for a part has still to do something. */
export function hasOpenPart(parts: readonly CanonicalState[]): boolean {
  return standing(parts).some((state) => openStates.has(state));
}

/** Where the parts say that the source is; undefined: nothing that it does not say itself. */
function wantedBy(parts: readonly CanonicalState[]): CanonicalState | undefined {
  const all = standing(parts);
  if (all.length === 0) return undefined;
  const open = all.filter((state) => openStates.has(state));
  // All were declined, cancelled or failed: whoever coordinates asks somebody else, or declines. That is not ours to say.
  if (open.length === 0)
    return all.some((state) => state === 'completed' || state === 'loop-closed') ? 'completed' : undefined;
  if (open.every((state) => state === 'waitlisted')) return 'waitlisted';
  if (all.some((state) => begun.has(state))) return 'active';
  return all.includes('accepted') ? 'accepted' : undefined;
}

/**
 * The next move of a source by what its parts say, one that its performer might make; undefined when it stays. It is accepted with the first part
 * that is, under way with the first that is, waits when all that is left waits, and is completed when every part has ended and one of them by
 * being completed. Asked again until it stays.
 */
export function followParts(source: CanonicalState, parts: readonly CanonicalState[]): CanonicalState | undefined {
  const wanted = wantedBy(parts);
  if (wanted === undefined || !openStates.has(source) || isBeyond(source, wanted)) return undefined;
  if (isLegal(source, wanted, ['performer'])) return wanted;
  const isOnTheWay = wanted === 'active' || wanted === 'completed';
  return isOnTheWay && isLegal(source, 'accepted', ['performer']) ? 'accepted' : undefined;
}

/** What the platform has said more of, or asked about, stays; so does what somebody wants to end. */
function isBeyond(source: CanonicalState, wanted: CanonicalState): boolean {
  if (source === wanted || source === 'more-information' || source === 'cancel-requested') return true;
  if (wanted === 'accepted') return source !== 'sent' && source !== 'seen' && source !== 'waitlisted';
  return wanted === 'active' && begun.has(source);
}
