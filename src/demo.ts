import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { demoTown } from '../fixtures/town/index.ts';
import type { House } from './app.ts';
import { fail, ok, type Result } from './base/errors.ts';
import { planBundle } from './fhir/bundle.ts';
import { parseJson } from './fhir/json.ts';
import { createValidator } from './fhir/validate.ts';
import type { FhirContext } from './http/fhir-request.ts';
import { transaction } from './http/interactions/transaction.ts';
import { createPageLinks } from './http/page-links.ts';
import { keepServerSetting, serverSetting } from './store/settings.ts';
import { syncSite } from './sync-site.ts';

/** The demo town: its hospitals, and the links that show it. */
export interface Demo {
  links: { label: string; url: string }[];
  close(): Promise<void>;
}

interface Kept {
  town: 'alder-falls' | 'none';
  sandboxPort?: number;
}

const hospitals = [
  { id: 'lakeside', name: "Lakeside Children's Hospital" },
  { id: 'summit', name: 'Summit Regional Hospital' },
] as const;

/**
 * Opens the demo when this store holds it, and loads it into an empty store. Whether a store holds the town is decided once: a store
 * that was started `empty`, or in production, never gets it.
 */
export async function openDemo(house: House, options: { empty: boolean }): Promise<Result<Demo>> {
  const kept = (await serverSetting(house.store, 'demo')) as Kept | undefined;
  const decided = kept ?? (await decide(house, options.empty));
  if (decided.town === 'none') return ok({ links: standingLinks(house), close: async () => {} });
  const port = decided.sandboxPort ?? house.config.sandboxPort;
  const sandbox = await startSandbox(house, port);
  if (!sandbox.ok) return sandbox;
  const close = () => stopChild(sandbox.value);
  if (!kept) {
    const loaded = await loadTown(house, port);
    if (!loaded.ok) {
      await close();
      return loaded;
    }
    await keepServerSetting(house.store, 'demo', { ...decided, sandboxPort: port } satisfies Kept);
  }
  return ok({ links: [...chartLinks(port), ...standingLinks(house)], close });
}

async function decide(house: House, empty: boolean): Promise<Kept> {
  const [any] = await house.store.query('SELECT 1 FROM resource WHERE type = $1 LIMIT 1', ['Patient']);
  const wanted: Kept = { town: empty || house.config.production || any !== undefined ? 'none' : 'alder-falls' };
  if (wanted.town === 'none') await keepServerSetting(house.store, 'demo', wanted);
  return wanted;
}

/** Loads what Careweave itself holds, registers the two hospitals as sites, and syncs them. */
async function loadTown(house: House, port: number): Promise<Result<void>> {
  const started = performance.now();
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say('Loading the demo town (once) …');
  const town = demoTown();
  const context = loaderContext(house);
  for (const path of [town.organizations, ...town.children.map(({ bundle }) => bundle)]) {
    const loaded = await loadBundle(path, context);
    if (!loaded.ok) return loaded;
  }
  for (const { id, name } of hospitals) {
    const baseUrl = `http://127.0.0.1:${port}/ehr/${id}/fhir`;
    const site = {
      id,
      name,
      baseUrl,
      clientId: 'careweave',
      writeBack: { referrals: true, planDocument: true },
      launch: { clientId: 'careweave' },
    };
    const added = await house.ehr.addSite(house.store, site);
    if (!added.ok) return added;
    const synced = await syncSite(house, id, ({ done, total }) => say(`  ${name}: ${done} of ${total} children`));
    if (!synced.ok) return synced;
  }
  await house.worker.drain();
  say(`The demo town is loaded (${((performance.now() - started) / 1000).toFixed(1)} s).`);
  return ok(undefined);
}

async function loadBundle(path: string, context: FhirContext): Promise<Result<void>> {
  const plan = planBundle(parseJson(readFileSync(path, 'utf8')), context);
  if (!plan.ok) return plan;
  const loaded = await transaction(plan.value, { method: 'POST', query: [] }, context);
  return loaded.ok ? ok(undefined) : loaded;
}

function loaderContext(house: House): FhirContext {
  const { store, definitions, clock, config } = house;
  const letters = new Set(['c', 'r', 'u', 'd', 's'] as const);
  const scopes = [{ level: 'system', type: '*', interactions: letters }] as const;
  return {
    principal: { kind: 'system', id: 'demo', clientId: 'demo', scopes },
    actor: { kind: 'system', id: 'demo', requestId: 'demo' },
    store,
    definitions,
    validate: createValidator(join(config.rootDir, 'build', 'fhir')),
    baseUrl: `${config.publicUrl}/fhir`,
    pageLinks: createPageLinks(house.pageKey, clock),
    clock,
  };
}

/** Runs the hospitals in a process of their own, as they would be in the world. */
async function startSandbox(house: House, port: number): Promise<Result<ChildProcess>> {
  const { config } = house;
  if (await isTaken(port)) {
    return fail(
      'conflict',
      `Port ${port}, where the demo's hospitals listen, is taken by another program: stop it, or start with --empty on another DATA_DIR.`,
    );
  }
  const { ehr } = demoTown();
  const which = hospitals.flatMap(({ id }) => ['--hospital', `${id}=${ehr[id].join(',')}`]);
  const careweave = [
    '--careweave',
    config.publicUrl,
    '--client',
    `careweave=${config.publicUrl}/.well-known/jwks.json`,
  ];
  const state = ['--state-dir', join(config.dataDir, 'sandbox')];
  const entry = join(config.rootDir, 'src', 'sandbox', 'main.ts');
  const args = [
    '--disable-warning=ExperimentalWarning',
    entry,
    '--port',
    String(port),
    ...which,
    ...careweave,
    ...state,
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: true });
  return new Promise((resolve) => {
    let said = '';
    child.once('exit', () =>
      resolve(fail('internal', "The demo's hospitals could not be started: see the message above.")),
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
      if (said.includes('sandbox listening')) resolve(ok(child));
    });
  });
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ port, host: '127.0.0.1' });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

function chartLinks(port: number) {
  return hospitals.map(({ id, name }) => ({
    label: `${name}: charts, card and launch`,
    url: `http://127.0.0.1:${port}/ehr/${id}/`,
  }));
}

function standingLinks({ config }: House) {
  return [
    { label: 'FHIR capability statement', url: `${config.publicUrl}/fhir/metadata` },
    { label: 'SMART configuration', url: `${config.publicUrl}/fhir/.well-known/smart-configuration` },
    { label: 'Health', url: `${config.publicUrl}/health/ready` },
  ];
}
