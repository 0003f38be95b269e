import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoTown } from '../fixtures/town/index.ts';
import type { House } from './app.ts';
import { fail, ok, type Result } from './base/errors.ts';
import { limits } from './base/limits.ts';
import type { Config } from './config.ts';
import { addDemoAccounts } from './demo/accounts.ts';
import { addDemoPartner } from './demo/partner.ts';
import { planBundle } from './fhir/bundle.ts';
import { parseJson } from './fhir/json.ts';
import type { FhirContext } from './http/fhir-request.ts';
import { transaction } from './http/interactions/transaction.ts';
import { createPageLinks } from './http/page-links.ts';
import { type Child, startChild } from './ops/child.ts';
import type { Lifetime } from './ops/lifetime.ts';
import { becomesFree, isTaken } from './ops/port.ts';
import { keepServerSetting, serverSetting } from './store/settings.ts';
import { syncSite } from './sync-site.ts';

type Link = { label: string; url: string };

/** What was decided for this store, once. */
interface Kept {
  town: 'alder-falls' | 'none';
  sandboxPort?: number;
  /** Loading has begun and not ended: it is done again, which changes nothing that is there already. */
  loading?: boolean;
}

const hospitals = [
  { id: 'lakeside', name: "Lakeside Children's Hospital" },
  { id: 'summit', name: 'Summit Regional Hospital' },
] as const;

const say = (line: string) => process.stderr.write(`${line}\n`);

const taken = (port: number) =>
  `Port ${port}, where the demo's hospitals listen, is taken by another program: stop it, choose another with CAREWEAVE_SANDBOX_PORT, or start with --empty.`;

/** Why the demo of a store that is yet to be made could not start, looked at before anything is made; undefined when nothing is in its way. */
export async function demoProblem(config: Config, empty: boolean): Promise<string | undefined> {
  const isNew = config.databaseUrl === undefined && !existsSync(join(config.dataDir, 'postgres'));
  if (!isNew || empty || config.production) return undefined;
  return (await isTaken(config.sandboxPort)) ? taken(config.sandboxPort) : undefined;
}

/**
 * Opens the demo when this store holds it, and loads it into an empty store; answers the links that show it. Whether a store holds the town is
 * decided once: a store that was started `empty`, or in production, never gets it.
 */
export async function openDemo(house: House, options: { empty: boolean; life: Lifetime }): Promise<Result<Link[]>> {
  const { empty, life } = options;
  const kept = ((await serverSetting(house.store, 'demo')) as Kept | undefined) ?? (await decide(house, empty));
  if (kept.town === 'none') return ok(standingLinks(house));
  if (empty && !kept.loading) {
    say(
      'This store holds the demo town; --empty leaves only its hospitals out. Set DATA_DIR to start on an empty store.',
    );
    return ok(standingLinks(house));
  }
  const port = kept.sandboxPort ?? house.config.sandboxPort;
  const sandbox = await life.hold(startHospitals(house, port), (child) => child.stop());
  if (!sandbox.ok) return sandbox;
  if (kept.loading) {
    const loaded = await loadTown(house, port, life);
    if (!loaded.ok || life.ending) return loaded.ok ? ok([]) : loaded;
    await keepServerSetting(house.store, 'demo', { town: kept.town, sandboxPort: port } satisfies Kept);
  }
  const people = await demoPeople(house);
  if (!people.ok) return people;
  const partner = await demoPartner(house);
  return partner.ok ? ok([...chartLinks(port), ...people.value, ...partner.value, ...standingLinks(house)]) : partner;
}

/** The demo's accounts, made once for a store; where to sign in with them. */
async function demoPeople({ store, clock, config }: House): Promise<Result<Link[]>> {
  if (config.production) return ok([]);
  let file = await serverSetting(store, 'demo-accounts');
  if (typeof file !== 'string') {
    const made = await addDemoAccounts({ store, clock, dataDir: config.dataDir });
    if (!made.ok) return made;
    file = made.value;
    await keepServerSetting(store, 'demo-accounts', file);
  }
  const url = `${config.publicUrl}/auth/account`;
  return ok([{ label: `Sign in (names and passwords: ${String(file)})`, url }]);
}

/** The food bank as a community partner, made once for a store; where its system begins. */
async function demoPartner({ store, clock, log, config, commands }: House): Promise<Result<Link[]>> {
  if (config.production) return ok([]);
  let file = await serverSetting(store, 'demo-partner');
  if (typeof file !== 'string') {
    const made = await addDemoPartner({ store, clock, log, commands, dataDir: config.dataDir });
    if (!made.ok) return made;
    file = made.value;
    await keepServerSetting(store, 'demo-partner', file);
  }
  const label = `A food bank's system, and what it asks (client and key: ${String(file)}; docs/referrals.md), gets its token by`;
  return ok([{ label, url: `${config.publicUrl}/fhir/.well-known/smart-configuration` }]);
}

