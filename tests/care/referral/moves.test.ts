import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bserStatus,
  type CanonicalState,
  canonicalStates,
  openStates,
  ownStatus,
  stateOf,
  statusFor,
} from '../../../src/care/referral/canonical-state.ts';
import { isLegal, moves, type Party, whoMay } from '../../../src/care/referral/moves.ts';
import { partiesOf } from '../../../src/care/referral/parties.ts';

const parties = ['requester', 'performer', 'family', 'administrator'] as const satisfies readonly Party[];
const closed = canonicalStates.filter((state) => state !== 'draft' && !openStates.has(state));

describe('a state in a Task', () => {
  test.each(canonicalStates)('%s is told again from what is written for it', (state) => {
    expect(stateOf(statusFor(state))).toBe(state);
  });

  test.each([
    ['an appointment in a Task that is only accepted', 'accepted', bserStatus, '5.1.1'],
    ['a waiting list in a Task under way', 'in-progress', ownStatus, 'waitlisted'],
    ['a code that nobody knows', 'in-progress', bserStatus, '5.9'],
    ['an acknowledged Task that was declined', 'rejected', ownStatus, 'requester-acknowledged'],
  ] as const)('%s is no state', (_, status, system, code) => {
    expect(stateOf({ status, businessStatus: { coding: [{ system, code }] } })).toBeUndefined();
  });

  test('words and codes of others say nothing; two codes that agree say one thing, two that do not say none', () => {
    expect(stateOf({ status: 'in-progress', businessStatus: { text: 'Scheduled' } })).toBe('active');
    expect(stateOf({ status: 'ready', businessStatus: { coding: [{ system: 'urn:x', code: '5.2' }] } })).toBe(
      'accepted',
    );
    const coding = [
      { system: bserStatus, code: '5.1.1' },
      { system: bserStatus, code: '5.1.4' },
    ];
    expect(stateOf({ status: 'in-progress', businessStatus: { coding } })).toBeUndefined();
    const same = [...coding.slice(0, 1), ...coding.slice(0, 1)];
    expect(stateOf({ status: 'in-progress', businessStatus: { coding: same } })).toBe('scheduled');
  });
});

describe('D9 the table of moves', () => {
  test('D9 has each of the 34 rows of BSeR once', () => {
    const rows = moves.flatMap(({ row }) => row ?? []);
    expect(rows).toEqual(Array.from({ length: 34 }, (_, at) => at + 1));
  });

  test.each(closed)('D9 from %s there is no way back to work', (from) => {
    const onward = moves.filter((move) => move.from === from).map(({ to }) => to);
    expect(onward.filter((to) => openStates.has(to) || to === 'draft')).toEqual([]);
  });

  test('D9 nobody but the requester closes the loop, and only of what is completed', () => {
    expect(moves.filter(({ to }) => to === 'loop-closed')).toEqual([
      { from: 'completed', to: 'loop-closed', by: 'requester' },
    ]);
  });

  test('D9 after acceptance a requester asks for cancellation and does not cancel', () => {
    const after = canonicalStates.filter(
      (state) => openStates.has(state) && !['sent', 'seen', 'more-information'].includes(state),
    );
    for (const from of after) expect(isLegal(from, 'cancelled', ['requester'])).toBe(false);
    expect(isLegal('sent', 'cancelled', ['requester'])).toBe(true);
    expect(whoMay('cancel-requested', 'cancelled')).toEqual(['performer']);
  });

  test('D9 a family withdraws from whatever is open, and does nothing else', () => {
    const ways = moves.filter(({ by }) => by === 'family');
    expect(new Set(ways.map(({ to }) => to))).toEqual(new Set(['cancel-requested']));
    for (const from of openStates) {
      if (from !== 'cancel-requested') expect(isLegal(from, 'cancel-requested', ['family'])).toBe(true);
    }
  });

  test('D9 every open state can be left, and every end be reached from draft', () => {
    const reached = new Set<CanonicalState>(['draft']);
    for (let grew = true; grew; ) {
      const before = reached.size;
      for (const { from, to } of moves) if (reached.has(from)) reached.add(to);
      grew = reached.size > before;
    }
    expect([...reached].sort()).toEqual([...canonicalStates].sort());
    for (const state of openStates)
      expect(moves.some(({ from, to }) => from === state && !openStates.has(to))).toBe(true);
  });
});

