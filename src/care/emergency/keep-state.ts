import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Change, Presumption, Tx, WriteConclusion } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { readBaseline } from './baseline.ts';
import { isActivePlan, type Plan } from './check-plan.ts';
import { heldAt, isHeld } from './check-review.ts';
import { reviewJobKind } from './review-job.ts';
import { askForReview, closeReviewTask } from './review-task.ts';
import { holdStates, type PlanState, removeState, writeState } from './state-row.ts';
import { isEmergencyPlan } from './terms.ts';
import { mayGiveReason, nextCheck, type Reason, reasonOf, triggerTypes, weightOf } from './triggers.ts';

type Moved = Pick<Change, 'type' | 'id' | 'before' | 'after'>;

/**
 * Keeps, in the transaction that gave the reason, how it stands with the check of each child's emergency plan (migration 035). What a hospital's
 * sync brings gives reasons like anything else. What comes in one transaction with the plan becoming active, or with a check, was known to it.
 */
export function keepEmergencyState(clock: Clock, zone: string): WriteConclusion {
  return {
    name: 'emergency-plan-state',
    async conclude(changes, tx) {
      const moved = lastOfEach(changes).filter(concernsPlans);
      const children = [...new Set(moved.flatMap(({ before, after }) => [subjectOf(before), subjectOf(after)]))]
        .filter((child) => child !== undefined)
        .sort();
      if (children.length === 0) return ok(undefined);
      const begins = moved.some(({ type }) => type === 'CarePlan');
      if (!begins && tx.presumesNone(planInForce, children)) return ok(undefined);
      // Whoever makes a plan active and whoever adds a device at that moment wait for each other.
      await tx.lock(...children.map(lockOf));
      const states = await holdStates(tx, children);
      for (const child of children) {
        const own = moved.flatMap((one) => partFor(child, one));
        const kept = await keep(child, own, states.get(child), { tx, now: clock.now(), zone });
        if (!kept.ok) return kept;
      }
      return ok(undefined);
    },
  };
}

const lockOf = (child: string) => `emergency:${child}`;

/** Few children have an emergency plan; nothing gives a reason to check one that is not there. */
const planInForce: Presumption = {
  name: 'emergency-plan',
  text: 'SELECT FROM emergency_plan WHERE patient_id = ANY ((SELECT $1::text[])::text[])',
  lock: lockOf,
};

/** What a transaction made of each resource, from what was there before it. */
function lastOfEach(changes: readonly Change[]): Moved[] {
  const moved = new Map<string, Moved>();
  for (const { type, id, before, after } of changes) {
    const key = `${type}/${id}`;
    moved.set(key, { type, id, before: moved.has(key) ? moved.get(key)?.before : before, after });
  }
  return [...moved.values()];
}

function concernsPlans({ type, before, after }: Moved): boolean {
  if (type === 'Task') return isOfType(after, 'Task') && isHeld(after);
  const isPlan = [before, after].some((one) => isOfType(one, 'CarePlan') && isEmergencyPlan(one));
  return isPlan || (triggerTypes.has(type) && mayGiveReason({ before, after }));
}

function subjectOf(resource: Resource | undefined): string | undefined {
  return localId(resource?.subject ?? resource?.patient ?? resource?.for, 'Patient');
}

/** A record that goes from one child to another leaves the one and comes to the other. */
function partFor(child: string, { type, id, before, after }: Moved): Moved[] {
  const was = subjectOf(before) === child ? before : undefined;
  const is = subjectOf(after) === child ? after : undefined;
  return was || is ? [{ type, id, before: was, after: is }] : [];
}

interface Now {
  tx: Tx;
  now: Date;
  zone: string;
}

async function keep(
  child: string,
  moved: readonly Moved[],
  known: PlanState | undefined,
  at: Now,
): Promise<Result<void>> {
  const { tx } = at;
  const plans = moved.filter(({ type }) => type === 'CarePlan');
  const isOver = known !== undefined && plans.some(({ id, after }) => id === known.planId && !inForce(after));
  if (isOver) {
    const closed = await closeReviewTask(tx, known.taskId, {
      status: 'cancelled',
      why: 'The emergency plan has ended.',
    });
    if (!closed.ok) return closed;
    await removeState(tx, child);
  }
  const state = isOver ? undefined : known;
  const begun = plans.map(({ after }) => after).find(inForce);
  if (begun && state?.planId !== begun.id) return begin(child, begun, moved, at);
  if (state === undefined) return ok(undefined);
  const held = await lastHeld(state.planId, moved, at);
  if (!held.ok) return held;
  if (held.value && held.value.at >= state.reviewedAt) return afterReview(state, held.value, at);
  return afterChanges(begun ? { ...state, ...(await dueOf(begun, state.reviewedAt, tx)) } : state, moved, at);
}

function inForce(plan: Resource | undefined): plan is Plan {
  return isActivePlan(plan) && isEmergencyPlan(plan);
}

