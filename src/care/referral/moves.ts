import { type CanonicalState, canonicalStates, openStates } from './canonical-state.ts';

/** Towards one referral: who asks, who does it, the child or its family, and who keeps the register. */
export type Party = 'requester' | 'performer' | 'family' | 'administrator';

export interface Move {
  from: CanonicalState;
  to: CanonicalState;
  by: Party;
  /** Row of the state table of HL7's Bidirectional Services eReferral guide (BSeR); absent: ours. */
  row?: number;
}

const p = 'performer';
const r = 'requester';

/** The 34 rows of BSeR, as [row, from, to, by]. */
const bser: readonly (readonly [number, CanonicalState, CanonicalState, Party])[] = [
  [1, 'draft', 'sent', r],
  [2, 'sent', 'accepted', p],
  [3, 'sent', 'declined', p],
  [4, 'sent', 'cancel-requested', r],
  [5, 'accepted', 'declined', p],
  [6, 'accepted', 'scheduled', p],
  [7, 'accepted', 'cancel-requested', r],
  [8, 'accepted', 'visit-done', p],
  [9, 'accepted', 'completed', p],
  [10, 'scheduled', 'declined', p],
  [11, 'scheduled', 'scheduled', p],
  [12, 'scheduled', 'no-show', p],
  [13, 'scheduled', 'appointment-cancelled', p],
  [14, 'scheduled', 'cancel-requested', r],
  [15, 'scheduled', 'visit-done', p],
  [16, 'scheduled', 'completed', p],
  [17, 'no-show', 'declined', p],
  [18, 'no-show', 'scheduled', p],
  [19, 'no-show', 'appointment-cancelled', p],
  [20, 'no-show', 'cancel-requested', r],
  [21, 'appointment-cancelled', 'scheduled', p],
  [22, 'appointment-cancelled', 'cancel-requested', r],
  [23, 'cancel-requested', 'cancelled', p],
  [24, 'cancel-requested', 'completed', p],
  [25, 'visit-done', 'declined', p],
  [26, 'visit-done', 'scheduled', p],
  [27, 'visit-done', 'appointment-cancelled', p],
  [28, 'visit-done', 'cancel-requested', r],
  [29, 'visit-done', 'visit-done', p],
  [30, 'visit-done', 'completed', p],
  [31, 'accepted', 'active', p],
  [32, 'accepted', 'active', p],
  [33, 'active', 'declined', p],
  [34, 'active', 'cancel-requested', r],
];

/** What daily work needs besides: a look before the answer, a question back, a waiting list, an end that is no success, an acknowledgement. */
const own: readonly (readonly [CanonicalState, CanonicalState, Party])[] = [
  ['sent', 'seen', p],
  ['sent', 'cancelled', r],
  ['seen', 'cancelled', r],
  ['seen', 'accepted', p],
  ['seen', 'declined', p],
  ['sent', 'more-information', p],
  ['seen', 'more-information', p],
  ['more-information', 'sent', r],
  ['more-information', 'cancelled', r],
  ['more-information', 'declined', p],
  ['active', 'scheduled', p],
  ['active', 'visit-done', p],
  ['active', 'completed', p],
  ['waitlisted', 'accepted', p],
  ['waitlisted', 'active', p],
  ['waitlisted', 'scheduled', p],
  ['waitlisted', 'declined', p],
  ['completed', 'loop-closed', r],
];

/** States that a family may still withdraw from: whoever does the work then confirms it (decision D9). */
const open = [...openStates];

/** Every legal move of a referral (decision D9). What is not here is refused. */
export const moves: readonly Move[] = [
  ...bser.map(([row, from, to, by]) => ({ row, from, to, by })),
  ...own.map(([from, to, by]) => ({ from, to, by })),
  ...open
    .filter((from) => from !== 'waitlisted' && from !== 'cancel-requested')
    .map((from) => ({ from, to: 'waitlisted' as const, by: p }) as const),
  ...open.map((from) => ({ from, to: 'failed' as const, by: p }) as const),
  ...open
    .filter((from) => from !== 'cancel-requested')
    .map((from) => ({ from, to: 'cancel-requested' as const, by: 'family' }) as const),
  ...(['seen', 'more-information', 'waitlisted'] as const).map(
    (from) => ({ from, to: 'cancel-requested' as const, by: r }) as const,
  ),
  ...canonicalStates
    .filter((from) => from !== 'entered-in-error')
    .map((from) => ({ from, to: 'entered-in-error' as const, by: 'administrator' }) as const),
];

/** True when one of the parties may make the move. To stay where it is, is no move. */
export function isLegal(from: CanonicalState, to: CanonicalState, parties: readonly Party[]): boolean {
  return from === to || moves.some((move) => move.from === from && move.to === to && parties.includes(move.by));
}

/** Who may make it, for the text of a refusal. */
export function whoMay(from: CanonicalState, to: CanonicalState): Party[] {
  return [...new Set(moves.filter((move) => move.from === from && move.to === to).map(({ by }) => by))];
}
