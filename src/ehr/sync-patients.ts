import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import type { Actor, Store } from '../store/types.ts';
import { linksOf } from './identity/link.ts';
import type { EhrRef } from './normalize/references.ts';
import { crawlPatient, type SliceResult } from './pull/crawl-patient.ts';
import type { CrawlContext } from './pull/crawl-type.ts';
import { keepSlice } from './pull/keep-slice.ts';
import type { SharedTargets } from './pull/read-targets.ts';
import { type AppliedSlice, type ApplyContext, applySlice } from './reconcile/apply-slice.ts';
import type { RunProgress } from './run-record.ts';
import { endsRun } from './transport/failure.ts';
import { siteError } from './transport/site-error.ts';

export interface PatientContext {
  store: Store;
  actor: Actor;
  crawl: CrawlContext;
  apply: Omit<ApplyContext, 'now'>;
  clock: Clock;
  applied(slice: AppliedSlice): Promise<void>;
  progress(progress: RunProgress): Promise<void>;
}

export interface Pulled extends RunProgress {
  failed: number;
  /** By the site's patient id: what the slice refers to and we did not hold when it was applied. */
  unresolved: Map<string, EhrRef[]>;
}

/**
 * Pulls and applies patient after patient; while one is applied, the next is being pulled. One that fails is counted and the
 * others go on; refused credentials, a site that has had enough, or a lost lease end the run.
 */
export async function syncPatients(context: PatientContext, ids: readonly string[]): Promise<Result<Pulled>> {
  const shared: SharedTargets = new Map();
  const pulled: Pulled = { total: ids.length, done: 0, failed: 0, unresolved: new Map() };
  await context.progress(pulled);
  const crawl = (id: string | undefined) => {
    if (id === undefined) return undefined;
    const crawling = crawlPatient(context.crawl, id, shared);
    // Looked at when its turn comes; until then a fault in it must not end the process.
    crawling.catch(() => undefined);
    return crawling;
  };
  let next = crawl(ids[0]);
  for (const [index, id] of ids.entries()) {
    const crawled = await next;
    next = crawl(ids[index + 1]);
    if (!crawled) break;
    const applied = await keepAndApply(context, id, crawled);
    if (!applied.ok) return applied;
    if (!applied.value) pulled.failed += 1;
    else if (applied.value.unresolved.length > 0) pulled.unresolved.set(id, applied.value.unresolved);
    pulled.done += 1;
    await context.progress(pulled);
  }
  return ok(pulled);
}

/** Undefined: the patient could not be pulled, and that was counted as a warning. */
async function keepAndApply(
  context: PatientContext,
  id: string,
  crawled: SliceResult,
): Promise<Result<AppliedSlice | undefined>> {
  if (!crawled.ok) {
    if (endsRun(crawled.failure)) return fail(...siteError(crawled.failure, 'a patient'));
    context.crawl.warnings.add(`patient-${crawled.failure.class}`, 'Patient');
    return ok(undefined);
  }
  const { store, actor, apply, clock } = context;
  const kept = await store.transact(actor, (tx) =>
    keepSlice(tx, crawled.slice, { siteId: apply.site.id, fence: apply.fence, runId: apply.runId, now: clock.now() }),
  );
  if (!kept.ok) return kept;
  return applyOne(context, id);
}

async function applyOne(context: PatientContext, id: string): Promise<Result<AppliedSlice>> {
  const { store, actor, apply, clock } = context;
  const applied = await store.transact(actor, (tx) => applySlice(tx, id, { ...apply, now: clock.now() }));
  if (applied.ok) await context.applied(applied.value);
  return applied;
}

/** Applies those slices again, from the raw bodies, whose missing targets came in with a later patient of the same run. */
export async function reapplyResolved(
  context: PatientContext,
  unresolved: ReadonlyMap<string, EhrRef[]>,
): Promise<Result<void>> {
  for (const [id, refs] of unresolved) {
    const links = await linksOf(context.store, context.apply.site.id, refs);
    if (links.size === 0) continue;
    const applied = await applyOne({ ...context, applied: async () => undefined }, id);
    if (!applied.ok) return applied;
  }
  return ok(undefined);
}
