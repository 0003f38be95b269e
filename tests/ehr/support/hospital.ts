import {
  createGuardedFetch,
  type GuardedFetch,
  type OutboundRequest,
  type OutboundResult,
} from '../../../src/base/guarded-fetch.ts';
import { generateKeys } from '../../../src/base/keys.ts';
import type { Care } from '../../../src/care/care.ts';
import { createEhr, type Ehr, type EhrDeps, type NewSite, type RunSummary } from '../../../src/ehr/index.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { planCategorySystem, sharedPlanCode } from '../../../src/fhir/shared-plan.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { listenSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import { testLogger } from '../../support/test-log.ts';

interface Wire {
  /** What left, in order: method and path (no query). */
  sent: { method: string; url: string; token: boolean }[];
  /** Called after a request was answered; throwing stands for a process that dies before it has seen the answer. */
  afterSend?: ((method: string, url: string) => void) | undefined;
  /** True: the site has done it, and its answer is lost on the way. */
  loseAnswer?: ((method: string, url: string) => boolean) | undefined;
  /** Answers instead of the site. */
  instead?: ((url: string, request: OutboundRequest) => Promise<OutboundResult | undefined> | undefined) | undefined;
}

export interface Scene {
  ehr: Ehr;
  database: TestStore;
  sandbox: Sandbox & { url: string };
  wire: Wire;
  base(hospital: string): string;
  /** Everything a hospital holds, read past its personality. */
  held(hospital: string, type: string): Promise<Resource[]>;
  close(): Promise<void>;
}

export interface HospitalSpec {
  id: string;
  personality: 'vendor' | 'open';
  bundles: Resource[];
}

/** A plan as a document, from the plan alone: what the test can tell apart. */
const renderPlan: EhrDeps['renderPlanDocument'] = async (store, planId) => {
  const stored = await store.read('CarePlan', planId);
  const plan = parseJson(stored?.json ?? '{}');
  const title = typeof plan === 'object' && plan !== null && 'title' in plan ? String(plan.title) : '';
  return {
    ok: true,
    value: { title, html: `<html xmlns="http://www.w3.org/1999/xhtml"><body>${title}</body></html>` },
  };
};

/** Real hospitals over HTTP, a real database, and a wire that counts and can be cut. */
export async function openScene(hospitals: HospitalSpec[], leaseSeconds = 0, care?: Care): Promise<Scene> {
  const keys = await generateKeys('ES384');
  const sandbox = await listenSandbox({
    port: 0,
    hospitals: hospitals.map((hospital) => ({ ...hospital, name: `${hospital.id} hospital` })),
    clients: [
      {
        id: 'careweave',
        name: 'Careweave',
        jwks: { keys: [keys.publicJwk] },
        scopes: 'system/*.cruds',
        redirectUris: [],
      },
    ],
  });
  const wire: Wire = { sent: [] };
  const deps: Parameters<typeof createEhr>[0] = {
    clock: { now: () => new Date() },
    log: testLogger(),
    fhirBaseUrl: 'http://careweave.test/fhir',
    clientKey: keys.privateJwk,
    fetchFor: (origins) => watched(createGuardedFetch({ allowedOrigins: origins, allowLoopback: true }), wire),
    renderPlanDocument: care?.renderPlanDocument ?? renderPlan,
    pause: async () => undefined,
    leaseSeconds,
  };
  const ehr = createEhr(deps);
  const database = await createTestStore({
    checks: [...(care?.module.checks ?? []), ...(ehr.module.checks ?? [])],
    effects: [...(care?.module.effects ?? []), ...(ehr.module.effects ?? [])],
    conclusions: [...(care?.module.conclusions ?? []), ...(ehr.module.conclusions ?? [])],
  });
  return {
    ehr,
    database,
    sandbox,
    wire,
    base: (hospital) => `${sandbox.url}/ehr/${hospital}/fhir`,
    held: (hospital, type) => heldBy(sandbox, hospital, type),
    async close() {
      await sandbox.close();
      await database.drop();
    },
  };
}

function watched(fetch: GuardedFetch, wire: Wire): GuardedFetch {
  const send = async (url: string, request: OutboundRequest = {}) => {
    const method = request.method ?? 'GET';
    wire.sent.push({ method, url: url.split('?')[0] ?? url, token: request.token !== undefined });
    const answer = (await wire.instead?.(url, request)) ?? (await fetch(url, request));
    wire.afterSend?.(method, url);
    if (wire.loseAnswer?.(method, url)) return { ok: false, error: { class: 'timeout', text: 'lost' } } as const;
    return answer;
  };
  return Object.assign(send, { close: () => fetch.close() });
}

async function heldBy(sandbox: Sandbox, id: string, type: string): Promise<Resource[]> {
  const hospital = sandbox.hospitals.find((each) => each.id === id);
  if (!hospital) throw new Error(`no hospital ${id}`);
  const found = await hospital.chart.search(type, new URLSearchParams({ _count: '1000' }));
  if (!('ids' in found)) throw new Error(`no search of ${type}`);
  const read = await Promise.all(found.ids.map((each) => hospital.chart.read(type, each)));
  return read.flatMap((answer) => answer.resource ?? []);
}

/** Adds the shared plan of a child, as care would, and says which one is active. */
export async function sharePlan(scene: Scene, patientId: string, planId: string, title: string): Promise<void> {
  const done = await scene.database.store.transact({ kind: 'system', id: 'care', requestId: 'test' }, async (tx) => {
    await tx.query('insert into shared_plan (patient_id, plan_id) values ($1, $2) on conflict do nothing', [
      patientId,
      planId,
    ]);
    return tx.update({
      resourceType: 'CarePlan',
      id: planId,
      status: 'active',
      intent: 'plan',
      title,
      category: [{ coding: [{ system: planCategorySystem, code: sharedPlanCode }] }],
      subject: { reference: `Patient/${patientId}` },
    });
  });
  if (!done.ok) throw new Error(done.error.issues[0]?.text);
}

/** Adds a hospital of the sandbox as a site. */
export async function addSite(scene: Scene, id: string, more: Partial<NewSite> = {}): Promise<void> {
  const site = { id, name: `${id} hospital`, baseUrl: scene.base(id), clientId: 'careweave', scopes: 'system/*.cruds' };
  const added = await scene.ehr.addSite(scene.database.store, { ...site, ...more });
  if (!added.ok) throw new Error(added.error.issues[0]?.text);
}

/** Runs a sync that must succeed. */
export async function sync(scene: Scene, id: string): Promise<RunSummary> {
  const run = await scene.ehr.runSync(scene.database.store, id);
  if (!run.ok) throw new Error(run.error.issues[0]?.text);
  return run.value;
}

/** Everything of one type that Careweave holds now. */
export async function ours(scene: Scene, type: string): Promise<Resource[]> {
  const rows = await scene.database.store.query<{ content: string }>(
    'select content from resource where type = $1 and not deleted order by key',
    [type],
  );
  return rows.map((row) => parseJson(row.content) as Resource);
}

/** How many versions were ever written: two equal numbers mean that nothing happened in between. */
export async function versions(scene: Scene): Promise<number> {
  const [row] = await scene.database.store.query<{ n: number }>('select count(*)::int as n from change_log');
  return row?.n ?? 0;
}
