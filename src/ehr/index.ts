import { setTimeout as wait } from 'node:timers/promises';
import { fail, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Module } from '../module.ts';
import type { Sql, Store } from '../store/types.ts';
import { patientFor, userFor } from './crosswalk.ts';
import type { EhrDeps } from './deps.ts';
import { mirrorCheck } from './reconcile/mirror-check.ts';
import { type RunSummary, runSync, type SyncOptions } from './run.ts';
import { reopenSession } from './site-session.ts';
import { addSite, listSites, siteById, siteByIssuer } from './sites/registry.ts';
import type { NewSite, Site } from './sites/site.ts';
import { type SiteStatus, syncStatus } from './status.ts';
import { type Delivered, deliverSite } from './write-back/deliver.ts';
import { createDeliverJob } from './write-back/deliver-job.ts';
import { planDocumentConclusion } from './write-back/queue-plan.ts';
import { referralConclusion } from './write-back/queue-referral.ts';

export type { EhrDeps, NewSite, RunSummary, Site, SiteStatus, SyncOptions };

/** The room: its module for the house, and what the command line and the launch need. The store comes with each call, because checks and effects exist before it. */
export interface Ehr {
  module: Module;
  /** Adds a site or changes the one with this id. Errors: `invalid`, `conflict`. */
  addSite(sql: Sql, site: NewSite): Promise<Result<Site>>;
  sites(sql: Sql): Promise<Site[]>;
  /** The site with this FHIR base URL (a launch's `iss`). */
  byIssuer(sql: Sql, issuer: string): Promise<Site | undefined>;
  patientFor(sql: Sql, siteId: string, ehrPatientId: string): Promise<string | undefined>;
  userFor(sql: Sql, siteId: string, reference: string): Promise<string | undefined>;
  runSync(store: Store, siteId: string, options?: SyncOptions): Promise<Result<RunSummary>>;
  /** Delivers what is due for a site now. */
  deliver(store: Store, siteId: string): Promise<Result<Delivered>>;
  syncStatus(sql: Sql): Promise<SiteStatus[]>;
}

export function createEhr(given: Omit<EhrDeps, 'pause' | 'leaseSeconds'> & Partial<EhrDeps>): Ehr {
  const deps: EhrDeps = { pause: (ms) => wait(ms), leaseSeconds: limits.sync.leaseSeconds, ...given };
  return {
    module: {
      name: 'ehr',
      checks: [mirrorCheck],
      conclusions: [referralConclusion, planDocumentConclusion],
      jobs: [createDeliverJob(deps)],
    },
    addSite,
    sites: listSites,
    byIssuer: siteByIssuer,
    patientFor,
    userFor,
    runSync: (store, siteId, options = {}) => runSync(store, siteId, deps, options),
    deliver: (store, siteId) => deliverNow(store, siteId, deps),
    syncStatus,
  };
}

async function deliverNow(store: Store, siteId: string, deps: EhrDeps): Promise<Result<Delivered>> {
  const site = await siteById(store, siteId);
  if (!site) return fail('not-found', `There is no site ${siteId}.`);
  const session = await reopenSession(store, site, deps);
  if (!session.ok) return session;
  try {
    return { ok: true, value: await deliverSite(store, session.value, deps) };
  } finally {
    await session.value.close();
  }
}
