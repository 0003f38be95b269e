import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { stableId } from '../base/ids.ts';
import type { Resource } from '../fhir/types.ts';
import { type Chart, createChart } from './fhir/chart.ts';
import type { Definitions } from './fhir/definitions.ts';
import { offeredBy } from './fhir/offered.ts';
import type { AppClient, Hospital } from './hospital.ts';
import { resourcesFrom } from './load/bundle-ids.ts';
import { openJournal } from './load/journal.ts';
import { readBundles } from './load/read-bundles.ts';
import { rosterOf } from './load/roster.ts';
import { withVendorCategory } from './load/vendor-category.ts';
import { createGrants } from './oauth/grants.ts';
import { openKeys } from './oauth/keys.ts';
import { type Personality, personalities } from './personality.ts';

/** A hospital as configured. */
export interface HospitalOptions {
  /** Part of its address: lower-case letters, digits, hyphens. */
  id: string;
  name?: string;
  /** A name in `personalities`; default `vendor`. */
  personality?: string;
  /** Files and folders of transaction bundles. */
  paths?: readonly string[];
  /** Bundles given directly. */
  bundles?: readonly Resource[];
}

interface Surroundings {
  publicUrl: string;
  stateDir?: string;
  definitions: Definitions;
  clients: readonly AppClient[];
  cdsServices: readonly string[];
  clock: Clock;
}

async function loadBundles(
  chart: Chart,
  options: HospitalOptions,
  personality: Personality,
  clock: Clock,
): Promise<void> {
  const files = readBundles(options.paths ?? []);
  const given = (options.bundles ?? []).map((bundle, index) => ({ label: `bundle-${index}`, bundle }));
  // The date of the newest file, so that a restart does not make every record look changed.
  const newest = Math.max(0, ...files.map((file) => file.changedAt.getTime())) || clock.now().getTime();
  const lastUpdated = new Date(newest).toISOString();
  for (const resource of resourcesFrom(options.id, [...files, ...given])) {
    const meta = { lastUpdated, ...resource.meta, versionId: '1' };
    await chart.seed(withVendorCategory({ ...resource, meta }, personality));
  }
}

/** Someone must be able to sign in, also in a hospital whose records name no clinician. */
function demoClinician(hospital: string): Resource {
  return {
    resourceType: 'Practitioner',
    id: stableId('sandbox', hospital, 'demo-clinician'),
    meta: { versionId: '1', lastUpdated: '2026-01-01T00:00:00.000Z' },
    name: [{ family: 'Sandbox', given: ['Demo'], prefix: ['Dr.'] }],
  };
}

async function idsOf(chart: Chart, type: string): Promise<string[]> {
  const found = await chart.search(type, new URLSearchParams());
  return 'ids' in found ? found.ids : [];
}

/** Loads one hospital: bundles, then what clients wrote before, then the roster. */
export async function openHospital(options: HospitalOptions, around: Surroundings): Promise<Hospital> {
  const { clock, stateDir, definitions } = around;
  const personality = personalities[options.personality ?? 'vendor'];
  if (!personality)
    throw new Error(
      `There is no personality "${options.personality}": use ${Object.keys(personalities).join(' or ')}.`,
    );
  if (!/^[a-z0-9-]{1,40}$/.test(options.id))
    throw new Error('A hospital id is made of lower-case letters, digits and hyphens.');
  if (stateDir) mkdirSync(stateDir, { recursive: true });
  const keys = openKeys(options.id, stateDir);
  const chart = createChart(definitions);
  await loadBundles(chart, options, personality, clock);
  const journal = openJournal(stateDir && join(stateDir, `${options.id}.ndjson`));
  for (const change of journal.changes) {
    if ('wrote' in change) await chart.seed(change.wrote);
    else await chart.remove(change.removed.type, change.removed.id);
  }
  const clinicians = async () => {
    const found = (await idsOf(chart, 'Practitioner')).sort();
    if (found.length > 0) return found;
    const demo = demoClinician(options.id);
    await chart.seed(demo);
    return [String(demo.id)];
  };
  let rosterVersion = 0;
  const refreshRoster = async () => {
    rosterVersion += 1;
    await chart.seed(rosterOf((await idsOf(chart, 'Patient')).sort(), rosterVersion, clock.now().toISOString()));
  };
  await refreshRoster();
  const root = `${around.publicUrl}/ehr/${options.id}`;
  return {
    id: options.id,
    name: options.name ?? options.id.charAt(0).toUpperCase() + options.id.slice(1),
    base: `${root}/fhir`,
    root,
    personality,
    offered: offeredBy(personality, definitions),
    chart,
    journal,
    keys: await keys,
    clients: new Map(around.clients.map((client) => [client.id, client])),
    grants: createGrants(clock),
    cdsServices: around.cdsServices,
    clock,
    clinicians,
    refreshRoster,
  };
}
