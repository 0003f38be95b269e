import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { faultOf } from '../base/log.ts';
import type { Store } from '../store/types.ts';
import { ehrActor } from './actor.ts';
import type { EhrDeps } from './deps.ts';
import { notErased } from './pull/not-erased.ts';
import { readRoster } from './pull/roster.ts';
import { type Warning, Warnings } from './pull/warnings.ts';
import { type Counter, type Counts, createCounter } from './reconcile/counts.ts';
import { finishRun, noteProgress, type RunProgress, startRun } from './run-record.ts';
import { openSession, type SiteSession } from './site-session.ts';
import { extendLease, releaseLease, takeLease } from './sites/lease.ts';
import { listSites, siteById } from './sites/registry.ts';
import type { Site } from './sites/site.ts';
import { type PatientContext, reapplyResolved, syncPatients } from './sync-patients.ts';
import { type Delivered, deliverSite } from './write-back/deliver.ts';
import { queuePlans } from './write-back/queue-plans.ts';

export interface SyncOptions {
  /** Called after each child's slice was applied, with our id; the house composes the child's plan in it. */
  afterPatient?(patientId: string): Promise<Result<unknown>>;
  progress?(progress: RunProgress): void;
}

export interface RunSummary {
  runId: string;
  site: string;
  patients: RunProgress & { failed: number };
  counts: Counts;
  warnings: Warning[];
  delivered: Delivered;
}

/**
 * One sync of one site: discovery, roster, every patient pulled and applied, then what waits in the outbox is delivered. Errors:
 * `not-found` and `conflict` (paused, or running already) before anything is done; what the site refuses as a whole ends
 * the run and is kept in its row. A run that is cut off anywhere is simply run again.
 */
export async function runSync(
  store: Store,
  siteId: string,
  deps: EhrDeps,
  options: SyncOptions,
): Promise<Result<RunSummary>> {
  const site = await siteById(store, siteId);
  if (!site) return fail('not-found', `There is no site ${siteId}.`);
  if (site.state === 'paused') return fail('conflict', `The site ${siteId} is paused.`);
  const lease = await takeLease(store, siteId, deps.leaseSeconds);
  if (!lease.ok) return lease;
  const fence = lease.value;
  const beat = setInterval(
    () =>
      extendLease(store, siteId, fence, deps.leaseSeconds).catch((cause: unknown) =>
        deps.log.warn({ err: faultOf(cause) }, 'lease not renewed'),
      ),
    Math.max(1000, (deps.leaseSeconds * 1000) / 3),
  );
  try {
    return await runLeased(store, site, fence, deps, options);
  } finally {
    clearInterval(beat);
    await releaseLease(store, siteId, fence);
  }
}

async function runLeased(
  store: Store,
  site: Site,
  fence: number,
  deps: EhrDeps,
  options: SyncOptions,
): Promise<Result<RunSummary>> {
  const runId = await startRun(store, site.id);
  const warnings = new Warnings();
  const holder: { counter?: Counter } = {};
  const counts = (): Counts => holder.counter?.counts() ?? {};
  let ended: Result<Omit<RunSummary, 'runId' | 'site' | 'counts' | 'warnings'>>;
  try {
    ended = await runSession(store, site, { runId, fence, warnings, holder, deps, options });
  } catch (cause) {
    await finishRun(store, runId, {
      counts: counts(),
      warnings: warnings.list(),
      error: 'A fault ended the run; see the log.',
    });
    throw cause;
  }
  const error = ended.ok ? {} : { error: ended.error.issues[0]?.text ?? 'The run failed.' };
  await finishRun(store, runId, { counts: counts(), warnings: warnings.list(), ...error });
  if (!ended.ok) return ended;
  return ok({ runId, site: site.id, counts: counts(), warnings: warnings.list(), ...ended.value });
}

interface RunContext {
  runId: string;
  fence: number;
  warnings: Warnings;
  /** Made once it is known what the site shares between patients. */
  holder: { counter?: Counter };
  deps: EhrDeps;
  options: SyncOptions;
}

async function runSession(store: Store, site: Site, run: RunContext) {
  const session = await openSession(store, site, run.deps);
  if (!session.ok) return session;
  try {
    return await runPatients(store, session.value, run);
  } finally {
    await session.value.close();
  }
}

async function runPatients(store: Store, session: SiteSession, run: RunContext) {
  const { site } = session;
  const { deps, options, warnings } = run;
  if (session.drifted) warnings.add('capability-changed', 'CapabilityStatement');
  const roster = await readRoster(site, session.client, warnings);
  if (!roster.ok) return roster;
  if (roster.value.length > limits.sync.patientsPerRun) return fail('too-large', 'The roster of the site is too long.');
  const siteBases = (await listSites(store)).map((each) => each.baseUrl);
  const { capability } = session.discovery;
  const counter = createCounter((type) => type !== 'Patient' && capability[type]?.searchBy === undefined);
  run.holder.counter = counter;
  const changed = new Set<string>();
  const context: PatientContext = {
    store,
    actor: ehrActor(run.runId),
    crawl: { site, client: session.client, capability, warnings },
    apply: { site, siteBases, ourBase: deps.fhirBaseUrl, fence: run.fence, runId: run.runId },
    clock: deps.clock,
    async applied(slice) {
      if (slice.changed) changed.add(slice.patientId);
      counter.add(slice.outcomes);
      const after = await options.afterPatient?.(slice.patientId);
      if (after && !after.ok) warnings.add('after-patient-failed', 'Patient');
    },
    async progress(progress) {
      await noteProgress(store, run.runId, progress);
      options.progress?.(progress);
    },
  };
  const pulled = await syncPatients(context, await notErased(store, site.id, roster.value));
  if (!pulled.ok) return pulled;
  const again = await reapplyResolved(context, pulled.value.unresolved);
  if (!again.ok) return again;
  const queued = await queuePlans(store, context.actor, site, [...changed]);
  if (!queued.ok) return queued;
  const delivered = await deliverSite(store, session, deps, limits.sync.patientsPerRun);
  const { total, done, failed } = pulled.value;
  return ok({ patients: { total, done, failed }, delivered });
}