/** The same rules in another form, written from the sentences of the decision and not from the table. */
function maySlowly(from: CanonicalState, to: CanonicalState, by: Party): boolean {
  if (from === to) return true;
  if (by === 'administrator') return to === 'entered-in-error';
  const isOpen = openStates.has(from);
  if (by === 'family') return isOpen && to === 'cancel-requested';
  if (by === 'requester') {
    if (from === 'draft') return to === 'sent';
    if (from === 'completed') return to === 'loop-closed';
    if (to === 'cancelled') return ['sent', 'seen', 'more-information'].includes(from);
    if (from === 'more-information' && to === 'sent') return true;
    return isOpen && to === 'cancel-requested';
  }
  if (!isOpen) return false;
  if (to === 'failed') return true;
  if (from === 'cancel-requested') return to === 'cancelled' || to === 'completed';
  if (to === 'waitlisted') return true;
  const isNew = from === 'sent' || from === 'seen';
  if (to === 'declined') return from !== 'appointment-cancelled';
  if (isNew) return to === 'accepted' || to === 'more-information' || (from === 'sent' && to === 'seen');
  if (from === 'more-information') return false;
  if (from === 'waitlisted') return ['accepted', 'active', 'scheduled'].includes(to);
  const isAgreed = from === 'accepted' || from === 'active';
  if (to === 'active') return from === 'accepted';
  if (to === 'scheduled') return true;
  if (to === 'visit-done') return isAgreed || from === 'scheduled';
  if (to === 'completed') return isAgreed || from === 'scheduled' || from === 'visit-done';
  if (to === 'no-show') return from === 'scheduled';
  return to === 'appointment-cancelled' && ['scheduled', 'no-show', 'visit-done'].includes(from);
}

test('D9 the table says of every state, state and party what the sentences say', () => {
  for (const from of canonicalStates) {
    for (const to of canonicalStates) {
      for (const by of parties)
        expect([from, to, by, isLegal(from, to, [by])]).toEqual([from, to, by, maySlowly(from, to, by)]);
    }
  }
});

test('D9 random parties and wishes never take a referral from an end back to work, nor past its requester to a closed loop', () => {
  const wish = fc.tuple(fc.constantFrom(...canonicalStates), fc.constantFrom(...parties));
  fc.assert(
    fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
      let state: CanonicalState = 'draft';
      let hasEnded = false;
      for (const [to, by] of wishes) {
        if (!isLegal(state, to, [by])) continue;
        if (to === 'loop-closed' && state !== 'loop-closed') expect([state, by]).toEqual(['completed', 'requester']);
        state = to;
        if (closed.includes(state)) hasEnded = true;
        if (hasEnded) expect(openStates.has(state)).toBe(false);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('as what somebody writes', () => {
  const task = { requester: { reference: 'Practitioner/asks' }, owner: { reference: 'Practitioner/does' } };
  test.each([
    ['user', 'Practitioner/asks', ['requester', 'administrator']],
    ['user', 'Practitioner/does', ['performer', 'administrator']],
    ['user', 'Practitioner/coordinates', ['requester', 'performer', 'administrator']],
    ['user', 'RelatedPerson/mother', ['family']],
    ['user', 'Patient/teen', ['family']],
    ['client', 'partner', ['requester', 'performer', 'administrator']],
    ['system', 'care', [...parties]],
  ] as const)('D9 %s %s', (kind, id, expected) => {
    expect(partiesOf({ kind, id }, task)).toEqual(expected);
  });

  test('D9 a family that asked for itself is requester too', () => {
    expect(partiesOf({ kind: 'user', id: 'Patient/teen' }, { requester: { reference: 'Patient/teen' } })).toEqual([
      'requester',
      'family',
    ]);
  });
});
