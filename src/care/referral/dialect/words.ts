import type { r4 } from '../../../fhir/types.ts';
import { bserStatus, type CanonicalState, canonicalStates, ownStatus, statusFor } from '../canonical-state.ts';

/** How a partner speaks; plain FHIR is what is kept. */
export const dialects = ['fhir', 'gravity', 'bser'] as const;
export type Dialect = (typeof dialects)[number];
export type Spoken = Exclude<Dialect, 'fhir'>;

type Status = r4.Task['status'];

/** What of a Task says a state in a dialect. */
export interface Told {
  status: Status;
  /** Codes of BSeR and of ours; ours say what the dialect has no word for, so that nothing is lost on somebody who keeps them. */
  coding: readonly r4.Coding[];
  /** For people, where the dialect has no word. */
  text?: string;
}

/** Decision D9, columns “Gravity out” and “BSeR out”. The first state of a status is what it means without a code and without a past. */
const statuses: Record<CanonicalState, Readonly<Record<Spoken, Status>>> = {
  draft: { gravity: 'draft', bser: 'draft' },
  sent: { gravity: 'requested', bser: 'received' },
  seen: { gravity: 'requested', bser: 'received' },
  accepted: { gravity: 'accepted', bser: 'accepted' },
  active: { gravity: 'in-progress', bser: 'in-progress' },
  scheduled: { gravity: 'in-progress', bser: 'in-progress' },
  'no-show': { gravity: 'in-progress', bser: 'in-progress' },
  'appointment-cancelled': { gravity: 'in-progress', bser: 'in-progress' },
  'visit-done': { gravity: 'in-progress', bser: 'in-progress' },
  'cancel-requested': { gravity: 'in-progress', bser: 'in-progress' },
  // BSeR has no hold state.
  'more-information': { gravity: 'on-hold', bser: 'received' },
  waitlisted: { gravity: 'on-hold', bser: 'in-progress' },
  completed: { gravity: 'completed', bser: 'completed' },
  'loop-closed': { gravity: 'completed', bser: 'completed' },
  declined: { gravity: 'rejected', bser: 'rejected' },
  cancelled: { gravity: 'cancelled', bser: 'cancelled' },
  failed: { gravity: 'failed', bser: 'completed' },
  'entered-in-error': { gravity: 'entered-in-error', bser: 'entered-in-error' },
};

/** Codes that BSeR needs beside those that are kept: it asks for one wherever it has one. */
const bserBeside: Partial<Record<CanonicalState, string>> = {
  'more-information': '2.0',
  'loop-closed': '7.0',
  failed: '7.0',
};

/** Codes of ours that are said and not kept: without them a dialect could not say that a referral is back where its status alone would leave it. */
const saidBeside: Partial<Record<CanonicalState, string>> = { sent: 'sent', active: 'active' };

const texts: Partial<Record<CanonicalState, string>> = {
  active: 'Under way',
  'more-information': 'Waits for more information',
  waitlisted: 'On the waiting list: no capacity yet',
  'cancel-requested': 'Cancellation was asked for',
  failed: 'Ended without the service',
};

/** In BSeR's diagram, but missing from its code system; understood all the same. */
const undeclared: Readonly<Record<string, CanonicalState>> = { '5.1': 'active' };

const table = new Map(
  (['gravity', 'bser'] as const).map((dialect) => [
    dialect,
    new Map(canonicalStates.map((state) => [state, toldAs(dialect, state)])),
  ]),
);

function toldAs(dialect: Spoken, state: CanonicalState): Told {
  const coding = [...(statusFor(state).businessStatus?.coding ?? [])];
  const beside = dialect === 'bser' ? bserBeside[state] : undefined;
  if (beside !== undefined) coding.unshift({ system: bserStatus, code: beside });
  const own = saidBeside[state];
  if (own !== undefined) coding.push({ system: ownStatus, code: own });
  const text = texts[state];
  return { status: statuses[state][dialect], coding, ...(text !== undefined && { text }) };
}

/** How a dialect says a state. */
export function told(dialect: Spoken, state: CanonicalState): Told {
  const words = table.get(dialect)?.get(state);
  if (!words) throw new Error('a state without words');
  return words;
}

/** The states that a dialect says by this status; empty: it has no such status. */
export function statesSaid(dialect: Spoken, status: string): CanonicalState[] {
  return canonicalStates.filter((state) => statuses[state][dialect] === status);
}

/** The states that a dialect says by this code; undefined for a code of another system or one that nobody knows. */
export function statesCoded(dialect: Spoken, { system, code }: r4.Coding): CanonicalState[] | undefined {
  if (system !== bserStatus && system !== ownStatus) return undefined;
  const missing = system === bserStatus ? undeclared[code ?? ''] : undefined;
  if (missing !== undefined) return [missing];
  return canonicalStates.filter((state) =>
    told(dialect, state).coding.some((known) => known.system === system && known.code === code),
  );
}

/** True of the codes by which a state is said: what stands beside them in businessStatus is somebody else's. */
export function saysState({ system }: r4.Coding): boolean {
  return system === bserStatus || system === ownStatus;
}