interface Held {
  at: Date;
  by?: string;
}

/** The last check that this transaction tells of. */
async function lastHeld(
  planId: string,
  moved: readonly Moved[],
  { now, zone, tx }: Now,
): Promise<Result<Held | undefined>> {
  let last: Held | undefined;
  for (const { after, before } of moved) {
    if (!isOfType(after, 'Task') || !isHeld(after) || (isOfType(before, 'Task') && isHeld(before))) continue;
    if (localId(after.focus, 'CarePlan') !== planId) continue;
    const at = heldAt(after, now, zone);
    if (!at.ok) return at;
    const by = tx.actor.kind === 'user' ? tx.actor.id : after.owner?.reference;
    if (!last || at.value >= last.at) last = { at: at.value, ...(by !== undefined && { by }) };
  }
  return ok(last);
}

/** A plan that becomes active has been looked at by whoever made it so; a check told of with it may be of before. */
async function begin(child: string, plan: Plan, moved: readonly Moved[], at: Now): Promise<Result<void>> {
  const { tx, now } = at;
  const planId = plan.id ?? '';
  const held = await lastHeld(planId, moved, at);
  if (!held.ok) return held;
  const reviewedAt = held.value?.at ?? now;
  // A program that makes a plan active has looked at nothing in the name of its author.
  const reviewedBy = held.value?.by ?? (tx.actor.kind === 'user' ? tx.actor.id : undefined);
  const state: PlanState = {
    patientId: child,
    planId,
    reviewedAt,
    ...(reviewedBy !== undefined && { reviewedBy }),
    ...(await dueOf(plan, reviewedAt, tx)),
    baseline: await readBaseline(tx, child),
    reasons: [],
  };
  await writeState(tx, state);
  await queueReview(state, tx);
  return ok(undefined);
}

async function afterReview(state: PlanState, { at: reviewedAt, by }: Held, { tx, now }: Now): Promise<Result<void>> {
  const closed = await closeReviewTask(tx, state.taskId, { status: 'completed' });
  if (!closed.ok) return closed;
  const plan = currentOf(await tx.read('CarePlan', state.planId));
  const { reviewedBy: _by, taskId: _task, ...kept } = state;
  const fresh: PlanState = {
    ...kept,
    reviewedAt,
    ...(by !== undefined && { reviewedBy: by }),
    ...(inForce(plan) && (await dueOf(plan, reviewedAt, tx))),
    baseline: await readBaseline(tx, state.patientId),
    // A check that is told of late knew nothing of what came after it.
    reasons: state.reasons.filter(({ at }) => Date.parse(at) > reviewedAt.getTime()),
  };
  await queueReview(fresh, tx);
  return due(fresh, tx, now);
}

async function afterChanges(state: PlanState, moved: readonly Moved[], { tx, now }: Now): Promise<Result<void>> {
  const found = moved.flatMap((one) => reasonOf(one, state, now) ?? []);
  const isKnown = (reason: Reason) =>
    state.reasons.some(({ code, record }) => code === reason.code && record === reason.record);
  const fresh = found.filter((reason) => !isKnown(reason));
  const first = state.baseline.grams === undefined ? moved.flatMap(({ after }) => weightOf(after) ?? [])[0] : undefined;
  const baseline = first ? { ...state.baseline, grams: first.grams, weighedOn: first.on } : state.baseline;
  const changed = { ...state, baseline, reasons: [...state.reasons, ...fresh] };
  if (fresh.length > 0) return due(changed, tx, now);
  await writeState(tx, changed);
  return ok(undefined);
}

/** Writes the row, with a Task that asks for the check where something happened. */
async function due(state: PlanState, tx: Tx, now: Date): Promise<Result<void>> {
  if (state.reasons.length === 0) {
    await writeState(tx, state);
    return ok(undefined);
  }
  const asked = await askForReview(tx, state, state.reasons, now);
  if (asked.ok) await writeState(tx, { ...state, taskId: asked.value });
  return asked.ok ? ok(undefined) : asked;
}

async function dueOf(plan: Plan, reviewedAt: Date, tx: Tx): Promise<Pick<PlanState, 'dueAt' | 'dueReason'>> {
  const patient = currentOf(await tx.read('Patient', localId(plan.subject, 'Patient') ?? ''));
  const birthDate = isOfType(patient, 'Patient') ? patient.birthDate : undefined;
  const plannedFor = plan.period?.end;
  const next = nextCheck(reviewedAt, {
    ...(birthDate !== undefined && { birthDate }),
    ...(plannedFor !== undefined && { plannedFor }),
  });
  return { dueAt: next.at, dueReason: next.reason };
}

/** Time gives a reason too: a job looks when it has come. */
function queueReview({ patientId, dueAt }: PlanState, tx: Tx): Promise<void> {
  return tx.enqueue({ kind: reviewJobKind, key: patientId, runAt: dueAt });
}
