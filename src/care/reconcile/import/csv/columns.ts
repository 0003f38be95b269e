import type { r4 } from '../../../../fhir/types.ts';

/** The columns of a table of plans, each exactly once, in any order (docs/reconciliation.md). */
export const columns = [
  ...['child', 'birth_date', 'plan', 'kind', 'item', 'text', 'code_system', 'code', 'status', 'start', 'end'],
  ...['owner', 'serves', 'note'],
] as const;
export type Column =
  | 'child'
  | 'birth_date'
  | 'plan'
  | 'kind'
  | 'item'
  | 'text'
  | 'code_system'
  | 'code'
  | 'status'
  | 'start'
  | 'end'
  | 'owner'
  | 'serves'
  | 'note';

export const kinds = ['plan', 'problem', 'allergy', 'medication', 'goal', 'activity', 'team'] as const;
export type Kind = (typeof kinds)[number];

/** What a row of each kind may say: its states (the first when it says none), what it may serve, and the columns that mean nothing for it. */
export const rules: Readonly<
  Record<Kind, { states: readonly string[]; serves: readonly Kind[]; unused: readonly Column[] }>
> = {
  plan: { states: ['active', 'on-hold', 'completed', 'revoked'], serves: [], unused: ['item'] },
  problem: { states: ['active', 'resolved'], serves: [], unused: ['owner'] },
  allergy: { states: ['active', 'inactive'], serves: [], unused: ['owner'] },
  medication: { states: ['active', 'completed', 'stopped'], serves: [], unused: ['owner'] },
  goal: { states: ['active', 'on-hold', 'completed', 'cancelled'], serves: ['problem'], unused: ['owner'] },
  activity: {
    states: ['not-started', 'in-progress', 'on-hold', 'completed', 'stopped'],
    serves: ['goal', 'problem'],
    unused: [],
  },
  team: { states: [], serves: [], unused: ['code_system', 'code', 'status'] },
};

/** One row that keeps to them. */
export interface PlanRow {
  line: number;
  kind: Kind;
  cells: Readonly<Record<Column, string>>;
}

export function conceptOf({ cells: { text, code_system: system, code } }: PlanRow): r4.CodeableConcept {
  return { ...(code !== '' && { coding: [{ system, code }] }), text };
}

export function statusOf({ kind, cells }: PlanRow): string {
  return cells.status === '' ? (rules[kind].states[0] ?? '') : cells.status;
}

export function periodOf({ cells: { start, end } }: PlanRow): r4.Period | undefined {
  if (start === '' && end === '') return undefined;
  return { ...(start !== '' && { start }), ...(end !== '' && { end }) };
}
