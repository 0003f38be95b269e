import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CanonicalState, canonicalStates, openStates } from '../../../../src/care/referral/canonical-state.ts';
import { followParts, hasOpenPart } from '../../../../src/care/referral/indirect/follow.ts';
import { isLegal } from '../../../../src/care/referral/moves.ts';

/** Until it stays. */
function settled(source: CanonicalState, parts: readonly CanonicalState[]): CanonicalState {
  let at = source;
  for (let step = 0; step < 5; step += 1) {
    const to = followParts(at, parts);
    if (to === undefined) return at;
    at = to;
  }
  throw new Error('it never settles');
}

describe('D9 an indirect referral: the source follows its parts', () => {
  test.each<[CanonicalState, CanonicalState[], CanonicalState]>([
    ['sent', [], 'sent'],
    ['sent', ['sent', 'seen'], 'sent'],
    ['sent', ['accepted', 'sent'], 'accepted'],
    ['sent', ['scheduled', 'sent'], 'active'],
    ['sent', ['completed', 'sent'], 'active'],
    ['accepted', ['completed', 'declined'], 'completed'],
    ['sent', ['completed'], 'completed'],
    ['seen', ['loop-closed', 'failed'], 'completed'],
    ['accepted', ['waitlisted', 'declined'], 'waitlisted'],
    ['waitlisted', ['active'], 'active'],
    ['accepted', ['waitlisted', 'sent'], 'accepted'],
    // Nobody did it: whoever coordinates asks somebody else, or says so.
    ['active', ['declined', 'failed', 'cancelled'], 'active'],
    ['active', ['entered-in-error'], 'active'],
    ['accepted', ['completed', 'entered-in-error'], 'completed'],
    // What the platform says more of stays, and so does what somebody wants to end.
    ['scheduled', ['active'], 'scheduled'],
    ['more-information', ['active'], 'more-information'],
    ['cancel-requested', ['completed'], 'cancel-requested'],
    ['cancelled', ['completed'], 'cancelled'],
  ])('from %s with %j to %s', (source, parts, expected) => {
    expect(settled(source, parts)).toBe(expected);
  });

  test('any source and parts: it only makes moves that its performer might make, settles, and is completed over no open part', () => {
    const state = fc.constantFrom(...canonicalStates);
    fc.assert(
      fc.property(state, fc.array(state, { maxLength: 5 }), (source, parts) => {
        const to = followParts(source, parts);
        if (to !== undefined) expect([source, to, isLegal(source, to, ['performer'])]).toEqual([source, to, true]);
        const last = settled(source, parts);
        if (last === 'completed' && source !== 'completed') {
          expect(hasOpenPart(parts)).toBe(false);
          expect(parts.some((part) => part === 'completed' || part === 'loop-closed')).toBe(true);
        }
        if (!openStates.has(source)) expect(last).toBe(source);
      }),
      { numRuns: 2000 },
    );
  });
});
