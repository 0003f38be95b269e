import { ofType } from '../../../fhir/of-type.ts';
import { conceptText } from '../../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { type Names, readNames } from '../../shared/names.ts';
import { type Parts, parameter, parameters, partsOf } from '../../shared/parameters.ts';

export interface Member {
  record: string;
  text: string;
  source: string;
  /** A hospital sent it: it is never edited here. */
  isMirrored: boolean;
  date?: string;
}

export interface Row {
  id: string;
  state: string;
  kind: string;
  about: string;
  why: string[];
  /** What may be decided, as the server tells it; `suggested` is one of them. */
  choices: string[];
  suggested?: string;
  members: Member[];
}

export interface Decided {
  choice: string;
  records: string[];
  by: string;
  at?: string;
  provenance?: string;
}

export interface Reconciliation {
  rows: Row[];
  decided: Decided[];
  /** For `link-goal` and `assign-owner`: open goals of the child, and who looks after it. */
  goals: { reference: string; text: string }[];
  owners: { reference: string; text: string }[];
  names: Names;
}

/** What `CarePlan/$reconcile` asks, what was decided before, and what an answer may name. */
export async function readRows(
  client: FhirClient,
  patientId: string,
  participants: readonly (string | undefined)[],
): Promise<Answer<Reconciliation>> {
  const [told, goals] = await Promise.all([
    client.get(`CarePlan/$reconcile?patient=Patient/${patientId}&decided=true`),
    client.all(`Goal?patient=${patientId}&lifecycle-status=proposed,planned,accepted,active,on-hold&_count=100`),
  ]);
  if (!told.ok) return told;
  const parts = partsOf(told.value);
  const decided = byDecision(parts.all('decision').map(decidedOf));
  const names = await readNames(client, [...participants, ...decided.flatMap(({ by, records }) => [by, ...records])]);
  return {
    ok: true,
    value: {
      rows: parts.all('row').map(rowOf),
      decided: decided.sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? 1 : -1)),
      goals: goals.ok ? ofType(goals.value, 'Goal').map(goalOf) : [],
      owners: [...new Set(participants)].flatMap((reference) => {
        const text = names.get(reference ?? '');
        return reference !== undefined && text !== undefined ? [{ reference, text }] : [];
      }),
      names,
    },
  };
}

function rowOf(part: Parts): Row {
  return {
    id: part.text('id') ?? '',
    state: part.text('state') ?? '',
    kind: part.text('kind') ?? '',
    about: part.text('about') ?? '',
    why: part.texts('why'),
    choices: part.texts('choice'),
    suggested: part.text('suggested'),
    members: part.all('member').map((member) => ({
      record: member.text('record') ?? '',
      text: member.text('text') ?? '',
      source: member.text('source') ?? '',
      isMirrored: member.is('mirrored'),
      date: member.text('date'),
    })),
  };
}

/** One decision about several records is remembered pair by pair; people made it once. */
function byDecision(pairs: readonly Decided[]): Decided[] {
  const decisions = Map.groupBy(pairs, ({ provenance, records }) => provenance ?? records.join(' '));
  return [...decisions.values()].flatMap(([first, ...rest]) =>
    first === undefined
      ? []
      : [{ ...first, records: [...new Set([first, ...rest].flatMap(({ records }) => records))] }],
  );
}

function decidedOf(part: Parts): Decided {
  return {
    choice: part.text('choice') ?? '',
    records: part.texts('record'),
    by: part.text('by') ?? '',
    at: part.text('at'),
    provenance: part.text('provenance'),
  };
}

function goalOf(goal: r4.Goal) {
  return { reference: `Goal/${goal.id}`, text: conceptText(goal.description) ?? '' };
}

/** What somebody has chosen about one row. */
export interface Choice {
  choice: string;
  keep?: string;
  drop?: readonly string[];
  goal?: string;
  owner?: string;
  reason?: string;
}

/** All that was chosen, as one question: carried out together, or not at all. */
export function acceptance(patientId: string, chosen: readonly { row: Row; choice: Choice }[]): Resource {
  return parameters(
    ...parameter('valueString', 'patient', `Patient/${patientId}`),
    ...chosen.map(({ row, choice }) => ({
      name: 'decision',
      part: [
        ...parameter('valueString', 'row', row.id),
        ...parameter('valueString', 'state', row.state),
        ...parameter('valueCode', 'choice', choice.choice),
        ...parameter('valueReference', 'keep', choice.keep),
        ...(choice.drop ?? []).flatMap((one) => parameter('valueReference', 'drop', one)),
        ...parameter('valueReference', 'goal', choice.goal),
        ...parameter('valueReference', 'owner', choice.owner),
        ...parameter('valueString', 'reason', choice.reason?.trim()),
      ],
    })),
  );
}
