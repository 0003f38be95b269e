import { ok } from '../../base/errors.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Change, Tx, WriteConclusion, WriteEffect } from '../../store/types.ts';
import { childOf } from '../child.ts';
import { activePlanOf } from '../plan/active-plan.ts';
import { rememberRemoved } from '../plan/removed.ts';
import { currentOf } from '../stored.ts';
import { aboutOf, contentHash } from './chart.ts';
import { listOf } from './plan-edits.ts';
import { inOrder, pairKind } from './remembered.ts';
import { type ToldDecision, toldDecision } from './told-decision.ts';

interface Side {
  reference: string;
  type: string;
  hash: string;
}

/**
 * Remembers each decision that a transaction tells of, when everything that came with it is there: every pair of the records it rests on
 * and of what was made of them, as they read now.
 */
export const rememberDecisions: WriteConclusion = {
  name: 'remember-decisions',
  async conclude(changes, tx) {
    for (const change of changes) {
      const told =
        change.type === 'Provenance' && change.outcome === 'created' ? toldDecision(change.after) : undefined;
      if (told) await remember(told, change, tx);
    }
    return ok(undefined);
  },
};

/** A decision whose record is taken back is asked about again. */
export const forgetDecisions: WriteEffect = {
  name: 'forget-decisions',
  types: ['Provenance'],
  apply: async ({ id, outcome, before }, tx) => {
    if (outcome === 'deleted' && toldDecision(before)) {
      await tx.own.query('DELETE FROM reconcile_decision WHERE provenance_id = $1', [id]);
    }
    return ok(undefined);
  },
};

async function remember(told: ToldDecision, change: Change, tx: Tx): Promise<void> {
  const { choice = 'apart', kind = 'duplicate', sources, targets, leaving } = told;
  const read = async ({ type, id }: { type: string; id: string }) => currentOf(await tx.read(type, id));
  const records = await Promise.all(sources.map(read));
  const made = await Promise.all(targets.filter(({ type }) => aboutOf(type) !== undefined).map(read));
  const child = childOf(records.find((one) => one !== undefined));
  if (child === undefined) return;
  const sides = [...new Map([...records, ...made].flatMap(sideOf)).values()];
  const values = [child, choice, tx.actor.id, new Date(change.stored?.lastUpdated ?? 0), change.id];
  const isAboutOne = sources.length === 1;
  for (const [index, one] of sides.entries()) {
    if (isAboutOne && index === 0) tx.atEnd(insert, [...values, kind, one.reference, '', one.hash, '']);
    for (const other of sides.slice(index + 1)) {
      const [first, second] = inOrder(one, other);
      tx.atEnd(insert, [...values, pairKind, first.reference, second.reference, first.hash, second.hash]);
    }
  }
  const planId = leaving.length === 0 ? undefined : await activePlanOf(tx, child);
  // What leaves the plan, composing does not put in again, also when it never stood there.
  for (const { type, id } of planId === undefined ? [] : leaving) {
    await rememberRemoved(tx, planId ?? '', listOf(type), [`${type}/${id}`]);
  }
}

const insert = `INSERT INTO reconcile_decision
    (patient_id, choice, decided_by, decided_at, provenance_id, kind, first, second, first_hash, second_hash)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  ON CONFLICT (patient_id, kind, first, second) DO UPDATE SET choice = EXCLUDED.choice, decided_by = EXCLUDED.decided_by,
    decided_at = EXCLUDED.decided_at, provenance_id = EXCLUDED.provenance_id,
    first_hash = EXCLUDED.first_hash, second_hash = EXCLUDED.second_hash`;

function sideOf(resource: Resource | undefined): [string, Side][] {
  if (!resource) return [];
  const reference = `${resource.resourceType}/${resource.id ?? ''}`;
  return [[reference, { reference, type: resource.resourceType, hash: contentHash(resource) }]];
}