async function decide(house: House, empty: boolean): Promise<Kept> {
  const [any] = await house.store.query('SELECT 1 FROM resource WHERE type = $1 LIMIT 1', ['Patient']);
  const without = empty || house.config.production || any !== undefined;
  const decided: Kept = without
    ? { town: 'none' }
    : { town: 'alder-falls', sandboxPort: house.config.sandboxPort, loading: true };
  await keepServerSetting(house.store, 'demo', decided);
  return decided;
}

/** Loads what Careweave itself holds, registers the two hospitals as sites, and syncs them. Breaks off between two steps when the end comes. */
async function loadTown(house: House, port: number, life: Lifetime): Promise<Result<void>> {
  const started = performance.now();
  say('Loading the demo town (once) …');
  const town = demoTown();
  const context = loaderContext(house);
  for (const path of [town.organizations, ...town.children.map(({ bundle }) => bundle), town.persona]) {
    if (life.ending) return ok(undefined);
    const loaded = await loadBundle(path, context);
    if (!loaded.ok) return loaded;
  }
  say(`  ${town.children.length} children with what the town knows of them`);
  for (const { id, name } of hospitals) {
    if (life.ending) return ok(undefined);
    const baseUrl = `http://127.0.0.1:${port}/ehr/${id}/fhir`;
    const site = {
      id,
      name,
      baseUrl,
      clientId: 'careweave',
      scopes: 'system/*.cruds',
      writeBack: { referrals: true, planDocument: true },
      launch: { clientId: 'careweave' },
    };
    const added = await house.ehr.addSite(house.store, site);
    if (!added.ok) return added;
    const synced = await syncSite(house, id, inThirds(name));
    if (!synced.ok) return synced;
  }
  await house.worker.drain();
  say(`The demo town is loaded (${((performance.now() - started) / 1000).toFixed(1)} s).`);
  return ok(undefined);
}

/** Says three times how far a sync is, however many children there are. */
function inThirds(name: string) {
  return ({ done, total }: { done: number; total: number }) => {
    const marks = [1, 2, 3].map((third) => Math.ceil((third * total) / 3));
    if (marks.includes(done)) say(`  ${name}: ${done} of ${total} children synced`);
  };
}

async function loadBundle(path: string, context: FhirContext): Promise<Result<void>> {
  const plan = planBundle(parseJson(readFileSync(path, 'utf8')), context);
  if (!plan.ok) return plan;
  const loaded = await transaction(plan.value, { method: 'POST', query: [] }, context);
  return loaded.ok ? ok(undefined) : loaded;
}

function loaderContext(house: House): FhirContext {
  const { store, definitions, validate, clock, config } = house;
  const letters = new Set(['c', 'r', 'u', 'd', 's'] as const);
  const scopes = [{ level: 'system', type: '*', interactions: letters }] as const;
  return {
    principal: { kind: 'system', id: 'demo', clientId: 'demo', scopes },
    actor: { kind: 'system', id: 'demo', requestId: 'demo' },
    store,
    definitions,
    validate,
    baseUrl: `${config.publicUrl}/fhir`,
    pageLinks: createPageLinks(house.pageKey, clock),
    clock,
  };
}

/** Runs the hospitals in a process of their own, as they would be in the world. */
async function startHospitals({ config }: House, port: number): Promise<Result<Child>> {
  // After a kill -9 the hospitals of the last start may still be going away.
  if (!(await becomesFree(port, limits.demo.portMs))) return fail('conflict', taken(port));
  const { ehr } = demoTown();
  const script = [
    join(config.rootDir, 'src', 'sandbox', 'main.ts'),
    ...['--port', String(port)],
    ...hospitals.flatMap(({ id }) => ['--hospital', `${id}=${ehr[id].join(',')}`]),
    ...['--careweave', config.publicUrl, '--client', `careweave=${config.publicUrl}/.well-known/jwks.json`],
    ...['--state-dir', join(config.dataDir, 'sandbox')],
  ];
  const problem = "The demo's hospitals could not be started: see the message above.";
  return startChild(script, 'sandbox listening', problem);
}

function chartLinks(port: number) {
  return hospitals.map(({ id, name }) => ({
    label: `${name}: charts, card and launch`,
    url: `http://127.0.0.1:${port}/ehr/${id}/`,
  }));
}

function standingLinks({ config }: House) {
  return [
    { label: 'Page for families', url: `${config.publicUrl}/family` },
    { label: 'Page for care coordinators', url: `${config.publicUrl}/coordinator` },
    { label: 'FHIR capability statement', url: `${config.publicUrl}/fhir/metadata` },
    { label: 'SMART configuration', url: `${config.publicUrl}/fhir/.well-known/smart-configuration` },
    { label: 'Health', url: `${config.publicUrl}/health/ready` },
  ];
}
